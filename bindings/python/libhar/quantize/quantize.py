"""The whole quantization."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from libhar import flat, schema
from libhar.golden import add_golden, recordings_of
from libhar.model import Model
from libhar.quantize.fold import fold_affines
from libhar.quantize.ranges import calibrate
from libhar.quantize.report import LayerError, layer_errors
from libhar.quantize.rewrite import Rewriter
from libhar.reference.codes import Array
from libhar.reference.network import Network

PERCENTILE = 99.9
"""Ranges by minimum and maximum cost accuracy; by this percentile they cost none that shows."""


def quantize(
    model: schema.Model, windows: Array, percentile: float = PERCENTILE
) -> tuple[schema.Model, list[LayerError]]:
    """The INT8 form of an FP32 model, and the error of every layer.

    `windows` are float32 [windows, window, columns] after the signal steps, from people that
    training saw; some hundreds are enough. The card's measurements are left out, as they are not
    the integer network's; golden vectors are computed anew. Raises ValueError, HarError.
    """
    if model.graph is None:
        raise ValueError("the model holds no network")
    if any(t.dtype is not schema.DType.F32 for t in model.graph.tensors):
        raise ValueError("the model is not FP32: it has integer tensors already")
    if not 50 < percentile <= 100:
        raise ValueError(f"percentile is {percentile}, must be above 50, at most 100")
    folded = fold_affines(model.graph, model.buffers)
    network = Network(folded.graph, folded.buffers)
    _check_windows(windows, network)
    wanted = network.run_all(windows)
    rewriter = Rewriter(network, calibrate(folded.graph, wanted, percentile), wanted)
    builder = rewriter.rewrite()
    integer = Network(builder.graph, builder.buffers)
    errors = layer_errors(integer, wanted, integer.run_all(windows), rewriter.made)
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


def _check_windows(windows: Array, network: Network) -> None:
    shape = network.shape(network.graph.input)
    if windows.ndim != 3 or windows.shape[1:] != shape or len(windows) == 0:
        raise ValueError(
            f"windows have shape {windows.shape}, must be [windows, {shape[0]}, {shape[1]}]"
        )
    if not np.isfinite(windows).all():
        raise ValueError("windows hold a value that is not finite")
