"""The accuracy gate: how much worse the integer network may be, and which layers make it worse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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
            f"{what} drops by {drop:.4f}, must drop by at most {largest:g}; most hurt: {named}"
        )
        self.drop, self.layers = drop, layers


@dataclass(frozen=True)
class LayerHarm:
    """What is left of the output's squared error when a layer alone goes back to FP32."""

    layer: str
    left: float


def class_numbers(labels: Array, windows: int, names: Sequence[str], what: str = "labels") -> Array:
    """int64 [windows] of labels that are class numbers already, or names of classes.

    `names` are the model's classes, `what` says in errors where the labels came from. Raises
    ValueError: a label that is no class agrees with no network, and every drop of it would be 0.
    """
    if labels.shape != (windows,):
        raise ValueError(f"{what} have shape {labels.shape}, must be ({windows},)")
    if labels.dtype.kind == "U":
        numbers = {name: number for number, name in enumerate(names)}
        strange = [i for i, name in enumerate(labels.tolist()) if name not in numbers]
        bound = f"of {', '.join(names)}"
    elif labels.dtype.kind in "iu":
        strange = np.flatnonzero((labels < 0) | (labels >= len(names))).tolist()
        bound = f"0 to {len(names) - 1}, the number of a class"
    else:
        raise ValueError(
            f"{what} are {labels.dtype}, must be integers 0 to {len(names) - 1} or names of classes"
        )
    if strange:
        raise ValueError(f"{what}[{strange[0]}] is {labels[strange[0]].item()!r}, must be {bound}")
    if labels.dtype.kind == "U":
        return np.array([numbers[name] for name in labels.tolist()], np.int64)
    return labels.astype(np.int64)


@dataclass(frozen=True)
class Comparison:
    """How many of the gate's windows FP32 and INT8 get right; without labels, FP32 is right."""

    what: str
    windows: int
    original: int
    integer: int

    @property
    def drop(self) -> float:
        """As a share of the windows."""
        return (self.original - self.integer) / self.windows

    def __str__(self) -> str:
        shares = [f"{right / self.windows:.4f}" for right in (self.original, self.integer)]
        figures = f"FP32 {shares[0]}, INT8 {shares[1]}, drop {self.drop:.4f}"
        return f"{self.what} on {self.windows} windows: {figures}"


@dataclass(frozen=True)
class Gate:
    """Windows on which FP32 and INT8 are compared, and the drop that is allowed.

    With `labels` the drop is that of the accuracy; without it is the share of windows that get
    another label than in FP32. Labels are class numbers, see `class_numbers`.
    """

    windows: Array
    labels: Array | None
    largest: float

    def __post_init__(self) -> None:
        if not 0 <= self.largest < 1:
            raise ValueError(f"max_drop is {self.largest}, must be 0 or above, below 1")

    @property
    def what(self) -> str:
        return "accuracy" if self.labels is not None else "agreement with FP32"

    def compare(self, network: Network, integer: Network) -> Comparison:
        """How much of the windows each of the networks gets right."""
        original = network.run(self.windows).argmax(axis=1)
        found = integer.run(self.windows).argmax(axis=1)
        right = original if self.labels is None else self.labels
        counts = (int(np.count_nonzero(labels == right)) for labels in (original, found))
        return Comparison(self.what, len(self.windows), *counts)


def harms(network: Network, make: Make, keep: Collection[str], windows: Array) -> list[LayerHarm]:
    """Layers that could stay FP32 beside `keep`, the one that takes most of the error first."""
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
    network: Network,
    make: Make,
    gate: Gate,
    keep: Collection[str],
    mixed: bool,
    tell: Callable[[str], None],
) -> set[str]:
    """The names of the layers in FP32 with which the gate is passed.

    Where `mixed` is not allowed these are `keep`. `tell` gets a line on every comparison. Raises
    AccuracyDrop where the gate is not passed.
    """
    kept = set(keep)
    while True:
        compared = gate.compare(network, make(kept))
        tell(f"{compared}, at most {gate.largest:g}")
        if compared.drop <= gate.largest:
            return kept
        found = harms(network, make, kept, gate.windows)
        if not mixed or not found:
            raise AccuracyDrop(compared.drop, gate.largest, gate.what, found[:3])
        kept.add(found[0].layer)
