"""The ONNX ops that the importer takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx

from libhar.convert import products
from libhar.convert.expressions import ELEMENTWISE, computed, expression, force
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.moves import MOVES, move, where
from libhar.convert.norms import batch_norm, layer_normalization
from libhar.convert.onnx_recurrent import recurrent
from libhar.convert.reductions import keeps_dims, mean_axes, reduce
from libhar.convert.sliding import pool
from libhar.convert.softmaxes import softmax
from libhar.convert.values import Computed, Constant, Product, Value
from libhar.convert.weighted import conv, gemm, matmul

Handler = Callable[[Importer, onnx.NodeProto], list[Value]]


def _on_elements(
    function: Callable[[Importer, onnx.NodeProto, Computed], Value],
) -> Handler:
    """A handler of a computed first input."""

    def handler(importer: Importer, node: onnx.NodeProto) -> list[Value]:
        return [function(importer, node, computed(importer, node, 0))]

    return handler


def _single(function: Callable[[Importer, onnx.NodeProto], Value]) -> Handler:
    return lambda importer, node: [function(importer, node)]


def _same(importer: Importer, node: onnx.NodeProto) -> Value:
    value = importer.inputs(node)[0]
    assert value is not None
    return value


def _cast(importer: Importer, node: onnx.NodeProto) -> Value:
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)
    if attributes(node)["to"] not in floats:
        raise refuse(node, "it casts what the network computes", "export the network in float32")
    return _same(importer, node)


def _mean(importer: Importer, node: onnx.NodeProto) -> Value:
    """A mean that keeps its axes may be part of a layer norm."""
    value = importer.inputs(node)[0]
    assert value is not None
    if keeps_dims(node) and not isinstance(value, (Product, Constant)):
        axes = mean_axes(node, importer.inputs(node))
        if int(np.prod([value.shape[a] for a in axes])) > 1:
            return expression(importer, node)
    return _on_elements(reduce)(importer, node)[0]


def _softmax(importer: Importer, node: onnx.NodeProto) -> Value:
    value = importer.inputs(node)[0]
    assert value is not None and not isinstance(value, Constant)
    together = importer.runner.opset < 13  # then it takes all axes from `axis` on together
    rank = len(value.shape)
    axis = attributes(node).get("axis", 1 if together else -1) % rank
    if isinstance(value, Product):
        weights = products.weights(value, axis)
        if weights is not None:
            return weights
    axes = tuple(range(axis, rank)) if together else (axis,)
    return softmax(importer, node, force(importer, value), axes)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(ELEMENTWISE, _single(expression)),
    **dict.fromkeys(MOVES, move),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), recurrent),
    **dict.fromkeys(("Identity", "Dropout"), _single(_same)),
    "Cast": _single(_cast),
    "Shape": lambda importer, node: [_shape(importer, node)],
    "Where": _single(where),
    "Conv": _single(conv),
    "Gemm": _single(gemm),
    "MatMul": _single(matmul),
    "BatchNormalization": _on_elements(batch_norm),
    "LayerNormalization": _on_elements(layer_normalization),
    "MaxPool": _on_elements(pool),
    "AveragePool": _on_elements(pool),
    "ReduceMean": _single(_mean),
    "GlobalAveragePool": _single(_mean),
    "GlobalMaxPool": _on_elements(reduce),
    "ReduceMax": _on_elements(reduce),
    "ReduceSum": _on_elements(reduce),
    "Softmax": _single(_softmax),
}


def _shape(importer: Importer, node: onnx.NodeProto) -> Value:
    value, given = _same(importer, node), attributes(node)
    shape = value.shape[given.get("start", 0) : given.get("end", len(value.shape))]
    return Constant(node.output[0], np.array(shape, np.int64))
