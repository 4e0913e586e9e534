"""Sums and products of tensors, also with constants, and one of each per column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    splits,
)
from libhar.convert.values import Computed, Elements


def affine(
    importer: Importer, node: onnx.NodeProto, x: Computed, scale: ArrayLike, offset: ArrayLike
) -> Computed:
    """y = x * scale + offset, of numbers or of arrays that broadcast to x.

    An affine where scale and offset are the same in all rows of a tensor; otherwise a product with
    one constant and a sum with another, as far as they are needed.
    """
    values = [np.broadcast_to(floats(np.asarray(v)), x.shape) for v in (scale, offset)]
    if np.all(values[0] == 1) and np.all(values[1] == 0):
        return x
    fitting = []
    for plane in planes(importer.table, x.elements) if _follows(x.elements, values) else []:
        scales, offsets = (_per_column(x.elements, plane, v) for v in values)
        if scales is not None and offsets is not None:
            fitting.append((plane, scales, offsets))
    best = importer.table.cheapest([plane for plane, _, _ in fitting]) if fitting else -1
    cost = importer.table.cost(fitting[best][0]) if fitting else NEVER
    if cost > 0:  # one row of all values always fits; it is seldom what comes next
        laid = _laid(importer, x)
        if importer.table.cost(laid.part) < cost:
            return _by_constants(importer, node, laid, values)
    if not fitting:
        raise refuse(node, "its input cannot be brought into rows and columns", "keep them apart")
    before, scales, offsets = fitting[best]
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


def _follows(elements: Elements, values: list[NDArray[np.float64]]) -> bool:
    """Whether every element has one value only, wherever it stands."""
    _, first, places = np.unique(elements, return_index=True, return_inverse=True)
    if len(first) == elements.size:
        return True
    return all(np.array_equal(v.ravel()[first][places.ravel()], v.ravel()) for v in values)


@dataclass(frozen=True)
class _Laid:
    """A value as rows x columns: numbers of its places in its shape and in the plane, and the
    elements of the plane, one row or one column of them where they repeat themselves."""

    places: Elements
    plane: Elements
    part: Elements


def _laid(importer: Importer, x: Computed) -> _Laid:
    """The cheapest way to lay x."""
    repeats = len(np.unique(x.elements)) < x.elements.size
    places = np.arange(x.elements.size).reshape(x.shape) if repeats else x.elements
    options = splits(places) if repeats else planes(importer.table, places)
    parts = [_collapsed(moved(option, places, x.elements)) for option in options]
    best = importer.table.cheapest(parts)
    return _Laid(places, options[best], parts[best])


def _by_constants(
    importer: Importer, node: onnx.NodeProto, x: _Laid, values: list[NDArray[np.float64]]
) -> Computed:
    """x times the first of two arrays of its shape, plus the second."""
    name, tensor = name_of(node), importer.rows(node, x.part)[0]
    scale, offset = values
    ops: list[tuple[str, schema.OpParams, NDArray[np.float64]]] = []
    if np.any(scale != 1):
        ops.append(("scale", schema.Multiply(), scale))
    if np.any(offset != 0):
        ops.append(("offset", schema.Add(), offset))
    for i, (ending, params, array) in enumerate(ops):
        ends = f".{ending}" if i < len(ops) - 1 else ""
        held = _collapsed(moved(x.plane, x.places, array))
        inputs = [tensor, importer.weight(f"{name}.{ending}", held)]
        output = importer.builder.computed(node.output[0] + ends, *x.plane.shape)
        tensor = importer.builder.op(name + ends, params, inputs, output)
    return Computed(moved(x.places, x.plane, importer.table.add(tensor)))


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


def _collapsed(plane: NDArray[Any]) -> NDArray[Any]:
    """One row where all rows are the same, one column where all columns are."""
    if (plane == plane[:1]).all():
        plane = plane[:1]
    return plane[:, :1] if (plane == plane[:, :1]).all() else plane
