"""Running a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from libhar import schema
from libhar.reference import functions, rows
from libhar.reference.codes import F32, Array, code, dequantize, quantize

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
        self.graph = graph
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
            result = handler(Call(self, op, values))
            values[output] = result.reshape(len(windows), *self.shape(output))
        return values

    def shape(self, tensor: int) -> tuple[int, int]:
        """Rows and columns of a computed tensor."""
        shape = self.graph.tensors[tensor].shape
        return (1, int(shape[0])) if len(shape) == 1 else (int(shape[0]), int(shape[1]))


class Call:
    """One op at work: its inputs and what is known of them."""

    def __init__(self, network: Network, op: schema.Op, values: Mapping[int, Array]) -> None:
        self.network, self.op, self.values = network, op, values

    def tensor(self, position: int) -> schema.Tensor:
        return self.network.graph.tensors[int(self.op.inputs[position])]

    @property
    def out(self) -> schema.Tensor:
        return self.network.graph.tensors[int(self.op.outputs[0])]

    def value(self, position: int) -> Array:
        index = int(self.op.inputs[position])
        return self.values[index] if index in self.values else self.network.constants[index]

    def shifted(self, position: int) -> Array:
        """Codes minus their zero point, int32; float32 as it is."""
        x = self.value(position)
        return (
            x if x.dtype == F32 else x.astype(np.int32) - np.int32(zero_of(self.tensor(position)))
        )


def scale_of(tensor: schema.Tensor) -> np.float32:
    assert tensor.quantization is not None
    return F32(tensor.quantization.scales[0])


def zero_of(tensor: schema.Tensor) -> int:
    return tensor.quantization.zero_point if tensor.quantization else 0


def _weighted(call: Call, sums: Array) -> Array:
    """Bias and requantization of sums [..., outputs]."""
    x, weight, out = call.tensor(0), call.tensor(1), call.out
    if x.dtype is schema.DType.F32:
        return sums + call.value(2) if len(call.op.inputs) > 2 else sums
    if len(call.op.inputs) > 2:
        sums = sums + call.value(2).astype(np.int64)
    assert np.abs(sums).max(initial=0) < 2**31
    assert weight.quantization is not None
    product = scale_of(x) * weight.quantization.scales.astype(F32)
    converted = sums.astype(np.int32).astype(F32)
    if out.dtype is schema.DType.F32:
        return converted * product
    return code(converted * (product / scale_of(out)), zero_of(out), 0, 255)


def _matrix_product(x: Array, weight: Array) -> Array:
    """x [..., k] times weight [out, k]; integers exactly, as products of binary64."""
    if x.dtype == F32:
        return np.asarray(x @ weight.T, F32)
    return np.rint(x.astype(np.float64) @ weight.T.astype(np.float64)).astype(np.int64)


def _conv1d(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Conv1d)
    x, weight = call.shifted(0), call.value(1)
    outputs, kernel, group_inputs = weight.shape
    left, right = rows.pads(params, x.shape[1], kernel, params.dilation)
    taken = rows.patches(x, kernel, params.stride, params.dilation, (left, right, 0))
    group_outputs = outputs // params.groups
    sums = [
        _matrix_product(
            taken[..., g * group_inputs : (g + 1) * group_inputs].reshape(*taken.shape[:2], -1),
            weight[g * group_outputs : (g + 1) * group_outputs].reshape(group_outputs, -1),
        )
        for g in range(params.groups)
    ]
    return _weighted(call, np.concatenate(sums, axis=-1))


def _dense(call: Call) -> Array:
    return _weighted(call, _matrix_product(call.shifted(0), call.value(1)))


def _mean(call: Call, sums: Array, count: int) -> Array:
    """A mean of `count` rows; `sums` of floats, or of codes minus the zero point."""
    if call.tensor(0).dtype is schema.DType.F32:
        return sums / F32(count)
    multiplier = (scale_of(call.tensor(0)) / scale_of(call.out)) / F32(count)
    return code(sums.astype(F32) * multiplier, zero_of(call.out), 0, 255)


def _pool(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Pool)
    x = call.shifted(0)
    left, right = rows.pads(params, x.shape[1], params.kernel, 1)
    present = np.ones((1, x.shape[1], 1), bool)
    inside = rows.patches(present, params.kernel, params.stride, 1, (left, right, False))[
        0, :, :, 0
    ]
    taken = rows.patches(x, params.kernel, params.stride, 1, (left, right, 0))
    parts = []
    for t, mask in enumerate(inside):
        covered = taken[:, t, mask]
        if params.kind is schema.PoolKind.MAX:
            parts.append(covered.max(axis=1) + x.dtype.type(zero_of(call.tensor(0))))
        else:
            count = params.kernel if params.count_padding else int(mask.sum())
            parts.append(_mean(call, covered.sum(axis=1, dtype=x.dtype), count))
    return np.stack(parts, axis=1)


def _adaptive_pool(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.AdaptivePool)
    x = call.shifted(0)
    ranges = rows.adaptive_ranges(x.shape[1], params.rows)
    return np.stack(
        [_mean(call, x[:, a:b].sum(axis=1, dtype=x.dtype), b - a) for a, b in ranges], axis=1
    )


def _global_pool(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.GlobalPool)
    if params.kind is schema.PoolKind.MAX:
        return np.asarray(call.value(0).max(axis=1))
    x = call.shifted(0)
    return _mean(call, x.sum(axis=1, dtype=x.dtype), x.shape[1])


def _add(call: Call) -> Array:
    a, b = call.shifted(0), call.shifted(1)
    if a.dtype == F32:
        return np.asarray(a + b)
    terms = [
        v.astype(F32) * (scale_of(call.tensor(i)) / scale_of(call.out))
        for i, v in enumerate((a, b))
    ]
    return code(terms[0] + terms[1], zero_of(call.out), 0, 255)


def _concat(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Concat)
    return np.concatenate([call.value(i) for i in range(len(call.op.inputs))], 1 + params.axis)


def _activation(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Activation)
    x, kind = call.value(0), params.kind
    curves = {
        schema.ActivationKind.SIGMOID: functions.sigmoid,
        schema.ActivationKind.TANH: functions.tanh,
    }
    if kind in curves:
        if x.dtype == F32:
            return curves[kind](x)
        source = call.tensor(0)
        real = dequantize(x, scale_of(source), zero_of(source))
        return quantize(curves[kind](real), scale_of(call.out), zero_of(call.out), 0, 255)
    if kind is schema.ActivationKind.NONE:
        return x
    zero = zero_of(call.out)
    if x.dtype == F32:
        return np.clip(x, F32(0), F32(6) if kind is schema.ActivationKind.RELU6 else None)
    if kind is schema.ActivationKind.RELU:
        return np.maximum(x, zero)
    six = int(np.rint(min(F32(6) / scale_of(call.out), F32(255))))
    return np.clip(x, zero, min(255, zero + six))


def _affine(call: Call) -> Array:
    return np.asarray(call.value(0) * call.value(1) + call.value(2))


def _quantize(call: Call) -> Array:
    low, high = CODE_RANGES[call.out.dtype]
    return quantize(call.value(0), scale_of(call.out), zero_of(call.out), low, high)


def _dequantize(call: Call) -> Array:
    source = call.tensor(0)
    return dequantize(call.value(0), scale_of(source), zero_of(source))


_HANDLERS: dict[type, Callable[[Call], Array]] = {
    schema.Conv1d: _conv1d,
    schema.Dense: _dense,
    schema.Pool: _pool,
    schema.AdaptivePool: _adaptive_pool,
    schema.GlobalPool: _global_pool,
    schema.Add: _add,
    schema.Concat: _concat,
    schema.Activation: _activation,
    schema.Affine: _affine,
    schema.Softmax: lambda call: functions.softmax(call.value(0)),
    schema.Flatten: lambda call: call.value(0),
    schema.Quantize: _quantize,
    schema.Dequantize: _dequantize,
}
