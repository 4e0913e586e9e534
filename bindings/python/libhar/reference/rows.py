"""Which rows an op reads: the sliding of convolutions and pools."""

from __future__ import annotations

import numpy as np

from libhar import schema
from libhar.reference.codes import Array


def pads(
    params: schema.Conv1d | schema.Pool, rows: int, kernel: int, dilation: int
) -> tuple[int, int]:
    """Rows of padding on the left and on the right."""
    if params.padding is schema.Padding.EXPLICIT:
        return params.pad_left, params.pad_right
    if params.padding is schema.Padding.VALID:
        return 0, 0
    reach = (-(-rows // params.stride) - 1) * params.stride + (kernel - 1) * dilation + 1
    total = max(reach - rows, 0)
    return total // 2, total - total // 2


def patches(
    x: Array, kernel: int, stride: int, dilation: int, fill: tuple[int, int, float]
) -> Array:
    """[windows, rows out, kernel, columns]; `fill` is (left, right, value) of the padding."""
    left, right, value = fill
    padded = np.pad(x, ((0, 0), (left, right), (0, 0)), constant_values=value)
    rows_out = (padded.shape[1] - (kernel - 1) * dilation - 1) // stride + 1
    index = np.arange(rows_out)[:, None] * stride + np.arange(kernel)[None, :] * dilation
    return padded[:, index]


def adaptive_ranges(rows: int, rows_out: int) -> list[tuple[int, int]]:
    """First and past-the-last input row of every output row of an adaptive pool."""
    return [(i * rows // rows_out, -(-(i + 1) * rows // rows_out)) for i in range(rows_out)]
