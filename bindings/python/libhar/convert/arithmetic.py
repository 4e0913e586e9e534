"""Sums and products of tensors, and what is one multiplication and one addition per column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray

from libhar import schema
from libhar.convert.importer import (
    Importer,
    cheapest_planes,
    floats,
    moved,
    name_of,
    planes,
    refuse,
)
from libhar.convert.values import Computed, Elements


def affine(
    importer: Importer, node: onnx.NodeProto, x: Computed, scale: ArrayLike, offset: ArrayLike
) -> Computed:
    """y = x * scale + offset, of numbers or of arrays that broadcast to x and are the same in all
    rows of a tensor. Raises UnsupportedOp where they are not.
    """
    values = [np.broadcast_to(floats(np.asarray(v)), x.shape) for v in (scale, offset)]
    for before in cheapest_planes(importer.table, x.elements):
        columns = [_per_column(x.elements, before, v) for v in values]
        if columns[0] is None or columns[1] is None:
            continue
        tensor, name = importer.rows(node, before)[0], name_of(node)
        inputs = [
            tensor,
            importer.weight(f"{name}.scale", columns[0]),
            importer.weight(f"{name}.offset", columns[1]),
        ]
        after = importer.emit(node, schema.Affine(), inputs, importer.builder.shape(tensor))
        return Computed(moved(x.elements, before, after))
    shape = list(np.shape(scale if np.ndim(scale) else offset))
    advice = "use a number or one value per channel, the same at every time step"
    raise refuse(node, f"its constant has shape {shape}", advice)


def _per_column(
    elements: Elements, plane: Elements, values: NDArray[np.float64]
) -> NDArray[Any] | None:
    """One value per column of the plane; None where a column has several."""
    arranged = moved(plane, elements, values)
    return (
        arranged[0] if np.array_equal(arranged, np.broadcast_to(arranged[0], plane.shape)) else None
    )


def add(importer: Importer, node: onnx.NodeProto, a: Computed, b: Computed) -> Computed:
    return _binary(importer, node, a, b, schema.Add)


def multiply(importer: Importer, node: onnx.NodeProto, a: Computed, b: Computed) -> Computed:
    return _binary(importer, node, a, b, schema.Multiply)


def _binary(
    importer: Importer,
    node: onnx.NodeProto,
    a: Computed,
    b: Computed,
    params: Callable[[], schema.OpParams],
) -> Computed:
    """One op over rows x columns, in which an operand may be one row or one column for all."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    elements = [np.broadcast_to(v.elements, shape) for v in (a, b)]
    best: tuple[int, Elements, int, list[Elements]] | None = None
    for i, whole in enumerate(elements):
        if len(np.unique(whole)) < whole.size:
            continue
        for plane in planes(importer.table, whole):
            parts = [_collapsed(moved(plane, whole, e)) for e in elements]
            cost = sum(importer.table.cost(part) for part in parts)
            if best is None or cost < best[0]:
                best = cost, plane, i, parts
    if best is None:
        advice = "one operand may be one row or one column for all of the other"
        raise refuse(node, "its operands differ in shape or order", advice)
    _, plane, i, parts = best
    tensors = [importer.rows(node, part)[0] for part in parts]
    after = importer.emit(node, params(), tensors, (plane.shape[0], plane.shape[1]))
    return Computed(moved(elements[i], plane, after))


def _collapsed(plane: Elements) -> Elements:
    """One row where all rows are the same, one column where all columns are."""
    if plane.shape[0] > 1 and (plane == plane[:1]).all():
        return plane[:1]
    if plane.shape[1] > 1 and (plane == plane[:, :1]).all():
        return plane[:, :1]
    return plane
