"""Means, maxima and sums over time or over channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.values import Computed, Constant, Elements

KINDS = {
    "ReduceMean": schema.PoolKind.AVERAGE,
    "ReduceMax": schema.PoolKind.MAX,
    "ReduceSum": schema.PoolKind.SUM,
    "GlobalAveragePool": schema.PoolKind.AVERAGE,
    "GlobalMaxPool": schema.PoolKind.MAX,
}


def mean_axes(node: onnx.NodeProto, operands: Sequence[Any]) -> tuple[int, ...]:
    """The axes that a reduction or a global pool reduces."""
    rank = len(operands[0].shape)
    if node.op_type.startswith("Global"):
        return tuple(range(2, rank))
    axes = attributes(node).get("axes")
    if len(operands) > 1 and isinstance(operands[1], Constant):
        axes = operands[1].array.ravel().tolist()
    if axes is None or len(axes) == 0:
        return () if attributes(node).get("noop_with_empty_axes", 0) else tuple(range(rank))
    return tuple(sorted(int(a) % rank for a in axes))


def keeps_dims(node: onnx.NodeProto) -> bool:
    return node.op_type.startswith("Global") or bool(attributes(node).get("keepdims", 1))


def reduce(importer: Importer, node: onnx.NodeProto, x: Computed) -> Computed:
    """A reduction node as a global pool over rows or over columns."""
    axes = mean_axes(node, [x, *importer.inputs(node)[1:]])
    result = reduced(importer, node, x.elements, axes, KINDS[node.op_type])
    return Computed(result if keeps_dims(node) else np.squeeze(result, axis=axes))


def reduced(
    importer: Importer,
    node: onnx.NodeProto,
    elements: Elements,
    axes: tuple[int, ...],
    kind: schema.PoolKind,
) -> Elements:
    """The elements of the pool's output, in the shape with 1 for every axis reduced."""
    shape = tuple(1 if i in axes else n for i, n in enumerate(elements.shape))
    if elements.size == int(np.prod(shape)):
        return elements
    kept = [i for i in range(elements.ndim) if i not in axes]
    wanted = elements.transpose([*axes, *kept]).reshape(-1, int(np.prod(shape)))
    axis = importer.table.cheapest((wanted, wanted.T), free=True)
    found = importer.table.arrange(wanted.T if axis else wanted, True, True)
    if found is not None:
        count = wanted.shape[1]
        size = (count, 1) if axis else (1, count)
        after = importer.emit(node, schema.GlobalPool(kind, axis), [found.tensor], size)
        result = np.empty(count, np.int64)
        result[found.rows if axis else found.columns] = after.ravel()
        return result.reshape(shape)
    advice = "reduce over time or over channels"
    raise refuse(node, f"it reduces axes {list(axes)} of {list(elements.shape)}", advice)
