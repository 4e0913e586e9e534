"""Layer norms, recognised by what they compute, and batch norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.arithmetic import affine
from libhar.convert.importer import Importer, attributes, floats, name_of, refuse
from libhar.convert.reductions import mean_axes
from libhar.convert.values import Computed, Constant

TOLERANCE = 1e-7
TRIALS = 8
"""Random inputs that scale and offset are fitted to."""


def batch_norm(importer: Importer, node: onnx.NodeProto, x: Computed) -> Computed:
    """As one affine over axis 1, computed in binary64 and rounded once."""
    gamma, beta, mean, variance = (floats(importer.constant(node, i).array) for i in range(1, 5))
    scale = gamma / np.sqrt(variance + attributes(node).get("epsilon", 1e-5))
    shape = [-1] + [1] * (len(x.shape) - 2)
    return affine(importer, node, x, scale.reshape(shape), (beta - mean * scale).reshape(shape))


def layer_normalization(importer: Importer, node: onnx.NodeProto, x: Computed) -> Computed:
    """The node of that name, over the axes from `axis` on."""
    given = attributes(node)
    first = given.get("axis", -1) % len(x.shape)
    shape = x.shape[first:]
    scale = np.broadcast_to(importer.constant(node, 1).array, shape)
    offset = importer.optional(node, 2)
    offsets = np.broadcast_to(0.0 if offset is None else offset.array, shape)
    axes = tuple(range(first, len(x.shape)))
    return _emit(importer, node, x, axes, scale, offsets, given.get("epsilon", 1e-5))


def layer_norm_of(
    importer: Importer,
    node: onnx.NodeProto,
    x: Computed,
    nodes: list[onnx.NodeProto],
    constants: list[Constant],
    function: Callable[[NDArray[Any]], NDArray[Any]],
) -> Computed | None:
    """The layer norm that a tree of nodes over x computes; None where it computes none.

    Epsilon is one of its constants; scale and offset are fitted to what it gives for random rows.
    """
    axes = {mean_axes(n, [x, *importer.inputs(n)[1:]]) for n in nodes if n.op_type in _MEANS}
    if len(axes) != 1 or not any(n.op_type in ("Sqrt", "Pow") for n in nodes):
        return None
    (reduced,) = axes
    rng = np.random.default_rng(0)
    inputs = [np.exp(rng.normal()) * rng.normal(size=x.shape) for _ in range(TRIALS)]
    found = np.concatenate([_by_row(function(v), reduced) for v in inputs])
    centred = np.concatenate([_by_row(v, reduced) for v in inputs])
    centred = centred - centred.mean(axis=1, keepdims=True)
    small = {float(c.array.ravel()[0]) for c in constants if c.array.size == 1}
    for epsilon in sorted(e for e in small if 0 < e < 0.1):
        unit = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon)
        scale = (unit * found).mean(axis=0) - unit.mean(axis=0) * found.mean(axis=0)
        scale = scale / unit.var(axis=0)
        offset = found.mean(axis=0) - scale * unit.mean(axis=0)
        if np.abs(unit * scale + offset - found).max() < TOLERANCE * max(1, np.abs(found).max()):
            shape = [x.shape[a] for a in reduced]
            return _emit(
                importer, node, x, reduced, scale.reshape(shape), offset.reshape(shape), epsilon
            )
    return None


_MEANS = ("ReduceMean", "GlobalAveragePool")


def _by_row(values: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
    """[everything else, the reduced axes]."""
    kept = [i for i in range(values.ndim) if i not in axes]
    size = int(np.prod([values.shape[a] for a in axes]))
    return values.transpose([*kept, *axes]).reshape(-1, size)


def _emit(
    importer: Importer,
    node: onnx.NodeProto,
    x: Computed,
    axes: tuple[int, ...],
    scale: NDArray[Any],
    offset: NDArray[Any],
    epsilon: float,
) -> Computed:
    kept = [i for i in range(len(x.shape)) if i not in axes]
    order = [*kept, *axes]
    size = int(np.prod([x.shape[a] for a in axes]))
    if size < 2:
        raise refuse(node, "it normalises single values", "normalise over the channels")
    tensor, rows, columns = importer.rows(
        node, x.elements.transpose(order).reshape(-1, size), True, True
    )
    name = name_of(node)
    inputs = [
        tensor,
        importer.weight(f"{name}.scale", scale.reshape(-1)[columns]),
        importer.weight(f"{name}.offset", offset.reshape(-1)[columns]),
    ]
    after = importer.emit(node, schema.LayerNorm(epsilon), inputs, importer.builder.shape(tensor))
    result = np.empty_like(after)
    result[np.ix_(rows, columns)] = after
    shaped = result.reshape([x.shape[i] for i in order])
    return Computed(shaped.transpose(np.argsort(order)))
