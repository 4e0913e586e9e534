"""Running a graph."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from libhar import schema
from libhar.reference import functions, rows
from libhar.reference.activations import activation
from libhar.reference.arithmetic import add, affine, multiply
from libhar.reference.attention import attention
from libhar.reference.call import Call, converted, matrix_product, scale_of, scales_of, zero_of
from libhar.reference.codes import F32, Array, dequantize, quantize
from libhar.reference.norm import layer_norm
from libhar.reference.pools import adaptive_pool, global_pool, pool
from libhar.reference.recurrent import recurrent

NUMPY_TYPES = {
    schema.DType.F32: "<f4",
    schema.DType.I32: "<i4",
    schema.DType.I16: "<i2",
    schema.DType.I8: "i1",
    schema.DType.U8: "u1",
}
CODE_RANGES = {schema.DType.U8: (0, 255), schema.DType.I16: (-32767, 32767)}


class Network:
    """The graph of a model, ready to run on batches of windows."""

    def __init__(self, graph: schema.Graph, buffers: list[schema.Buffer]) -> None:
        self.graph, self.buffers = graph, buffers
        self.constants = {
            i: np.frombuffer(buffers[t.buffer].data.tobytes(), NUMPY_TYPES[t.dtype]).reshape(
                t.shape
            )
            for i, t in enumerate(graph.tensors)
            if t.buffer >= 0
        }

    def run(self, windows: Array) -> Array:
        """The output [windows, classes] for float32 [windows, rows, columns]."""
        values = self.run_all(windows)
        return values[self.graph.output].reshape(len(windows), -1)

    def run_all(self, windows: Array) -> dict[int, Array]:
        """Every computed tensor, [windows, rows, columns]; integer ones as int32 codes."""
        values: dict[int, Array] = {self.graph.input: np.asarray(windows, F32)}
        for op in self.graph.ops:
            handler = _HANDLERS[type(op.params)]
            output = int(op.outputs[0])
            result = handler(Call(self.graph, self.constants, op, values))
            values[output] = result.reshape(len(windows), *self.shape(output))
        return values

    def shape(self, tensor: int) -> tuple[int, int]:
        """Rows and columns of a computed tensor."""
        shape = self.graph.tensors[tensor].shape
        return (1, int(shape[0])) if len(shape) == 1 else (int(shape[0]), int(shape[1]))


def _weighted(call: Call, sums: Array) -> Array:
    """Bias and requantization of sums [..., outputs]."""
    if call.count > 2:
        sums = sums + call.value(2)
    if sums.dtype == F32:
        return sums
    product = scale_of(call.tensor(0)) * scales_of(call.tensor(1))
    if call.out.dtype is schema.DType.F32:
        return converted(sums) * product
    return call.requantized(converted(sums) * (product / scale_of(call.out)))


def _conv1d(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Conv1d)
    x, weight = call.shifted(0), call.value(1)
    outputs, kernel, group_inputs = weight.shape
    left, right = rows.pads(params, x.shape[1], kernel, params.dilation)
    taken = rows.patches(x, kernel, params.stride, params.dilation, (left, right, 0))
    group_outputs = outputs // params.groups
    sums = [
        matrix_product(
            taken[..., g * group_inputs : (g + 1) * group_inputs].reshape(*taken.shape[:2], -1),
            weight[g * group_outputs : (g + 1) * group_outputs].reshape(group_outputs, -1),
        )
        for g in range(params.groups)
    ]
    return _weighted(call, np.concatenate(sums, axis=-1))


def _dense(call: Call) -> Array:
    return _weighted(call, matrix_product(call.shifted(0), call.value(1)))


def _concat(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Concat)
    return np.concatenate([call.value(i) for i in range(len(call.op.inputs))], 1 + params.axis)


def _softmax(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Softmax)
    axis = 1 + params.axis
    return functions.softmax(call.value(0).swapaxes(axis, -1)).swapaxes(axis, -1)


def _slice(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Slice)
    return call.value(0).take(range(params.begin, params.begin + params.count), 1 + params.axis)


def _quantize(call: Call) -> Array:
    low, high = CODE_RANGES[call.out.dtype]
    return quantize(call.value(0), scale_of(call.out), zero_of(call.out), low, high)


def _dequantize(call: Call) -> Array:
    source = call.tensor(0)
    return dequantize(call.value(0), scale_of(source), zero_of(source))


_HANDLERS: dict[type, Callable[[Call], Array]] = {
    schema.Conv1d: _conv1d,
    schema.Dense: _dense,
    schema.Pool: pool,
    schema.AdaptivePool: adaptive_pool,
    schema.GlobalPool: global_pool,
    schema.Add: add,
    schema.Multiply: multiply,
    schema.Concat: _concat,
    schema.Slice: _slice,
    schema.Activation: activation,
    schema.Affine: affine,
    schema.LayerNorm: layer_norm,
    schema.Attention: attention,
    schema.Recurrent: recurrent,
    schema.Softmax: _softmax,
    schema.Flatten: lambda call: call.value(0),
    schema.Quantize: _quantize,
    schema.Dequantize: _dequantize,
}
