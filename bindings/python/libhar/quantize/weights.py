"""Weights and biases in integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from libhar.reference.codes import Array

WEIGHT_LIMIT = 63
ACCUMULATOR_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class IntegerWeights:
    weight: Array  # int8, |w| <= 63
    scales: Array  # float32, one per output channel
    bias: Array  # int32, in units of input scale * weight scale


def quantize_weights(
    weight: Array, bias: Array | None, input_scale: np.float32, largest_input: int
) -> IntegerWeights:
    """Symmetric weights per output channel, [out, ...].

    The largest magnitude of a channel becomes 63, or less where `largest_input` times the sum of
    the magnitudes plus the bias could leave 32 bits.
    """
    flat = weight.reshape(len(weight), -1).astype(np.float64)
    values = np.zeros(len(weight)) if bias is None else bias.astype(np.float64)
    largest = np.abs(flat).max(axis=1)
    scales = np.where(largest > 0, largest / WEIGHT_LIMIT, 1.0).astype(np.float32)
    for _ in range(32):
        integers = np.rint(flat / scales[:, None])
        offsets = np.rint(values / (np.float64(input_scale) * scales))
        reach = largest_input * np.abs(integers).sum(axis=1) + np.abs(offsets)
        if np.all(reach <= ACCUMULATOR_LIMIT):
            break
        scales = np.where(reach > ACCUMULATOR_LIMIT, scales * np.float32(1.5), scales)
    else:
        worst = int(reach.argmax())
        raise ValueError(
            f"output {worst} has an accumulator of up to {reach[worst]:.3g}, "
            f"must be at most {ACCUMULATOR_LIMIT}: its bias is too large for its weights"
        )
    codes = integers.astype(np.int8).reshape(weight.shape)
    return IntegerWeights(codes, scales, offsets.astype(np.int32))
