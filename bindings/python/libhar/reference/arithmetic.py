"""Add, Multiply and Affine, with one row or one column standing for all."""

from __future__ import annotations

import numpy as np

from libhar.reference.call import Call, scale_of
from libhar.reference.codes import F32, Array


def add(call: Call) -> Array:
    a, b = call.shifted(0), call.shifted(1)
    if a.dtype == F32:
        return np.asarray(a + b)
    terms = [
        v.astype(F32) * (scale_of(call.tensor(i)) / scale_of(call.out))
        for i, v in enumerate((a, b))
    ]
    return call.requantized(terms[0] + terms[1])


def multiply(call: Call) -> Array:
    a, b = call.shifted(0), call.shifted(1)
    if a.dtype == F32:
        return np.asarray(a * b)
    multiplier = (scale_of(call.tensor(0)) * scale_of(call.tensor(1))) / scale_of(call.out)
    return call.requantized(a.astype(F32) * b.astype(F32) * multiplier)


def affine(call: Call) -> Array:
    x, scale, offset = call.shifted(0), call.value(1), call.value(2)
    if x.dtype == F32:
        return np.asarray(x * scale + offset)
    multiplier = scale_of(call.tensor(0)) * scale / scale_of(call.out)
    return call.requantized(x.astype(F32) * multiplier + offset / scale_of(call.out))
