"""The sensors of the phone of HAPT: white noise, then the steps of the converters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NOISE = np.array([0.0029, 0.0029, 0.0044, 0.0045, 0.0055, 0.0048])
"""Standard deviation per channel, g and rad/s: from the differences of neighbouring samples of
the training people of HAPT while they sit, stand and lie."""

STEP = np.array([1 / 720] * 3 + [0.0175 * np.pi / 180] * 3)
"""g and rad/s: the steps in which the recordings of HAPT are; 17.5 millidegrees a second."""


def sense(motion: Floats, rng: np.random.Generator) -> Floats:
    """What the sensors make of the true values [T, 6]."""
    noisy = motion + NOISE * rng.standard_normal(motion.shape)
    result: Floats = np.round(noisy / STEP) * STEP
    return result
