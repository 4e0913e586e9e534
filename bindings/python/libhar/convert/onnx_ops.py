"""The ONNX ops that the importer takes."""

from __future__ import annotations

from collections.abc import Callable

import onnx

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.onnx_arithmetic import arithmetic, batch_norm
from libhar.convert.onnx_pool import global_pool, pool, reduce
from libhar.convert.onnx_shape import SHAPE_HANDLERS
from libhar.convert.onnx_weighted import conv, gemm, matmul
from libhar.convert.values import Computed, Constant, joined_order

Handler = Callable[[Importer, onnx.NodeProto], Computed]


def _activate(
    importer: Importer, node: onnx.NodeProto, x: Computed, kind: schema.ActivationKind
) -> Computed:
    rows, columns = importer.builder.shape(x.tensor)
    return importer.emit(node, schema.Activation(kind), [x.tensor], rows, columns, x)


def _activation(kind: schema.ActivationKind) -> Handler:
    return lambda importer, node: _activate(importer, node, importer.computed(node, 0), kind)


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
    return _activate(importer, node, importer.computed(node, 0), kinds[low, high])


def _max(importer: Importer, node: onnx.NodeProto) -> Computed:
    """The larger of a value and 0, as torch.clamp(x, min=0) is written."""
    inputs = importer.inputs(node)
    computed = [v for v in inputs if isinstance(v, Computed)]
    others = [v.array for v in inputs if isinstance(v, Constant)]
    if len(computed) != 1 or len(others) != 1 or others[0].size != 1 or others[0].any():
        raise refuse(node, "it is not the larger of a value and 0", "use ReLU")
    return _activate(importer, node, computed[0], schema.ActivationKind.RELU)


def _concat(importer: Importer, node: onnx.NodeProto) -> Computed:
    parts = [importer.computed(node, i) for i in range(len(node.input))]
    layout = parts[0].layout
    if any(part.layout is not layout for part in parts):
        raise refuse(node, "its inputs differ in layout", "join tensors of the same layout")
    axis = attributes(node)["axis"] % layout.rank
    if axis not in (layout.channel_axis, layout.time_axis):
        raise refuse(node, f"it joins axis {axis} of {layout.value}", "join channels or time")
    shapes = [importer.builder.shape(part.tensor) for part in parts]
    inputs = [part.tensor for part in parts]
    if axis == layout.time_axis:
        rows = sum(s[0] for s in shapes)
        return importer.emit(node, schema.Concat(0), inputs, rows, shapes[0][1], parts[0])
    order = joined_order([(part, s[1]) for part, s in zip(parts, shapes, strict=True)])
    columns = sum(s[1] for s in shapes)
    like = Computed(0, layout, order)
    return importer.emit(node, schema.Concat(1), inputs, shapes[0][0], columns, like)


def _softmax(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    flattens = importer.opset < 13  # then it takes all axes from `axis` on together
    axis = attributes(node).get("axis", 1 if flattens else -1) % x.layout.rank
    if axis != x.layout.channel_axis or (flattens and axis != x.layout.rank - 1):
        raise refuse(node, f"it runs over axis {axis} of {x.layout.value}", "run over the channels")
    rows, columns = importer.builder.shape(x.tensor)
    return importer.emit(node, schema.Softmax(), [x.tensor], rows, columns, x)


HANDLERS: dict[str, Handler] = {
    "Conv": conv,
    "BatchNormalization": batch_norm,
    "Add": arithmetic,
    "Sub": arithmetic,
    "Mul": arithmetic,
    "Div": arithmetic,
    "Relu": _activation(schema.ActivationKind.RELU),
    "Clip": _clip,
    "Max": _max,
    "Sigmoid": _activation(schema.ActivationKind.SIGMOID),
    "Tanh": _activation(schema.ActivationKind.TANH),
    "MaxPool": pool,
    "AveragePool": pool,
    "GlobalAveragePool": global_pool(schema.PoolKind.AVERAGE),
    "GlobalMaxPool": global_pool(schema.PoolKind.MAX),
    "ReduceMean": reduce(schema.PoolKind.AVERAGE),
    "ReduceMax": reduce(schema.PoolKind.MAX),
    "Gemm": gemm,
    "MatMul": matmul,
    "Concat": _concat,
    "Softmax": _softmax,
    **SHAPE_HANDLERS,
}
