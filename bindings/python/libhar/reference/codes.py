"""Codes and the rounding of the contract: `fl` is binary32, `rne` rounds to nearest even."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = np.float32
Array = NDArray[Any]


def code(value: Array, zero: int, low: int, high: int) -> Array:
    """clamp(rne(value) + zero, low, high), clamped before rounding, which is the same; int32."""
    clamped = np.minimum(np.maximum(value, F32(low - zero)), F32(high - zero))
    return np.rint(clamped).astype(np.int32) + np.int32(zero)


def quantize(x: Array, scale: np.float32, zero: int, low: int, high: int) -> Array:
    """F32 to codes: v = fl(x * fl(1 / s))."""
    return code(x * (F32(1) / scale), zero, low, high)


def dequantize(q: Array, scale: np.float32, zero: int) -> Array:
    """Codes to F32: fl(fl(q - z) * s)."""
    return (q.astype(np.int32) - np.int32(zero)).astype(F32) * scale
