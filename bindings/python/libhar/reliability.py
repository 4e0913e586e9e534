"""Whether a confidence of 90 % is right nine times in ten: reliability diagrams and their error.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
Confidence is the largest probability of a window on its own, before smoothing and abstention.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15
"""As in the paper; bin i holds the confidences above i / BINS, up to (i + 1) / BINS."""
BINNING = f"{BINS} bins of equal width"


@dataclass(frozen=True)
class Reliability:
    """Per bin [BINS]: how many windows, their mean confidence, and the share that was right; the
    last two are NaN in an empty bin."""

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def ece(self) -> float:
        """The expected calibration error: sum of counts / n * |accuracy - confidence|."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float(np.nansum(self.counts * gaps) / self.counts.sum())


def reliability(scores: ArrayLike, labels: ArrayLike) -> Reliability:
    """From probabilities [windows, classes] and true classes [windows]."""
    probabilities = np.asarray(scores, np.float64)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.asarray(labels)
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    with np.errstate(invalid="ignore"):
        return Reliability(
            counts,
            np.bincount(bins, confidence, BINS) / counts,
            np.bincount(bins, right, BINS) / counts,
        )
