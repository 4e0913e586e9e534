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

STRIKE_HZ = 9.0
STRIKE_DECAY_SECONDS = 0.045
"""After a heel strike the phone rings on its belt: a damped oscillation. What all strikes have in
common is in the harmonics already; this is what differs, drawn anew for each strike. Frequency,
decay and sizes are those that bring every band closest to the training people of HAPT."""


@dataclass(frozen=True)
class Gait:
    """strike: standard deviation of the size of a heel strike's oscillation, per channel, g, rad/s.

    turn_rate: how fast the walker turns about the vertical, rad/s. The stairs of HAPT are a
    stairwell that turns one way up and the other way down; the mean of gyro_x says how fast.
    """

    harmonics: harmonics.Harmonics
    strike: tuple[float, ...]
    turn_rate: float


GAITS = {
    "WALKING": Gait(harmonics.WALKING, (0.62, 0.49, 0.64, 1.82, 1.92, 1.15), 0.0),
    "WALKING_UPSTAIRS": Gait(
        harmonics.WALKING_UPSTAIRS, (0.47, 0.48, 0.38, 1.14, 1.60, 1.03), 0.26
    ),
    "WALKING_DOWNSTAIRS": Gait(
        harmonics.WALKING_DOWNSTAIRS, (1.04, 0.70, 0.80, 2.13, 2.56, 1.54), -0.26
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
    for number, (amplitude, offset) in enumerate(zip(amplitudes, phases, strict=True), 1):
        total += amplitude * np.cos(np.pi * number * phase[:, None] + offset)
    return total


def _strikes(gait: Gait, rng: np.random.Generator, phase: Floats) -> Floats:
    """The oscillations [T, 6] after the heel strikes at the step phases [T]; no two are alike."""
    since_strike = phase - STRIKE_PHASE
    step = np.floor(since_strike).astype(int)
    seconds = (since_strike - step) / gait.harmonics.step_hz
    ringing = np.exp(-seconds / STRIKE_DECAY_SECONDS) * np.sin(2 * np.pi * STRIKE_HZ * seconds)
    sizes = np.array(gait.strike) * rng.standard_normal((step[-1] - step[0] + 1, 6))
    result: Floats = ringing[:, None] * sizes[step - step[0]]
    return result


def walk(gait: Gait, rng: np.random.Generator, count: int) -> Floats:
    """What `count` samples of walking add [count, 6]: begins and ends standing; g and rad/s."""
    phase = step_phase(gait.harmonics.step_hz, rng, count)
    vigour = 1 + VIGOUR_SPREAD * wander(rng, count, 1, WANDER_SECONDS)
    motion = vigour * _strides(gait.harmonics, phase) + _strikes(gait, rng, phase)
    motion[:, 3] += gait.turn_rate
    seconds = np.arange(count) / RATE_HZ
    ramp = smooth_ramp(seconds / RAMP_SECONDS) * smooth_ramp(seconds[::-1] / RAMP_SECONDS)
    result: Floats = ramp[:, None] * motion
    return result
