"""Whether a confidence of 90 % is right nine times in ten: bins, and the calibration error.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
Confidence is the largest probability of a window on its own, before smoothing and abstention.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BINS = 15
"""Of equal width from confidence 0 to 1, as in the source."""
BINNING = f"{BINS} bins of equal width"


@dataclass(frozen=True)
class Bin:
    """Windows whose confidence lies above `low` and at most at `high`."""

    low: float
    high: float
    windows: int
    confidence: float
    accuracy: float


def bins_of(scores: ArrayLike, labels: ArrayLike) -> tuple[Bin, ...]:
    """The bins that are not empty, from probabilities [windows, classes] and true classes."""
    probabilities = np.asarray(scores, np.float64)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.asarray(labels)
    numbers = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for number in np.unique(numbers).tolist():
        inside = numbers == number
        bins.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                windows=int(inside.sum()),
                confidence=float(confidence[inside].mean()),
                accuracy=float(right[inside].mean()),
            )
        )
    return tuple(bins)


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the mean over windows of their bin's distance between
    confidence and accuracy."""
    distances = sum(b.windows * abs(b.accuracy - b.confidence) for b in bins)
    return distances / sum(b.windows for b in bins)
