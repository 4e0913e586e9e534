"""Convolutions and dense layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.sliding import along_time, padding_of, rows_after
from libhar.convert.values import Computed, Layout


def conv(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    if x.layout is not Layout.CHANNELS_TIME:
        raise refuse(node, f"its input is {x.layout.value}", "convolve [N, C, T]")
    weight, bias = importer.constant(node, 1), importer.optional(node, 2)
    if weight.array.ndim != 3:
        raise refuse(node, f"its weight has rank {weight.array.ndim}", "use a 1-D convolution")
    given = attributes(node)
    stride, dilation = along_time(given, "strides", 1), along_time(given, "dilations", 1)
    rows, _ = importer.builder.shape(x.tensor)
    outputs, _, kernel = weight.array.shape
    padding = padding_of(node, given, rows, kernel, stride, dilation)
    params = schema.Conv1d(stride, dilation, given.get("group", 1), *padding)
    inputs = [x.tensor, importer.weight(weight.name, weight.array.transpose(0, 2, 1))]
    if bias is not None:
        inputs.append(importer.weight(bias.name, bias.array))
    rows_out = rows_after(rows, kernel, stride, dilation, padding)
    return importer.emit(node, params, inputs, rows_out, outputs, x)


def gemm(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    if x.layout is not Layout.FEATURES:
        raise refuse(node, f"its input is {x.layout.value}", "it takes [N, F]; flatten before")
    given = attributes(node)
    if given.get("transA", 0) != 0:
        raise refuse(node, "it transposes its input", "use a plain linear layer")
    weight = importer.constant(node, 1).array * given.get("alpha", 1.0)
    if not given.get("transB", 0):
        weight = weight.T
    bias = importer.optional(node, 2)
    values = None if bias is None else bias.array.reshape(-1) * given.get("beta", 1.0)
    return _dense(importer, node, x, weight, values)


def matmul(importer: Importer, node: onnx.NodeProto) -> Computed:
    x = importer.computed(node, 0)
    if x.layout.channel_axis != x.layout.rank - 1:
        raise refuse(node, "it multiplies over time", "transpose to [N, T, C] before it")
    weight = importer.constant(node, 1).array
    if weight.ndim != 2:
        raise refuse(node, f"its weight has rank {weight.ndim}", "use a weight of rank 2")
    return _dense(importer, node, x, weight.T, None)


def _dense(
    importer: Importer,
    node: onnx.NodeProto,
    x: Computed,
    weight: NDArray[Any],
    bias: NDArray[Any] | None,
) -> Computed:
    """A dense layer with weight [out, in], its columns in our order of features."""
    rows, columns = importer.builder.shape(x.tensor)
    if weight.shape[1] != columns:
        raise refuse(node, f"its weight takes {weight.shape[1]} features", f"there are {columns}")
    inputs = [x.tensor, importer.weight(node.input[1], x.sorted(weight))]
    if bias is not None:
        inputs.append(importer.weight(node.input[2], np.broadcast_to(bias, len(weight))))
    like = Computed(x.tensor, x.layout)
    return importer.emit(node, schema.Dense(), inputs, rows, len(weight), like)
