"""Pools, sums and means: over a sliding reach, over parts, over all rows or all columns."""

from __future__ import annotations

import numpy as np

from libhar import schema
from libhar.reference import rows
from libhar.reference.call import Call, scale_of, zero_of
from libhar.reference.codes import F32, Array


def _mean(call: Call, sums: Array, count: int) -> Array:
    """A mean of `count` values; `sums` of floats, or of codes minus the zero point."""
    if call.tensor(0).dtype is schema.DType.F32:
        return sums / F32(count)
    multiplier = (scale_of(call.tensor(0)) / scale_of(call.out)) / F32(count)
    return call.requantized(sums.astype(F32) * multiplier)


def pool(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Pool)
    x = call.shifted(0)
    left, right = rows.pads(params, x.shape[1], params.kernel, 1)
    present = np.ones((1, x.shape[1], 1), bool)
    inside = rows.patches(present, params.kernel, params.stride, 1, (left, right, False))[
        0, :, :, 0
    ]
    taken = rows.patches(x, params.kernel, params.stride, 1, (left, right, 0))
    parts = []
    for t, mask in enumerate(inside):
        covered = taken[:, t, mask]
        if params.kind is schema.PoolKind.MAX:
            parts.append(covered.max(axis=1) + x.dtype.type(zero_of(call.tensor(0))))
        else:
            count = params.kernel if params.count_padding else int(mask.sum())
            parts.append(_mean(call, covered.sum(axis=1, dtype=x.dtype), count))
    return np.stack(parts, axis=1)


def adaptive_pool(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.AdaptivePool)
    x = call.shifted(0)
    ranges = rows.adaptive_ranges(x.shape[1], params.rows)
    return np.stack(
        [_mean(call, x[:, a:b].sum(axis=1, dtype=x.dtype), b - a) for a, b in ranges], axis=1
    )


def global_pool(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.GlobalPool)
    axis = 1 + params.axis
    if params.kind is schema.PoolKind.MAX:
        return np.asarray(call.value(0).max(axis=axis))
    x = call.shifted(0)
    sums = x.sum(axis=axis, dtype=x.dtype)
    if params.kind is schema.PoolKind.AVERAGE:
        return _mean(call, sums, x.shape[axis])
    if x.dtype == F32:
        return np.asarray(sums)
    return call.requantized(sums.astype(F32) * (scale_of(call.tensor(0)) / scale_of(call.out)))
