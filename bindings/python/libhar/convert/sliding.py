"""Padding and lengths of convolutions and pools, from ONNX's terms to the model file's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from libhar import schema
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.values import Computed

Padding = tuple[schema.Padding, int, int]
"""Kind, rows on the left, rows on the right; the rows count for EXPLICIT alone."""


@dataclass(frozen=True)
class Axis:
    """What a node's attributes say of axis `index` of `count` that it slides along."""

    given: dict[str, Any]
    index: int
    count: int

    def _value(self, name: str, default: int) -> int:
        return int(self.given.get(name, [default] * self.count)[self.index])

    @property
    def kernel(self) -> int:
        return self._value("kernel_shape", 1)

    @property
    def stride(self) -> int:
        return self._value("strides", 1)

    @property
    def dilation(self) -> int:
        return self._value("dilations", 1)

    @property
    def pads(self) -> tuple[int, int]:
        """ONNX lists the starts of all axes, then the ends."""
        pads = self.given.get("pads", [0] * (2 * self.count))
        return int(pads[self.index]), int(pads[self.index + self.count])

    @property
    def automatic(self) -> str:
        return str(self.given.get("auto_pad", b"NOTSET").decode())


def same_padding(rows: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """What SAME means: ceil(rows / stride) rows, the smaller half of the padding on the left."""
    reach = (-(-rows // stride) - 1) * stride + (kernel - 1) * dilation + 1
    total = max(reach - rows, 0)
    return total // 2, total - total // 2


def padding_of(
    node: onnx.NodeProto, axis: Axis, rows: int, kernel: int, zeros: tuple[int, int] = (0, 0)
) -> Padding:
    """The padding that a node's attributes mean, `rows` holding `zeros` of a Pad before it."""
    left, right = axis.pads
    if axis.automatic == "VALID":
        left, right = 0, 0
    elif axis.automatic != "NOTSET":
        left, right = same_padding(rows, kernel, axis.stride, axis.dilation)
        if axis.automatic == "SAME_LOWER":
            left, right = right, left
    left, right, rows = left + zeros[0], right + zeros[1], rows - sum(zeros)
    if (left, right) == (0, 0):
        return schema.Padding.VALID, 0, 0
    extent = (kernel - 1) * axis.dilation + 1
    if max(left, right) >= extent:
        raise refuse(node, f"it pads {left} and {right} rows", f"pad less than {extent} rows")
    if (left, right) == same_padding(rows, kernel, axis.stride, axis.dilation):
        return schema.Padding.SAME, 0, 0
    return schema.Padding.EXPLICIT, left, right


def rows_after(rows: int, kernel: int, axis: Axis, padding: Padding) -> int:
    """Rows of the output."""
    kind, left, right = padding
    if kind is schema.Padding.SAME:
        left, right = same_padding(rows, kernel, axis.stride, axis.dilation)
    return (rows + left + right - (kernel - 1) * axis.dilation - 1) // axis.stride + 1


def pool(importer: Importer, node: onnx.NodeProto, x: Computed) -> Computed:
    """MaxPool or AveragePool over time; a 2-D one may have the other axis alone."""
    given = attributes(node)
    axes = [Axis(given, i, len(x.shape) - 2) for i in range(len(x.shape) - 2)]
    moving = [a for a in axes if (a.kernel, a.stride, a.pads) != (1, 1, (0, 0))]
    moving = [a for a in moving if x.shape[2 + a.index] > 1] or axes[-1:]
    if len(moving) != 1:
        raise refuse(node, "it pools over two axes", "use a 1-D pool")
    (axis,) = moving
    place = 2 + axis.index
    order = [place, *(i for i in range(len(x.shape)) if i != place)]
    wanted = x.elements.transpose(order).reshape(x.shape[place], -1)
    tensor, _, columns = importer.rows(node, wanted, columns_free=True)
    rows = wanted.shape[0]
    params = _pool_params(node, axis, rows)
    padding = (params.padding, params.pad_left, params.pad_right)
    shape = (rows_after(rows, axis.kernel, axis, padding), wanted.shape[1])
    after = importer.emit(node, params, [tensor], shape)
    result = np.empty_like(after)
    result[:, columns] = after
    shaped = result.reshape([shape[0], *(x.shape[i] for i in order[1:])])
    return Computed(shaped.transpose(np.argsort(order)))


def _pool_params(node: onnx.NodeProto, axis: Axis, rows: int) -> schema.Pool:
    if axis.dilation != 1:
        raise refuse(node, "it has a dilation", "use a pool without dilation")
    padding = padding_of(node, axis, rows, axis.kernel)
    left, right = padding[1:] if padding[0] is schema.Padding.EXPLICIT else (0, 0)
    if padding[0] is schema.Padding.SAME:
        left, right = same_padding(rows, axis.kernel, axis.stride, 1)
    rest = (rows + left + right - axis.kernel) % axis.stride
    if axis.given.get("ceil_mode", 0) and rest != 0:
        raise refuse(node, "it rounds the number of rows up", "use ceil_mode=False")
    kind = schema.PoolKind.MAX if node.op_type == "MaxPool" else schema.PoolKind.AVERAGE
    counts = bool(axis.given.get("count_include_pad", 0))
    return schema.Pool(kind, axis.kernel, axis.stride, *padding, count_padding=counts)
