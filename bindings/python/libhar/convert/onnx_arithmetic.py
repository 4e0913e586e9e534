"""Sums, and what is one multiplication and one addition per column."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.values import Computed, Constant, Layout


def batch_norm(importer: Importer, node: onnx.NodeProto) -> Computed:
    """As one affine, computed in binary64 and rounded once."""
    x = importer.computed(node, 0)
    if x.layout is Layout.TIME_CHANNELS:
        raise refuse(node, f"its input is {x.layout.value}", "normalise [N, C, T] or [N, C]")
    gamma, beta, mean, variance = (
        importer.constant(node, i).array.astype(np.float64) for i in range(1, 5)
    )
    scale = gamma / np.sqrt(variance + attributes(node).get("epsilon", 1e-5))
    return _affine(importer, node, x, x.sorted(scale), x.sorted(beta - mean * scale))


def arithmetic(importer: Importer, node: onnx.NodeProto) -> Computed:
    """Add of two computed values, or +, -, *, / with a constant per column."""
    a, b = importer.inputs(node)
    if isinstance(a, Computed) and isinstance(b, Computed):
        return _add(importer, node, a, b)
    x, constant = (a, b) if isinstance(a, Computed) else (b, a)
    if not isinstance(x, Computed) or not isinstance(constant, Constant):
        raise refuse(node, "an operand is neither computed nor a constant", "simplify the network")
    value = _per_column(importer, node, x, constant)
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


def _affine(
    importer: Importer, node: onnx.NodeProto, x: Computed, scale: object, offset: object
) -> Computed:
    """y = x * scale + offset per column, of numbers or of values in our order of features."""
    rows, columns = importer.builder.shape(x.tensor)
    name = node.name or node.output[0]
    inputs = [
        x.tensor,
        importer.weight(f"{name}.scale", np.broadcast_to(np.asarray(scale), columns)),
        importer.weight(f"{name}.offset", np.broadcast_to(np.asarray(offset), columns)),
    ]
    return importer.emit(node, schema.Affine(), inputs, rows, columns, x)


def _per_column(
    importer: Importer, node: onnx.NodeProto, x: Computed, constant: Constant
) -> NDArray[Any]:
    """A constant operand as one value per column. Raises UnsupportedOp where it is not."""
    _, columns = importer.builder.shape(x.tensor)
    array = constant.array.astype(np.float64)
    if array.size == 1:
        return array.reshape(())
    after = x.layout.rank - 1 - x.layout.channel_axis  # axes that the constant must leave alone
    ends, kept = array.shape[array.ndim - after :], array.shape[: array.ndim - after]
    if ends != (1,) * after or kept[-1:] != (columns,) or array.size != columns:
        raise refuse(
            node,
            f"its constant has shape {list(array.shape)}",
            "use a number or one value per channel",
        )
    return x.sorted(array.reshape(columns))


def _add(importer: Importer, node: onnx.NodeProto, a: Computed, b: Computed) -> Computed:
    if node.op_type != "Add":
        raise refuse(node, "both operands are computed", "libhar adds tensors, nothing else")
    rows, columns = importer.builder.shape(a.tensor)
    if importer.builder.shape(b.tensor) != (rows, columns) or a.layout is not b.layout:
        raise refuse(node, "its operands differ in shape", "add tensors of the same shape")
    if a.order != b.order:
        advice = "add before flattening, or pool over time instead of flattening"
        raise refuse(node, "one operand is flattened from [N, C, T], the other is not", advice)
    return importer.emit(node, schema.Add(), [a.tensor, b.tensor], rows, columns, a)
