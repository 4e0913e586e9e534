"""The range of a recurrent layer's state: from calibration or by its bound, as measured."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from libhar import schema
from libhar.quantize.ranges import codes_of, range_of
from libhar.quantize.rewrite import Rewriter
from libhar.reference.codes import Array
from libhar.reference.network import Network

MOST_WINDOWS = 64
"""Windows that a range is measured on."""


def state_ranges(
    network: Network, values: Mapping[int, Array], percentile: float
) -> dict[int, tuple[float, float]]:
    """For every recurrent layer the range of its output that gives the smallest error.

    Tried are the percentile's range, the whole range seen, and -1 to 1, which tanh, LSTM and GRU
    cannot leave. The layer is run with each in integers on the FP32 values of its input.
    """
    return {
        int(op.outputs[0]): _best(network, op, values, percentile)
        for op in network.graph.ops
        if isinstance(op.params, schema.Recurrent)
    }


def _best(
    network: Network, op: schema.Op, values: Mapping[int, Array], percentile: float
) -> tuple[float, float]:
    assert isinstance(op.params, schema.Recurrent)
    x, wanted = int(op.inputs[0]), values[int(op.outputs[0])]
    options = [range_of(wanted, p) for p in (percentile, 100.0)]
    if op.params.activation is schema.ActivationKind.TANH:
        options.append((-1.0, 1.0))
    windows = values[x][:MOST_WINDOWS]
    errors = [_error(network, op, windows, wanted[:MOST_WINDOWS], option) for option in options]
    return options[int(np.argmin(errors))]


def _error(
    network: Network, op: schema.Op, windows: Array, wanted: Array, option: tuple[float, float]
) -> float:
    """The mean squared error of the layer alone."""
    x, output = int(op.inputs[0]), int(op.outputs[0])
    graph = schema.Graph(network.graph.tensors, [op], x, output)
    alone = Network(graph, network.buffers)
    builder = Rewriter(alone, {output: codes_of(*option)}, {x: windows}).rewrite()
    found = Network(builder.graph, builder.buffers).run_all(windows)[builder.graph.output]
    return float(np.square(found.astype(np.float64) - wanted).mean())
