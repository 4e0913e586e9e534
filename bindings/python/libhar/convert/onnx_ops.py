"""The ONNX ops that the importer takes, one function each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.onnx_graph import Importer, as_float32, attributes, refuse
from libhar.convert.onnx_shape import SHAPE_HANDLERS, require_channels_time, require_features
from libhar.convert.sliding import along_time, padding_of, pool_params, rows_after
from libhar.convert.values import Computed, Constant, Layout, feature_order

Handler = Callable[[Importer, onnx.NodeProto], Computed]


def _emit(
    importer: Importer,
    node: onnx.NodeProto,
    params: schema.OpParams,
    inputs: list[int],
    rows: int,
    columns: int,
    like: Computed,
) -> Computed:
    """One op with a new tensor; the result has the layout of `like`."""
    name = node.name or node.output[0]
    output = importer.builder.computed(node.output[0], rows, columns)
    importer.builder.op(name, params, inputs, output)
    return Computed(output, like.layout, like.flattened)


def _conv(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    if x.layout is not Layout.CHANNELS_TIME:
        raise refuse(node, f"its input is {x.layout.value}", "convolve [N, C, T]")
    weight, bias = importer.constant(node, 1), importer.optional(node, 2)
    if weight.array.ndim != 3:
        raise refuse(node, f"its weight has rank {weight.array.ndim}", "use a 1-D convolution")
    given = attributes(node)
    stride, dilation = along_time(given, "strides", 1), along_time(given, "dilations", 1)
    rows, _ = importer.builder.shape(x.tensor)
    outputs, _, kernel = weight.array.shape
    padding = padding_of(node, given, rows, kernel, stride, dilation)
    params = schema.Conv1d(stride, dilation, given.get("group", 1), *padding)
    inputs = [x.tensor, _weight(importer, weight.name, weight.array.transpose(0, 2, 1))]
    if bias is not None:
        inputs.append(_weight(importer, bias.name, bias.array))
    rows_out = rows_after(rows, kernel, stride, dilation, padding)
    return _emit(importer, node, params, inputs, rows_out, outputs, x)


def _weight(importer: Importer, name: str, array: object) -> int:
    return importer.builder.constant(name, as_float32(array))


def _batch_norm(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    _channels_last_axis(node, x)
    gamma, beta, mean, variance = (
        importer.constant(node, i).array.astype(np.float64) for i in range(1, 5)
    )
    scale = gamma / np.sqrt(variance + attributes(node).get("epsilon", 1e-5))
    return _affine(importer, node, x, scale, beta - mean * scale)


def _channels_last_axis(node: onnx.NodeProto, x: Computed) -> None:
    if x.layout is Layout.TIME_CHANNELS or feature_order(x.flattened) is not None:
        raise refuse(node, f"its input is {x.layout.value}", "normalise [N, C, T] or [N, C]")


def _affine(
    importer: Importer, node: onnx.NodeProto, x: Computed, scale: object, offset: object
) -> Computed:
    """y = x * scale + offset per column; both are computed in binary64 and rounded once."""
    rows, columns = importer.builder.shape(x.tensor)
    name = node.name or node.output[0]
    inputs = [
        x.tensor,
        _weight(importer, f"{name}.scale", np.broadcast_to(np.asarray(scale), columns)),
        _weight(importer, f"{name}.offset", np.broadcast_to(np.asarray(offset), columns)),
    ]
    return _emit(importer, node, schema.Affine(), inputs, rows, columns, x)


def _per_column(
    importer: Importer, node: onnx.NodeProto, x: Computed, constant: Constant
) -> object:
    """A constant operand as one value per column. Raises UnsupportedOp where it is not."""
    _, columns = importer.builder.shape(x.tensor)
    array = constant.array.astype(np.float64)
    if array.size == 1:
        return array.reshape(())
    axis_last = x.layout is not Layout.CHANNELS_TIME
    shape = array.shape if axis_last else array.shape[:-1] if array.shape[-1:] == (1,) else (0,)
    if array.size != columns or shape[-1:] != (columns,) or feature_order(x.flattened) is not None:
        raise refuse(
            node,
            f"its constant has shape {list(array.shape)}",
            "use a number or one value per channel",
        )
    return array.reshape(columns)


def _arithmetic(importer: Importer, node: onnx.NodeProto) -> Computed:
    """Add of two computed values, or +, -, *, / with a constant per column."""
    a, b = importer.inputs(node)
    if isinstance(a, Computed) and isinstance(b, Computed):
        return _add(importer, node, a, b)
    x, constant = (a, b) if isinstance(a, Computed) else (b, a)
    if not isinstance(x, Computed) or not isinstance(constant, Constant):
        raise refuse(node, "an operand is neither computed nor a constant", "simplify the network")
    value = np.asarray(_per_column(importer, node, x, constant))
    if node.op_type == "Add":
        return _affine(importer, node, x, 1.0, value)
    if node.op_type == "Mul":
        return _affine(importer, node, x, value, 0.0)
    if isinstance(a, Constant):
        if node.op_type == "Sub":
            return _affine(importer, node, x, -1.0, value)
        raise refuse(node, "it divides by a computed value", "multiply instead")
    if node.op_type == "Sub":
        return _affine(importer, node, x, 1.0, -value)
    return _affine(importer, node, x, 1.0 / value, 0.0)


def _add(importer: Importer, node: onnx.NodeProto, a: Computed, b: Computed) -> Computed:
    if node.op_type != "Add":
        raise refuse(node, "both operands are computed", "libhar adds tensors, nothing else")
    rows, columns = importer.builder.shape(a.tensor)
    if importer.builder.shape(b.tensor) != (rows, columns) or a.layout is not b.layout:
        raise refuse(node, "its operands differ in shape", "add tensors of the same shape")
    return _emit(importer, node, schema.Add(), [a.tensor, b.tensor], rows, columns, a)


def _activation(kind: schema.ActivationKind) -> Handler:
    def handler(importer: Importer, node: onnx.NodeProto) -> Computed:
        x = importer.computed(node, 0)
        rows, columns = importer.builder.shape(x.tensor)
        return _emit(importer, node, schema.Activation(kind), [x.tensor], rows, columns, x)

    return handler


def _clip(importer: Importer, node: onnx.NodeProto) -> Computed:
    given = attributes(node)
    bounds = [importer.optional(node, 1), importer.optional(node, 2)]
    low: float | None = given.get("min") if bounds[0] is None else float(bounds[0].array)
    high: float | None = given.get("max") if bounds[1] is None else float(bounds[1].array)
    kinds: dict[tuple[float | None, float | None], schema.ActivationKind] = {
        (0.0, 6.0): schema.ActivationKind.RELU6,
        (0.0, None): schema.ActivationKind.RELU,
    }
    if (low, high) not in kinds:
        raise refuse(node, f"it clips to {low} .. {high}", "use ReLU or ReLU6")
    return _activation(kinds[low, high])(importer, node)


def _pool(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = require_channels_time(importer, node, 0)
    rows, columns = importer.builder.shape(x.tensor)
    params = pool_params(node, rows)
    padding = (params.padding, params.pad_left, params.pad_right)
    rows_out = rows_after(rows, params.kernel, params.stride, 1, padding)
    return _emit(importer, node, params, [x.tensor], rows_out, columns, x)


def _global_pool(kind: schema.PoolKind) -> Handler:
    def handler(importer: Importer, node: onnx.NodeProto) -> Computed:
        x = require_channels_time(importer, node, 0)
        _, columns = importer.builder.shape(x.tensor)
        return _emit(importer, node, schema.GlobalPool(kind), [x.tensor], 1, columns, x)

    return handler


def _is_over_time(layout: Layout, axes: list[int] | None) -> bool:
    """Whether the axes are the time of a layout, or time and the axis of length 1."""
    rank = 4 if layout is Layout.CHANNELS_ONE_TIME else 3
    over = {
        Layout.CHANNELS_TIME: [{2}],
        Layout.TIME_CHANNELS: [{1}],
        Layout.CHANNELS_ONE_TIME: [{3}, {2, 3}],
    }.get(layout, [])
    return axes is not None and {axis % rank for axis in axes} in over


def _reduce(kind: schema.PoolKind) -> Handler:
    """A mean or maximum over time."""

    def handler(importer: Importer, node: onnx.NodeProto) -> Computed:
        x = importer.computed(node, 0)
        given = attributes(node)
        axes_input = importer.optional(node, 1)
        axes = given.get("axes") if axes_input is None else axes_input.array.tolist()
        if not _is_over_time(x.layout, axes):
            raise refuse(node, f"it reduces axes {axes} of {x.layout.value}", "reduce over time")
        _, columns = importer.builder.shape(x.tensor)
        pooled = _emit(importer, node, schema.GlobalPool(kind), [x.tensor], 1, columns, x)
        keeps = given.get("keepdims", 1) == 1
        return pooled if keeps else Computed(pooled.tensor, Layout.FEATURES)

    return handler


def _gemm(importer: Importer, node: onnx.NodeProto) -> Computed:
    given = attributes(node)
    if given.get("transA", 0) != 0:
        raise refuse(node, "it transposes its input", "use a plain linear layer")
    weight = importer.constant(node, 1).array * given.get("alpha", 1.0)
    if not given.get("transB", 0):
        weight = weight.T
    bias = importer.optional(node, 2)
    values = None if bias is None else bias.array * given.get("beta", 1.0)
    return _dense(importer, node, require_features(importer, node, 0), weight, values)


def _matmul(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    if x.layout is Layout.CHANNELS_TIME:
        raise refuse(node, "it multiplies over time", "transpose to [N, T, C] before it")
    weight = importer.constant(node, 1).array
    if weight.ndim != 2:
        raise refuse(node, f"its weight has rank {weight.ndim}", "use a weight of rank 2")
    return _dense(importer, node, x, weight.T, None)


def _dense(
    importer: Importer,
    node: onnx.NodeProto,
    x: Computed,
    weight: NDArray[Any],
    bias: NDArray[Any] | None,
) -> Computed:
    """A dense layer with weight [out, in], its columns in our order of features."""
    rows, columns = importer.builder.shape(x.tensor)
    if weight.shape[1] != columns:
        raise refuse(node, f"its weight takes {weight.shape[1]} features", f"there are {columns}")
    order = feature_order(x.flattened)
    if order is not None:
        weight = weight[:, order]
    inputs = [x.tensor, _weight(importer, node.input[1], weight)]
    if bias is not None:
        inputs.append(_weight(importer, node.input[2], np.broadcast_to(bias, len(weight))))
    layout = Computed(x.tensor, x.layout)
    return _emit(importer, node, schema.Dense(), inputs, rows, len(weight), layout)


def _concat(importer: Importer, node: onnx.NodeProto) -> Computed:
    parts = [importer.computed(node, i) for i in range(len(node.input))]
    layouts = {part.layout for part in parts}
    if len(layouts) > 1 or any(feature_order(part.flattened) is not None for part in parts):
        raise refuse(node, "its inputs differ in layout", "join tensors of the same layout")
    first = parts[0]
    rank = 2 if first.layout is Layout.FEATURES else 3
    axis = attributes(node)["axis"] % rank
    if axis == 0:
        raise refuse(node, "it joins over the batch", "join channels or time")
    by_time = axis == {Layout.CHANNELS_TIME: 2, Layout.TIME_CHANNELS: 1}.get(first.layout)
    shapes = [importer.builder.shape(part.tensor) for part in parts]
    rows = sum(s[0] for s in shapes) if by_time else shapes[0][0]
    columns = shapes[0][1] if by_time else sum(s[1] for s in shapes)
    params = schema.Concat(0 if by_time else 1)
    inputs = [part.tensor for part in parts]
    return _emit(importer, node, params, inputs, rows, columns, Computed(0, first.layout))


def _softmax(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    rank = 2 if x.layout is Layout.FEATURES else 3
    axis = attributes(node).get("axis", -1) % rank
    if axis != rank - 1 or x.layout is Layout.CHANNELS_TIME:
        raise refuse(node, f"it runs over axis {axis} of {x.layout.value}", "run over the channels")
    rows, columns = importer.builder.shape(x.tensor)
    return _emit(importer, node, schema.Softmax(), [x.tensor], rows, columns, x)


HANDLERS: dict[str, Handler] = {
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "Add": _arithmetic,
    "Sub": _arithmetic,
    "Mul": _arithmetic,
    "Div": _arithmetic,
    "Relu": _activation(schema.ActivationKind.RELU),
    "Clip": _clip,
    "Sigmoid": _activation(schema.ActivationKind.SIGMOID),
    "Tanh": _activation(schema.ActivationKind.TANH),
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalAveragePool": _global_pool(schema.PoolKind.AVERAGE),
    "GlobalMaxPool": _global_pool(schema.PoolKind.MAX),
    "ReduceMean": _reduce(schema.PoolKind.AVERAGE),
    "ReduceMax": _reduce(schema.PoolKind.MAX),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Concat": _concat,
    "Softmax": _softmax,
    **SHAPE_HANDLERS,
}
