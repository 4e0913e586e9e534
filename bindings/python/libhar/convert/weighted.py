"""Dense layers and convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert import expressions, products
from libhar.convert.arithmetic import add, affine
from libhar.convert.importer import Importer, attributes, floats, refuse
from libhar.convert.sliding import Axis, padding_of, rows_after
from libhar.convert.values import Computed, Constant, Elements, Expression, Product, Value


def dense(
    importer: Importer,
    node: onnx.NodeProto,
    x: Elements,
    weight: tuple[str, NDArray[Any]],
    bias: tuple[str, NDArray[Any]] | None = None,
) -> Computed:
    """x [..., in] times weight [out, in]; the names are those of the constants."""
    name, array = weight
    if array.shape[1] != x.shape[-1]:
        raise refuse(
            node, f"its weight takes {array.shape[1]} features", f"there are {x.shape[-1]}"
        )
    tensor, rows, columns = importer.rows(node, x.reshape(-1, x.shape[-1]), True, True)
    inputs = [tensor, importer.weight(name, array[:, columns])]
    if bias is not None:
        inputs.append(importer.weight(bias[0], np.broadcast_to(bias[1].reshape(-1), len(array))))
    after = importer.emit(node, schema.Dense(), inputs, (len(rows), len(array)))
    result = np.empty_like(after)
    result[rows] = after
    return Computed(result.reshape(*x.shape[:-1], len(array)))


def gemm(importer: Importer, node: onnx.NodeProto) -> Value:
    """alpha * A B + beta * C; C may be computed too, as the steps of a recurrent layer have it."""
    given = attributes(node)
    a, _, c = (*importer.inputs(node), None)[:3]
    weight = importer.constant(node, 1)
    array = weight.array if given.get("transB", 0) else weight.array.T
    array = array * given.get("alpha", 1.0)
    beta = given.get("beta", 1.0)
    bias = None
    if isinstance(c, Constant):
        bias = c.name, c.array * beta
    if isinstance(a, Constant):
        left = a.array.T if given.get("transA", 0) else a.array
        result: Value = Constant(node.output[0], left @ array.T + (bias[1] if bias else 0.0))
    else:
        x = expressions.computed(importer, node, 0).elements
        x = x.T if given.get("transA", 0) else x
        if bias is not None and bias[1].size not in (1, len(array)):
            raise refuse(node, f"its bias has shape {list(bias[1].shape)}", "use one per output")
        made = dense(importer, node, x, (weight.name, array), bias)
        result = made
    if c is None or isinstance(c, Constant):
        return result
    other = expressions.force(importer, c)
    if beta != 1.0:
        other = affine(importer, node, other, beta, 0.0)
    if isinstance(result, Constant):
        return affine(importer, node, other, 1.0, floats(result.array))
    return add(importer, node, made, other)


def matmul(importer: Importer, node: onnx.NodeProto) -> Value:
    a, b = importer.inputs(node)
    if isinstance(b, Constant):
        return _times_constant(importer, node, expressions.computed(importer, node, 0), b)
    if isinstance(a, Constant):
        return _constant_times(importer, node, a, expressions.computed(importer, node, 1))
    assert a is not None and b is not None
    if isinstance(a, Product) and a.softmax and min(len(a.shape), len(b.shape)) >= 2:
        return products.attend(importer, node, a, expressions.force(importer, b).elements)
    (left, first), (right, second) = _scaled(importer, a), _scaled(importer, b)
    elements = [left.elements, right.elements]
    if min(e.ndim for e in elements) < 2:
        raise refuse(node, "it multiplies a vector", "keep the batch")
    return products.product(importer, node, elements[0], elements[1], first * second)


def _scaled(importer: Importer, value: Computed | Expression | Product) -> tuple[Computed, float]:
    """A value as another one times a number, where it was written so."""
    if isinstance(value, Expression) and value.shape == value.base.shape:
        line = expressions.line_of(importer, value)
        if line is not None and line[0] > 0 and line[1] == 0:
            return value.base, line[0]
    return expressions.force(importer, value), 1.0


def _times_constant(
    importer: Importer, node: onnx.NodeProto, x: Computed, weight: Constant
) -> Computed:
    array = weight.array
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 1:
        result = dense(importer, node, x.elements, (weight.name, array[None]))
        return Computed(result.elements[..., 0])
    if array.ndim != 2:
        raise refuse(node, f"its weight has rank {weight.array.ndim}", "use a weight of rank 2")
    return dense(importer, node, x.elements, (weight.name, array.T))


def _constant_times(
    importer: Importer, node: onnx.NodeProto, weight: Constant, x: Computed
) -> Computed:
    """W [out, in] x [..., in, n]: a dense layer over the second last axis."""
    array = weight.array
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 2 or len(x.shape) < 2:
        raise refuse(node, f"its weight has rank {weight.array.ndim}", "use a weight of rank 2")
    result = dense(importer, node, x.elements.swapaxes(-1, -2), (weight.name, array))
    return Computed(result.elements.swapaxes(-1, -2))


def conv(importer: Importer, node: onnx.NodeProto) -> Computed:
    """A convolution over time: 1-D, or 2-D where the other axis has one place, is left alone (its
    places share the weights) or is read whole."""
    given = attributes(node)
    x = expressions.computed(importer, node, 0).elements
    weight, bias = importer.constant(node, 1), importer.optional(node, 2)
    array, groups, x = weight.array, given.get("group", 1), x[0]
    if array.ndim == 3:
        axis, lanes = Axis(given, 0, 1), 1
        plane = x.T
    elif array.ndim == 4:
        axis, whole = _time_axis(node, given, x, array)
        x, array = (x, array) if axis.index == 0 else (x.swapaxes(1, 2), array.swapaxes(2, 3))
        lanes = 1 if whole else x.shape[2]
        plane = x.transpose(1, 0, 2) if whole else x.transpose(1, 2, 0)
        plane = plane.reshape(plane.shape[0], -1)
        array = array.transpose(0, 1, 3, 2).reshape(len(array), -1, array.shape[2])
    else:
        raise refuse(node, f"its weight has rank {array.ndim}", "use a 1-D convolution")
    outputs, _, kernel = array.shape
    rows = plane.shape[0]
    left, right = _zero_rows(plane)
    padding = padding_of(node, axis, rows, kernel, (left, right))
    plane = plane[left : rows - right]
    groups *= lanes
    tensor, _, columns = importer.rows(node, plane, columns_free=groups == 1)
    array = np.tile(array, (lanes, 1, 1)).transpose(0, 2, 1)
    array = array[:, :, columns] if groups == 1 else array
    inputs = [tensor, importer.weight(weight.name, array)]
    if bias is not None:
        inputs.append(importer.weight(bias.name, np.tile(bias.array, lanes)))
    params = schema.Conv1d(axis.stride, axis.dilation, groups, *padding)
    shape = (rows_after(len(plane), kernel, axis, padding), outputs * lanes)
    after = importer.emit(node, params, inputs, shape)
    if array.ndim == 3 and weight.array.ndim == 3:
        return Computed(after.T[None])
    result = after.reshape(shape[0], lanes, outputs).transpose(2, 0, 1)
    return Computed((result if axis.index == 0 else result.swapaxes(1, 2))[None])


def _zero_rows(plane: Elements) -> tuple[int, int]:
    """Rows of zeros that a Pad before the convolution put at both ends."""
    filled = np.flatnonzero(plane.any(axis=1))
    return (0, 0) if len(filled) == 0 else (int(filled[0]), int(len(plane) - 1 - filled[-1]))


def _time_axis(
    node: onnx.NodeProto, given: dict[str, Any], x: Elements, weight: NDArray[Any]
) -> tuple[Axis, bool]:
    """The axis that a 2-D convolution slides along, and whether it reads the other one whole."""
    axes = [Axis(given, i, 2) for i in range(2)]
    options = []
    for i in (1, 0):
        other, size, kernel = axes[1 - i], x.shape[2 - i], weight.shape[3 - i]
        if other.pads != (0, 0) or (other.stride != 1 and size > 1) or kernel not in (1, size):
            continue
        whole = kernel == size and size > 1
        if not (whole and given.get("group", 1) > 1):
            options.append((weight.shape[2 + i] > 1, x.shape[1 + i], axes[i], whole))
    if not options:
        raise refuse(node, "it slides along two axes", "use a 1-D convolution over time")
    _, _, axis, whole = max(options, key=lambda option: option[:2])
    return axis, whole
