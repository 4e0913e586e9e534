"""Products of two computed values: attention, and weighted sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from libhar import schema
from libhar.convert.arithmetic import affine, multiply
from libhar.convert.importer import Importer, refuse
from libhar.convert.reductions import reduced
from libhar.convert.softmaxes import softmax
from libhar.convert.values import Computed, Constant, Elements, Product, Value


def product(
    importer: Importer, node: onnx.NodeProto, a: Elements, b: Elements, scale: float
) -> Product:
    """a [..., n, k] times b [..., k, m]; what it is shows when it is read."""
    right = b.swapaxes(-1, -2)
    batch = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    a = np.broadcast_to(a, (*batch, *a.shape[-2:]))
    right = np.broadcast_to(right, (*batch, *right.shape[-2:]))
    shape = (*batch, a.shape[-2], right.shape[-2])
    view = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    return Product(node, a, right, view, scale)


def scaled(node: onnx.NodeProto, operands: list[Value]) -> Product | None:
    """A product times a number, or plus zeros; None for anything else."""
    if len(operands) != 2 or node.op_type not in ("Mul", "Div", "Add"):
        return None
    for value, other in (operands, operands[::-1]):
        if not isinstance(value, Product) or not isinstance(other, Constant) or value.softmax:
            continue
        if node.op_type == "Add":
            zeros = not other.array.any()
            same = np.broadcast_shapes(value.shape, other.shape) == value.shape
            return value if zeros and same else None
        if other.array.size != 1 or (node.op_type == "Div" and other is operands[0]):
            return None
        factor = float(other.array.ravel()[0])
        factor = 1 / factor if node.op_type == "Div" else factor
        return replace(value, scale=value.scale * factor)
    return None


def weights(value: Product, axis: int) -> Product | None:
    """The softmax of a product over an axis of it: over its keys, or over its queries, swapped."""
    for candidate in (value, _swapped(value)):
        keys = candidate.b.shape[-2]
        line = np.moveaxis(candidate.view, axis, -1)
        if line.shape[-1] == keys and (line % keys == np.arange(keys)).all():
            return replace(candidate, softmax=True)
    return None


def _swapped(value: Product) -> Product:
    """The same product with queries and keys exchanged."""
    n, m = value.a.shape[-2], value.b.shape[-2]
    batch, rest = np.divmod(value.view, n * m)
    row, column = np.divmod(rest, m)
    return replace(value, a=value.b, b=value.a, view=batch * n * m + column * n + row)


def attend(importer: Importer, node: onnx.NodeProto, w: Product, values: Elements) -> Computed:
    """Softmax weights [..., n, m] times values [..., m, e]: one attention."""
    n, m = w.a.shape[-2], w.b.shape[-2]
    heads = int(np.prod(w.a.shape[:-2]))
    batch = np.broadcast_shapes(w.shape[:-2], values.shape[:-2])
    if (
        w.shape[-2:] != (n, m)
        or int(np.prod(batch)) != heads
        or not np.array_equal(w.view.ravel(), np.arange(w.view.size))
    ):
        advice = "multiply softmax(q k^T) by the values as it is"
        raise refuse(node, "it multiplies attention weights in another order", advice)
    values = np.broadcast_to(values, (*batch, *values.shape[-2:]))
    planes = [_joined(v, heads) for v in (w.a, w.b, values)]
    inputs = [importer.rows(node, plane)[0] for plane in planes]
    if w.scale <= 0:
        raise refuse(node, f"its scale is {w.scale}", "scale by a number above 0")
    params = schema.Attention(heads, w.scale)
    after = importer.emit(node, params, inputs, (n, planes[2].shape[1]))
    split = after.reshape(n, heads, values.shape[-1]).swapaxes(0, 1)
    return Computed(split.reshape(*batch, n, values.shape[-1]))


def _joined(x: Elements, heads: int) -> Elements:
    """[..., rows, d] to [rows, heads * d]."""
    rows, width = x.shape[-2:]
    return x.reshape(heads, rows, width).swapaxes(0, 1).reshape(rows, heads * width)


def sums(importer: Importer, value: Product) -> Computed:
    """A product that is no attention, where one side is a single row or column."""
    node = value.node
    if value.softmax:
        plain = sums(importer, replace(value, softmax=False, view=_whole(value)))
        made = softmax(importer, node, plain, (len(plain.shape) - 1,))
        return Computed(made.elements.ravel()[value.view])
    a, b = value.a[..., :, None, :], value.b[..., None, :, :]
    if 1 not in (a.shape[-3], b.shape[-2]) or int(np.prod(value.a.shape[:-2])) != 1:
        advice = "multiply by constants, or write attention as softmax(q k^T * scale) v"
        raise refuse(node, "it multiplies two computed matrices", advice)
    terms = multiply(importer, node, Computed(a), Computed(b))
    last = terms.elements.ndim - 1
    total = reduced(importer, node, terms.elements, (last,), schema.PoolKind.SUM)
    result = Computed(total[..., 0])
    if value.scale != 1.0:
        result = affine(importer, node, result, value.scale, 0.0)
    return Computed(result.elements.ravel()[value.view])


def _whole(value: Product) -> Elements:
    shape = (*value.a.shape[:-1], value.b.shape[-2])
    return np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
