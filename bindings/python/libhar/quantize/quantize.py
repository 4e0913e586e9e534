"""The whole quantization."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from libhar import flat, schema
from libhar.golden import add_golden, recordings_of
from libhar.model import Model
from libhar.quantize.fold import fold_affines
from libhar.quantize.gate import Gate, pass_gate
from libhar.quantize.ranges import calibrate
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
    [n] that calibration did not see, or without these the share of calibration windows that get
    another label than in FP32. None allows any. `keep` names layers that stay FP32; with `mixed`
    those that hurt most stay FP32, too, one after the other, until the drop is small enough.
    """

    max_drop: float | None = None
    windows: Array | None = None
    labels: Array | None = None
    keep: Collection[str] = ()
    mixed: bool = False


def quantize(
    model: schema.Model,
    windows: Array,
    percentile: float = PERCENTILE,
    accuracy: Accuracy | None = None,
) -> tuple[schema.Model, list[LayerError]]:
    """The INT8 form of an FP32 model, and the error of every layer.

    `windows` are float32 [windows, window, columns] after the signal steps, from people that
    training saw; some hundreds are enough. The card's measurements are left out, as they are not
    the integer network's; golden vectors are computed anew. Raises ValueError, AccuracyDrop where
    the network gets worse than `accuracy` allows, HarError.
    """
    network = _folded(model, windows, percentile)
    wanted = network.run_all(windows)
    ranges = state_ranges(network, wanted, percentile)
    codes = calibrate(network.graph, wanted, percentile, ranges)
    asked = accuracy or Accuracy()
    _check_names(network, asked.keep)

    def rewriter(keep: Collection[str]) -> Rewriter:
        return Rewriter(network, codes, wanted, keep)

    def make(keep: Collection[str]) -> Network:
        made = rewriter(keep).rewrite()
        return Network(made.graph, made.buffers)

    keep = set(asked.keep)
    if asked.max_drop is not None:
        gate = _gate(asked, asked.max_drop, windows, network)
        keep = pass_gate(network, make, gate, keep, asked.mixed)
    chosen = rewriter(keep)
    builder = chosen.rewrite()
    integer = Network(builder.graph, builder.buffers)
    errors = layer_errors(integer, wanted, integer.run_all(windows), chosen.made)
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
    return result, errors


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


def _gate(asked: Accuracy, max_drop: float, windows: Array, network: Network) -> Gate:
    if (asked.windows is None) != (asked.labels is None):
        raise ValueError("windows to check need labels, and labels windows")
    if asked.windows is None:
        return Gate(windows, None, max_drop)
    _check_windows(asked.windows, network)
    return Gate(asked.windows, asked.labels, max_drop)


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
