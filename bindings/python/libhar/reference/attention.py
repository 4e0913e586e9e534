"""Scaled dot-product attention (A. Vaswani et al., 2017), by heads."""

from __future__ import annotations

import numpy as np

from libhar import schema
from libhar.reference import functions
from libhar.reference.call import Call, converted, scale_of
from libhar.reference.codes import F32, Array


def attention(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Attention)
    queries, keys, values = (_heads(call.shifted(i), params.heads) for i in range(3))
    scale = F32(params.scale)
    if queries.dtype == F32:
        weights = functions.softmax(np.asarray(queries @ keys.swapaxes(-1, -2), F32) * scale)
        return _joined(np.asarray(weights @ values, F32))
    multiplier = (scale_of(call.tensor(0)) * scale_of(call.tensor(1))) * scale
    logits = converted(_exact(queries, keys.swapaxes(-1, -2))) * multiplier
    parts = np.clip(np.rint(functions.softmax(logits) * F32(255)), 0, 255).astype(np.int32)
    sums = converted(_exact(parts, values))
    out = scale_of(call.tensor(2)) * (F32(1) / F32(255)) / scale_of(call.out)
    return call.requantized(_joined(sums * out))


def _heads(x: Array, heads: int) -> Array:
    """[windows, rows, heads * d] to [windows, heads, rows, d]."""
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def _joined(x: Array) -> Array:
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)


def _exact(a: Array, b: Array) -> Array:
    """A product of integers; their sums stay below 2^53."""
    return np.rint(a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)
