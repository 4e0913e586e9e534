"""ONNX ops that move no numbers, or only see them in another shape."""

from __future__ import annotations

from collections.abc import Callable

import onnx

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.values import Computed, Layout, flattened_order


def _same(importer: Importer, node: onnx.NodeProto) -> Computed:
    return importer.computed(node, 0)


def flatten(importer: Importer, node: onnx.NodeProto, x: Computed) -> Computed:
    """[N, C, T] or [N, T, C] to [N, F]; a tensor of one row needs no op."""
    rows, columns = importer.builder.shape(x.tensor)
    if x.layout is Layout.FEATURES:
        return x
    if rows == 1:
        return Computed(x.tensor, Layout.FEATURES)
    order = None if x.layout is Layout.TIME_CHANNELS else flattened_order(columns, rows)
    like = Computed(x.tensor, Layout.FEATURES, order)
    return importer.emit(node, schema.Flatten(), [x.tensor], 1, rows * columns, like)


def _flatten(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    if attributes(node).get("axis", 1) != 1:
        raise refuse(node, "it does not flatten from axis 1", "use flatten(1)")
    return flatten(importer, node, x)


def _reshaped(importer: Importer, node: onnx.NodeProto) -> Computed:
    """Reshape, Squeeze, Unsqueeze: what they do is read from the shape they give."""
    x = importer.computed(node, 0)
    rows, columns = importer.builder.shape(x.tensor)
    shape = importer.shapes.get(node.output[0], ())
    current = {
        Layout.CHANNELS_TIME: (1, columns, rows),
        Layout.TIME_CHANNELS: (1, rows, columns),
        Layout.FEATURES: (1, columns),
        Layout.CHANNELS_ONE_TIME: (1, columns, 1, rows),
    }[x.layout]
    if shape == current:
        return x
    if x.layout is Layout.CHANNELS_TIME and shape == (1, columns, 1, rows):
        return x.with_layout(Layout.CHANNELS_ONE_TIME)
    if x.layout is Layout.CHANNELS_ONE_TIME and shape == (1, columns, rows):
        return x.with_layout(Layout.CHANNELS_TIME)
    if shape == (1, rows * columns):
        return flatten(importer, node, x)
    if x.layout is Layout.FEATURES and x.order is None:
        if shape == (1, columns, 1):
            return x.with_layout(Layout.CHANNELS_TIME)
        if shape == (1, 1, columns):
            return x.with_layout(Layout.TIME_CHANNELS)
    raise refuse(
        node, f"it makes {list(shape)} of {list(current)}", "flatten to [N, F] or keep the shape"
    )


def _transpose(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    swapped = {
        Layout.CHANNELS_TIME: Layout.TIME_CHANNELS,
        Layout.TIME_CHANNELS: Layout.CHANNELS_TIME,
    }
    permutation = list(attributes(node).get("perm", []))
    if permutation == list(range(len(permutation))) and permutation:
        return x
    if permutation != [0, 2, 1] or x.layout not in swapped:
        raise refuse(node, f"it permutes {permutation}", "swap channels and time, nothing else")
    return x.with_layout(swapped[x.layout])


SHAPE_HANDLERS: dict[str, Callable[[Importer, onnx.NodeProto], Computed]] = {
    "Identity": _same,
    "Dropout": _same,
    "Flatten": _flatten,
    "Reshape": _reshaped,
    "Squeeze": _reshaped,
    "Unsqueeze": _reshaped,
    "Transpose": _transpose,
}
