"""The still gate, as include/har/stream.h says it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from libhar import schema


class StillGate:
    """Says of window after window whether it repeats the last computed one."""

    def __init__(self, gate: schema.Gate) -> None:
        self._tolerance = np.asarray(gate.tolerance, np.float64)
        self._still = np.asarray(gate.still_below, np.float64)
        self._most = gate.most_skipped
        self._confident = np.float32(gate.confident)
        self.reset()

    def reset(self) -> None:
        """The next window is computed: after a gap, and at the start."""
        self._last: NDArray[np.float64] | None = None
        self._skipped = 0
        self._trusted = False

    def trust(self, largest: float) -> None:
        """Tells the largest probability of the window that was just computed."""
        self._trusted = bool(largest >= self._confident)

    def skips(self, window: NDArray[np.float32]) -> bool:
        """Of the next window [rows, columns] after the signal steps."""
        return self.skips_summary(summary(window))

    def skips_summary(self, now: NDArray[np.float64]) -> bool:
        """Of a window whose summary is known."""
        if (
            self._last is not None
            and self._trusted
            and self._skipped < self._most
            and np.all(now[1] <= self._still)
            and np.all(self._last[1] <= self._still)
            and np.all(np.abs(now - self._last) <= self._tolerance)
        ):
            self._skipped += 1
            return True
        self._last, self._skipped = now, 0
        return False


def summary(window: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean and spread, which is the RMS about the mean, of each column: [2, columns]."""
    values = np.asarray(window, np.float64)
    mean = values.mean(axis=0)
    return np.stack([mean, np.sqrt(np.mean((values - mean) ** 2, axis=0))])
