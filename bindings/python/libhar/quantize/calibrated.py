"""An FP32 model whose tensors have their codes: what is left is to write it in integers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from libhar import flat, schema
from libhar.golden import add_golden, recordings_of
from libhar.model import Model
from libhar.quantize.fold import fold_affines
from libhar.quantize.gate import Gate, class_numbers, pass_gate
from libhar.quantize.ranges import Codes, calibrate
from libhar.quantize.report import LayerError, layer_errors
from libhar.quantize.rewrite import Rewriter
from libhar.quantize.states import state_ranges
from libhar.reference.codes import Array
from libhar.reference.network import Network

PERCENTILE = 99.9
"""Ranges by minimum and maximum cost accuracy; by this percentile they cost none that shows."""


@dataclass(frozen=True)
class Accuracy:
    """What the integer network may lose, and what may be done about it.

    `max_drop` is the largest drop, of the accuracy on `windows` [n, window, columns] with `labels`
    [n], class numbers or names, that calibration did not see, or without these the share of
    calibration windows that get another label than in FP32. None allows any. `keep` names layers
    that stay FP32; with `mixed` those that hurt most stay FP32, too, one after the other, until the
    drop is small enough. `tell` gets a line with both accuracies for every comparison.
    """

    max_drop: float | None = None
    windows: Array | None = None
    labels: Array | None = None
    keep: Collection[str] = ()
    mixed: bool = False
    tell: Callable[[str], None] = lambda line: None


@dataclass(frozen=True)
class Calibrated:
    """A network with its affines folded, the codes of its tensors, and what these came from."""

    model: schema.Model
    original: Network
    """What the gate compares with: `network` before anything was tuned."""
    network: Network
    codes: Mapping[int, Codes]
    windows: Array
    values: Mapping[int, Array]
    """Every computed tensor of `network` on `windows`."""

    def with_constants(self, constants: Mapping[int, Array]) -> Calibrated:
        """The same network and codes with other values, by tensor, of the same shapes."""
        graph, buffers = self.network.graph, list(self.network.buffers)
        for tensor, value in constants.items():
            data = np.frombuffer(np.ascontiguousarray(value, "<f4").tobytes(), np.uint8)
            buffers[graph.tensors[tensor].buffer] = schema.Buffer(data)
        changed = Network(graph, buffers)
        return replace(self, network=changed, values=changed.run_all(self.windows))

    def integer(self, keep: Collection[str] = ()) -> Network:
        """The integer network with the layers of these names in FP32."""
        made = self._rewriter(keep).rewrite()
        return Network(made.graph, made.buffers)

    def quantized(self, accuracy: Accuracy | None = None) -> tuple[schema.Model, list[LayerError]]:
        """The INT8 model and the error of every layer. Raises as `quantize` does."""
        chosen = self._rewriter(self._kept(accuracy or Accuracy()))
        builder = chosen.rewrite()
        integer = Network(builder.graph, builder.buffers)
        found = integer.run_all(self.windows)
        model = self.model
        result = replace(
            model,
            name=f"{model.name}_int8",
            card=replace(model.card, measurements=[]) if model.card else None,
            graph=builder.graph,
            buffers=builder.buffers,
            golden=[],
            checksum=schema.Checksum(),
        )
        add_golden(result, recordings_of(model), integer.run, exact=True)
        Model(flat.encode(result))
        return result, layer_errors(integer, self.values, found, chosen.made)

    def _rewriter(self, keep: Collection[str]) -> Rewriter:
        return Rewriter(self.network, self.codes, self.values, keep)

    def _kept(self, asked: Accuracy) -> set[str]:
        """The layers that stay FP32."""
        _check_names(self.network, asked.keep)
        if asked.max_drop is None:
            return set(asked.keep)
        gate = _gate(asked, asked.max_drop, self)
        return pass_gate(self.original, self.integer, gate, asked.keep, asked.mixed, asked.tell)


def calibration(model: schema.Model, windows: Array, percentile: float = PERCENTILE) -> Calibrated:
    """Codes for an FP32 model from float32 `windows` [windows, window, columns].

    Raises ValueError.
    """
    network = _folded(model, windows, percentile)
    values = network.run_all(windows)
    ranges = state_ranges(network, values, percentile)
    codes = calibrate(network.graph, values, percentile, ranges)
    return Calibrated(model, network, network, codes, windows, values)


def _folded(model: schema.Model, windows: Array, percentile: float) -> Network:
    """The FP32 network with its affines folded; checks what was given."""
    if model.graph is None:
        raise ValueError("the model holds no network")
    if any(t.dtype is not schema.DType.F32 for t in model.graph.tensors):
        raise ValueError("the model is not FP32: it has integer tensors already")
    if not 50 < percentile <= 100:
        raise ValueError(f"percentile is {percentile}, must be above 50, at most 100")
    folded = fold_affines(model.graph, model.buffers)
    network = Network(folded.graph, folded.buffers)
    _check_windows(windows, network)
    return network


def _gate(asked: Accuracy, max_drop: float, calibrated: Calibrated) -> Gate:
    if (asked.windows is None) != (asked.labels is None):
        raise ValueError("windows to check need labels, and labels windows")
    if asked.windows is None or asked.labels is None:
        return Gate(calibrated.windows, None, max_drop)
    _check_windows(asked.windows, calibrated.network)
    labels = class_numbers(asked.labels, len(asked.windows), calibrated.model.labels)
    return Gate(asked.windows, labels, max_drop)


def _check_names(network: Network, keep: Collection[str]) -> None:
    names = [op.name for op in network.graph.ops]
    unknown = [name for name in keep if name not in names]
    if unknown:
        raise ValueError(f"keep names {unknown}, the layers are {names}")


def _check_windows(windows: Array, network: Network) -> None:
    shape = network.shape(network.graph.input)
    if windows.ndim != 3 or windows.shape[1:] != shape or len(windows) == 0:
        raise ValueError(
            f"windows have shape {windows.shape}, must be [windows, {shape[0]}, {shape[1]}]"
        )
    if not np.isfinite(windows).all():
        raise ValueError("windows hold a value that is not finite")
