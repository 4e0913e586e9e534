"""Sums and products of tensors, and what is one multiplication and one addition per column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray

from libhar import schema
from libhar.convert.elements import NEVER
from libhar.convert.importer import (
    Importer,
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
    fitting = []
    for plane in planes(importer.table, x.elements):
        scales, offsets = (_per_column(x.elements, plane, v) for v in values)
        if scales is not None and offsets is not None:
            fitting.append((plane, scales, offsets))
    if not fitting:
        shape = list(np.shape(scale if np.ndim(scale) else offset))
        raise refuse(node, f"its constant has shape {shape}", "use one value per channel")
    before, scales, offsets = fitting[importer.table.cheapest([plane for plane, _, _ in fitting])]
    tensor, name = importer.rows(node, before)[0], name_of(node)
    constants = [
        importer.weight(f"{name}.scale", scales),
        importer.weight(f"{name}.offset", offsets),
    ]
    shape_out = importer.builder.shape(tensor)
    after = importer.emit(node, schema.Affine(), [tensor, *constants], shape_out)
    return Computed(moved(x.elements, before, after))


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
            limit = best[0] if best else NEVER
            parts = [_collapsed(moved(plane, whole, e)) for e in elements]
            cost = 0
            for part in parts:
                cost += importer.table.cost(part, limit=limit - cost) if cost < limit else NEVER
            if cost < limit:
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
