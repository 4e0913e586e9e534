"""Walking: the acceleration and angular rate that a stride adds at the waist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.simulator import RATE_HZ, harmonics
from training.simulator.noise import smooth_ramp, wander

Floats = NDArray[np.float64]

CADENCE_SPREAD = 0.02
"""Of the step frequency, from stride to stride: healthy adults vary by 1 to 3 % (Hausdorff et al.,
"Is walking a random walk?", Journal of Applied Physiology 78(1), 1995)."""

VIGOUR_SPREAD = 0.08
"""Of all amplitudes, from stride to stride."""

WANDER_SECONDS = 0.6
"""About a step: how long a cadence or a vigour lasts."""

RAMP_SECONDS = 0.8
"""Walking begins and ends within a step and a half."""

STRIKE_PHASE = -0.15
"""Of a step: heel strike before the peak of vertical acceleration. On the training people of HAPT
the power above 8 Hz begins to rise 0.2 of a step before that peak and is highest at the peak."""

STRIKE_HZ = 11.0
STRIKE_DECAY_SECONDS = 0.06
"""The shock of heel strike at the trunk: a damped oscillation of 10 to 20 Hz (Voloshin and Wosk,
"An in vivo study of low back pain and shock absorption in the human locomotor system", Journal of
Biomechanics 15(1), 1982)."""


@dataclass(frozen=True)
class Gait:
    """strike: how large the oscillation after a heel strike is, per channel, g and rad/s, set so
    that the power above 8 Hz is that of the training people of HAPT (a test compares them).

    turn_rate: how fast the walker turns about the vertical, rad/s. The stairs of HAPT are a
    stairwell that turns one way up and the other way down; the mean of gyro_x says how fast.
    """

    harmonics: harmonics.Harmonics
    strike: tuple[float, ...]
    turn_rate: float


GAITS = {
    "WALKING": Gait(harmonics.WALKING, (0.34, 0.32, 0.33, 0.80, 1.20, 0.50), 0.0),
    "WALKING_UPSTAIRS": Gait(
        harmonics.WALKING_UPSTAIRS, (0.34, 0.25, 0.20, 0.60, 1.00, 0.45), 0.26
    ),
    "WALKING_DOWNSTAIRS": Gait(
        harmonics.WALKING_DOWNSTAIRS, (0.55, 0.38, 0.42, 0.95, 1.60, 0.80), -0.26
    ),
}


def step_phase(step_hz: float, rng: np.random.Generator, count: int) -> Floats:
    """Steps walked until each of `count` samples; the cadence wanders about `step_hz`."""
    cadence = step_hz * (1 + CADENCE_SPREAD * wander(rng, count, 1, WANDER_SECONDS)[:, 0])
    result: Floats = rng.uniform(0.0, 2.0) + np.cumsum(cadence) / RATE_HZ
    return result


def _strides(table: harmonics.Harmonics, phase: Floats) -> Floats:
    """The sum of the harmonics [T, 6] at the step phases [T]."""
    amplitudes = np.array(table.amplitudes)
    phases = np.array(table.phases)
    total = np.zeros((len(phase), amplitudes.shape[1]))
    for number, (amplitude, offset) in enumerate(zip(amplitudes, phases), 1):
        total += amplitude * np.cos(np.pi * number * phase[:, None] + offset)
    return total


def _strikes(strike: Floats, step_hz: float, phase: Floats) -> Floats:
    """The damped oscillations [T, 6] after the heel strikes at the step phases [T]."""
    since = np.mod(phase - STRIKE_PHASE, 1.0) / step_hz
    ringing = np.exp(-since / STRIKE_DECAY_SECONDS) * np.sin(2 * np.pi * STRIKE_HZ * since)
    result: Floats = ringing[:, None] * strike
    return result


def walk(gait: Gait, rng: np.random.Generator, count: int) -> Floats:
    """What `count` samples of walking add [count, 6]: begins and ends standing; g and rad/s."""
    phase = step_phase(gait.harmonics.step_hz, rng, count)
    vigour = 1 + VIGOUR_SPREAD * wander(rng, count, 1, WANDER_SECONDS)
    strikes = _strikes(np.array(gait.strike), gait.harmonics.step_hz, phase)
    motion = vigour * (_strides(gait.harmonics, phase) + strikes)
    motion[:, 3] += gait.turn_rate
    seconds = np.arange(count) / RATE_HZ
    ramp = smooth_ramp(seconds / RAMP_SECONDS) * smooth_ramp(seconds[::-1] / RAMP_SECONDS)
    result: Floats = ramp[:, None] * motion
    return result
