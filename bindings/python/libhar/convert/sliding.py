"""Padding and lengths of convolutions and pools, from ONNX's terms to the model file's."""

from __future__ import annotations

from typing import Any

import onnx

from libhar import schema
from libhar.convert.importer import attributes, refuse

Padding = tuple[schema.Padding, int, int]
"""Kind, rows on the left, rows on the right; the rows count for EXPLICIT alone."""


def same_padding(rows: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """What SAME means: ceil(rows / stride) rows, the smaller half of the padding on the left."""
    reach = (-(-rows // stride) - 1) * stride + (kernel - 1) * dilation + 1
    total = max(reach - rows, 0)
    return total // 2, total - total // 2


def along_time(given: dict[str, Any], name: str, default: int) -> int:
    """An attribute with a value per axis, for time, which is the last one."""
    return int(given.get(name, [default])[-1])


def time_pads(given: dict[str, Any]) -> tuple[int, int]:
    """The pads of the last axis: ONNX lists the starts of all axes, then the ends."""
    pads = given.get("pads", [0, 0])
    return int(pads[len(pads) // 2 - 1]), int(pads[-1])


def padding_of(
    node: onnx.NodeProto, given: dict[str, Any], rows: int, kernel: int, stride: int, dilation: int
) -> Padding:
    """The padding that a node's attributes mean."""
    auto = given.get("auto_pad", b"NOTSET").decode()
    if auto == "VALID":
        return schema.Padding.VALID, 0, 0
    left, right = same_padding(rows, kernel, stride, dilation)
    if auto == "SAME_LOWER":
        left, right = right, left
    elif auto == "NOTSET":
        left, right = time_pads(given)
    if (left, right) == (0, 0):
        return schema.Padding.VALID, 0, 0
    extent = (kernel - 1) * dilation + 1
    if max(left, right) >= extent:
        raise refuse(node, f"it pads {left} and {right} rows", f"pad less than {extent} rows")
    if (left, right) == same_padding(rows, kernel, stride, dilation):
        return schema.Padding.SAME, 0, 0
    return schema.Padding.EXPLICIT, left, right


def rows_after(rows: int, kernel: int, stride: int, dilation: int, padding: Padding) -> int:
    """Rows of the output."""
    kind, left, right = padding
    if kind is schema.Padding.SAME:
        left, right = same_padding(rows, kernel, stride, dilation)
    return (rows + left + right - (kernel - 1) * dilation - 1) // stride + 1


def pool_params(node: onnx.NodeProto, rows: int) -> schema.Pool:
    """The pool that a MaxPool or AveragePool node is."""
    given = attributes(node)
    kernel, stride = along_time(given, "kernel_shape", 1), along_time(given, "strides", 1)
    if any(size != 1 for size in given["kernel_shape"][:-1]):
        raise refuse(node, "it pools over two axes", "use a 1-D pool")
    if along_time(given, "dilations", 1) != 1:
        raise refuse(node, "it has a dilation", "use a pool without dilation")
    padding = padding_of(node, given, rows, kernel, stride, 1)
    left, right = padding[1:] if padding[0] is schema.Padding.EXPLICIT else (0, 0)
    if padding[0] is schema.Padding.SAME:
        left, right = same_padding(rows, kernel, stride, 1)
    if given.get("ceil_mode", 0) and (rows + left + right - kernel) % stride != 0:
        raise refuse(node, "it rounds the number of rows up", "use ceil_mode=False")
    kind = schema.PoolKind.MAX if node.op_type == "MaxPool" else schema.PoolKind.AVERAGE
    counts = bool(given.get("count_include_pad", 0))
    return schema.Pool(kind, kernel, stride, *padding, count_padding=counts)
