"""The accuracy gate: how much worse the integer network may be, and which layers make it worse."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from libhar import schema
from libhar.reference.codes import Array
from libhar.reference.network import Network

MOST_WINDOWS = 64
"""Windows on which layers are compared."""

Make = Callable[[Collection[str]], Network]
"""The integer network with the layers of these names in FP32."""


class AccuracyDrop(ValueError):
    """The integer network is worse than allowed. `layers` are those that hurt most, first."""

    def __init__(self, drop: float, largest: float, what: str, layers: list[LayerHarm]) -> None:
        named = "; ".join(f"{h.layer!r} in FP32: {h.left:.0%} of the error left" for h in layers)
        super().__init__(
            f"{what} drops by {drop:.4f}, must drop by at most {largest:g}; what hurts most: {named}"
        )
        self.drop, self.layers = drop, layers


@dataclass(frozen=True)
class LayerHarm:
    """What is left of the output's squared error when a layer alone goes back to FP32."""

    layer: str
    left: float


@dataclass(frozen=True)
class Gate:
    """Windows on which FP32 and INT8 are compared, and the drop that is allowed.

    With `labels` the drop is that of the accuracy; without it is the share of windows that get
    another label than in FP32.
    """

    windows: Array
    labels: Array | None
    largest: float

    def __post_init__(self) -> None:
        if not 0 <= self.largest < 1:
            raise ValueError(f"max_drop is {self.largest}, must be 0 or above, below 1")
        if self.labels is not None and self.labels.shape != (len(self.windows),):
            raise ValueError(
                f"labels have shape {self.labels.shape}, must be ({len(self.windows)},)"
            )

    @property
    def what(self) -> str:
        return "accuracy" if self.labels is not None else "agreement with FP32"

    def drop(self, network: Network, integer: Network) -> float:
        """How much of the windows the integer network gets wrong more."""
        wanted = network.run(self.windows).argmax(axis=1)
        found = integer.run(self.windows).argmax(axis=1)
        if self.labels is None:
            return float(np.mean(found != wanted))
        return float(np.mean(wanted == self.labels) - np.mean(found == self.labels))


def harms(network: Network, make: Make, keep: Collection[str], windows: Array) -> list[LayerHarm]:
    """Every layer that could stay FP32 beside `keep`, the one that takes most of the error first."""
    few = windows[:MOST_WINDOWS]
    wanted = network.run(few)

    def error(names: Collection[str]) -> float:
        return float(np.square(make(names).run(few) - wanted).mean())

    whole = max(error(keep), np.finfo(np.float64).tiny)
    names = [op.name for op in network.graph.ops if op.name not in keep and _matters(op)]
    found = [LayerHarm(name, error({*keep, name}) / whole) for name in names]
    return sorted(found, key=lambda harm: harm.left)


def _matters(op: schema.Op) -> bool:
    """Whether the op loses accuracy by itself; what copies codes loses none."""
    return not isinstance(op.params, (schema.Flatten, schema.Slice, schema.Concat, schema.Softmax))


def pass_gate(
    network: Network, make: Make, gate: Gate, keep: Collection[str], mixed: bool
) -> set[str]:
    """The names of the layers in FP32 with which the gate is passed.

    Where `mixed` is not allowed these are `keep`. Raises AccuracyDrop where the gate is not passed.
    """
    kept = set(keep)
    while (drop := gate.drop(network, make(kept))) > gate.largest:
        found = harms(network, make, kept, gate.windows)
        if not mixed or not found:
            raise AccuracyDrop(drop, gate.largest, gate.what, found[:3])
        kept.add(found[0].layer)
    return kept
