"""ONNX ops that move no numbers, or only see them in another shape."""

from __future__ import annotations

from collections.abc import Callable

import onnx

from libhar import schema
from libhar.convert.onnx_graph import Importer, attributes, refuse
from libhar.convert.values import Computed, Layout

CHANNELS_FIRST = (Layout.CHANNELS_TIME, Layout.CHANNELS_ONE_TIME)


def require_channels_time(importer: Importer, node: onnx.NodeProto, position: int) -> Computed:
    """Input `position`, which must be [N, C, T], with or without an axis of length 1 before T."""
    x = importer.computed(node, position)
    if x.layout not in CHANNELS_FIRST:
        raise refuse(node, f"its input is {x.layout.value}", "it takes [N, C, T]; transpose before")
    return x


def require_features(importer: Importer, node: onnx.NodeProto, position: int) -> Computed:
    """Input `position`, which must be [N, F]."""
    x = importer.computed(node, position)
    if x.layout is not Layout.FEATURES:
        raise refuse(node, f"its input is {x.layout.value}", "it takes [N, F]; flatten before")
    return x


def _same(importer: Importer, node: onnx.NodeProto) -> Computed:
    return importer.computed(node, 0)


def flatten(importer: Importer, node: onnx.NodeProto, x: Computed) -> Computed:
    """[N, C, T] or [N, T, C] to [N, F]; a tensor of one row needs no op."""
    rows, columns = importer.builder.shape(x.tensor)
    if x.layout is Layout.FEATURES:
        return x
    order = None if x.layout is Layout.TIME_CHANNELS else (columns, rows)
    if rows == 1:
        return Computed(x.tensor, Layout.FEATURES)
    output = importer.builder.computed(node.output[0], 1, rows * columns)
    name = node.name or node.output[0]
    importer.builder.op(name, schema.Flatten(), [x.tensor], output)
    return Computed(output, Layout.FEATURES, order)


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
    if x.layout is Layout.FEATURES and x.flattened is None:
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
