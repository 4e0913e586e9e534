"""Pools, and means and maxima over time."""

from __future__ import annotations

from collections.abc import Callable

import onnx

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.sliding import pool_params, rows_after
from libhar.convert.values import Computed, Layout

CHANNELS_FIRST = (Layout.CHANNELS_TIME, Layout.CHANNELS_ONE_TIME)


def pool(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = _channels_first(importer, node)
    rows, columns = importer.builder.shape(x.tensor)
    params = pool_params(node, rows)
    padding = (params.padding, params.pad_left, params.pad_right)
    rows_out = rows_after(rows, params.kernel, params.stride, 1, padding)
    return importer.emit(node, params, [x.tensor], rows_out, columns, x)


def global_pool(kind: schema.PoolKind) -> Callable[[Importer, onnx.NodeProto], Computed]:
    def handler(importer: Importer, node: onnx.NodeProto) -> Computed:
        x = _channels_first(importer, node)
        _, columns = importer.builder.shape(x.tensor)
        return importer.emit(node, schema.GlobalPool(kind), [x.tensor], 1, columns, x)

    return handler


def reduce(kind: schema.PoolKind) -> Callable[[Importer, onnx.NodeProto], Computed]:
    """A mean or maximum over time."""

    def handler(importer: Importer, node: onnx.NodeProto) -> Computed:
        x = importer.computed(node, 0)
        given = attributes(node)
        axes_input = importer.optional(node, 1)
        axes = given.get("axes") if axes_input is None else axes_input.array.tolist()
        left = _axes_left(x.layout, axes)
        if left is None:
            raise refuse(node, f"it reduces axes {axes} of {x.layout.value}", "reduce over time")
        _, columns = importer.builder.shape(x.tensor)
        pooled = importer.emit(node, schema.GlobalPool(kind), [x.tensor], 1, columns, x)
        return pooled if given.get("keepdims", 1) == 1 else pooled.with_layout(left)

    return handler


def _channels_first(importer: Importer, node: onnx.NodeProto) -> Computed:
    """The input, which must be [N, C, T], with or without an axis of length 1 before T."""
    x = importer.computed(node, 0)
    if x.layout not in CHANNELS_FIRST:
        raise refuse(node, f"its input is {x.layout.value}", "it takes [N, C, T]; transpose before")
    return x


def _axes_left(layout: Layout, axes: list[int] | None) -> Layout | None:
    """The layout without the axes, where these are time, alone or with the axis of length 1."""
    reduced = {axis % layout.rank for axis in axes or []}
    if layout.time_axis is None or layout.time_axis not in reduced:
        return None
    others = reduced - {layout.time_axis}
    if layout is not Layout.CHANNELS_ONE_TIME:
        return None if others else Layout.FEATURES
    return {0: Layout.CHANNELS_TIME, 1: Layout.FEATURES}[len(others)] if others <= {2} else None
