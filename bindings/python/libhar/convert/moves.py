"""Ops that move numbers and compute none: done on element numbers by ONNX's reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import onnx

from libhar.convert.expressions import force, is_scalar, rebased
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.values import Computed, Constant, Elements, Expression, Product, Value

MOVES = {
    *("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Tile", "Concat"),
    *("Slice", "Gather", "GatherND", "GatherElements", "Split", "ReverseSequence", "Pad"),
}


def move(importer: Importer, node: onnx.NodeProto) -> list[Value]:
    """The outputs of one of MOVES, of which an input is computed."""
    inputs = importer.inputs(node)
    first = inputs[0]
    joins = node.op_type in ("Concat", "Pad")
    if isinstance(first, Expression) and not joins and is_scalar(first):
        return _moved_tree(importer, node, first, inputs[1:])
    products = [v for v in inputs if isinstance(v, Product)]
    remade: Callable[[Elements], Value] = Computed
    if len(products) == 1 and not joins:
        remade = lambda view: replace(products[0], view=view)  # noqa: E731
    given: list[Any] = []
    for position, value in enumerate(inputs):
        if isinstance(value, Product) and remade is not Computed:
            given.append(value.view)
        elif isinstance(value, Constant):
            given.append(_constant(node, position, value))
        else:
            given.append(None if value is None else force(importer, value).elements)
    if node.op_type == "Pad" and attributes(node).get("mode", b"constant") != b"constant":
        raise refuse(node, "it repeats samples", "pad with zeros")
    outputs = _run(importer, node, given)
    return [remade(np.asarray(o, np.int64)) for o in outputs]


def _moved_tree(
    importer: Importer, node: onnx.NodeProto, tree: Expression, others: list[Value | None]
) -> list[Value]:
    """A function of every number alone, of moved numbers: what is around it may belong to it."""
    arrays = [v.array if isinstance(v, Constant) else None for v in others]
    outputs = _run(importer, node, [tree.base.elements, *arrays])
    return [rebased(tree, Computed(np.asarray(o, np.int64))) for o in outputs]


def where(importer: Importer, node: onnx.NodeProto) -> Value:
    """One side or the other where the condition is known, as masks of whole windows are."""
    condition = importer.constant(node, 0).array
    values = importer.inputs(node)
    if condition.all() or not condition.any():
        value = values[1 if condition.all() else 2]
        assert value is not None
        return value
    raise refuse(node, "it chooses by element", "use whole windows without a mask")


def _constant(node: onnx.NodeProto, position: int, value: Constant) -> Any:
    """A constant operand; what is joined or padded with must be zero, which has a number."""
    if node.op_type == "Concat" or (node.op_type == "Pad" and position == 2):
        if value.array.any():
            raise refuse(node, "it adds constants that are not zero", "add zeros")
        return np.zeros(value.array.shape, np.int64)
    return value.array


def _run(importer: Importer, node: onnx.NodeProto, given: list[Any]) -> list[Any]:
    if node.op_type in ("Pad", "Slice") and importer.runner.opset < 11:
        raise refuse(node, "its opset is below 11", "export with opset 17 or newer")
    try:
        return importer.runner.run(node, given)
    except Exception as error:  # the reference raises whatever its op raises
        raise refuse(node, f"it cannot be followed ({error})", "simplify the network") from error
