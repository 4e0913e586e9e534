"""Noise with a time constant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.simulator import RATE_HZ

Floats = NDArray[np.float64]


def wander(rng: np.random.Generator, count: int, columns: int, seconds: float) -> Floats:
    """Smooth noise [count, columns] of standard deviation 1 that forgets itself in about `seconds`.

    White noise through two equal one-pole low-passes of that time constant, begun in the steady
    state. Its standard deviation follows from the impulse response (n + 1) p^n, whose squares sum
    to (1 + p^2) / (1 - p^2)^3.
    """
    pole = np.exp(-1 / (seconds * RATE_HZ))
    lead = int(10 * seconds * RATE_HZ)
    once = np.zeros(columns)
    twice = np.zeros(columns)
    result = np.empty((count, columns))
    for row, white in enumerate(rng.standard_normal((lead + count, columns))):
        once = pole * once + white
        twice = pole * twice + once
        if row >= lead:
            result[row - lead] = twice
    result *= np.sqrt((1 - pole**2) ** 3 / (1 + pole**2))
    return result


def smooth_ramp(share: Floats) -> Floats:
    """0 to 1 as `share` goes from 0 to 1, along the minimum-jerk path.

    10 s^3 - 15 s^4 + 6 s^5: Flash and Hogan, "The coordination of arm movements", Journal of
    Neuroscience 5(7), 1985.
    """
    s = np.clip(share, 0.0, 1.0)
    result: Floats = s**3 * (10 - 15 * s + 6 * s**2)
    return result
