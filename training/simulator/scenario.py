"""Which activity follows which, and all of it put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.simulator import RATE_HZ
from training.simulator.gait import GAITS, walk
from training.simulator.noise import smooth_ramp
from training.simulator.posture import (
    LEAN,
    POSTURES,
    angular_rate,
    hold,
    rise,
    sway,
    turn,
    unit,
    yaw_sway,
)
from training.simulator.sensor import sense

Floats = NDArray[np.float64]

TRANSITIONS = {
    "STAND_TO_SIT": ("STANDING", "SITTING"),
    "SIT_TO_STAND": ("SITTING", "STANDING"),
    "STAND_TO_LIE": ("STANDING", "LAYING"),
    "LIE_TO_STAND": ("LAYING", "STANDING"),
}

TWO_MINUTES = (
    ("STANDING", 10.0),
    ("STAND_TO_SIT", 3.2),
    ("SITTING", 15.0),
    ("SIT_TO_STAND", 2.6),
    ("STANDING", 5.0),
    ("WALKING", 20.0),
    ("STANDING", 3.0),
    ("WALKING_DOWNSTAIRS", 15.0),
    ("STANDING", 3.0),
    ("WALKING_UPSTAIRS", 15.0),
    ("STANDING", 5.0),
    ("STAND_TO_LIE", 4.7),
    ("LAYING", 15.0),
    ("LIE_TO_STAND", 3.6),
    ("STANDING", 5.0),
)
"""All six classes; the transitions last as long as their medians in HAPT."""

BLEND_SECONDS = 0.8
"""In which the phone settles from standing to walking and back."""


@dataclass(frozen=True)
class Simulation:
    """samples: [T, 6] acc xyz in g, gyro xyz in rad/s; labels: the true activity of each."""

    samples: Floats
    labels: list[str]


def _path(activity: str, count: int) -> Floats:
    """The direction of gravity [count, 3] during one activity, without sway."""
    if activity in TRANSITIONS:
        start, end = TRANSITIONS[activity]
        return turn(start, end, count, LEAN.get(activity, 0.0))
    if activity in GAITS:
        seconds = np.arange(count) / RATE_HZ
        share = smooth_ramp(seconds / BLEND_SECONDS) * smooth_ramp(seconds[::-1] / BLEND_SECONDS)
        mixed = (
            hold("STANDING", count) * (1 - share[:, None]) + hold(activity, count) * share[:, None]
        )
        return unit(mixed)
    return hold(activity, count)


def _sway_size(activity: str, count: int) -> Floats:
    start, end = TRANSITIONS.get(activity, (activity, activity))
    return np.linspace(POSTURES[start].sway, POSTURES[end].sway, count)


def _added_motion(activity: str, rng: np.random.Generator, count: int, up: Floats) -> Floats:
    """What moving adds [count, 6] to gravity, whose direction is `up`."""
    if activity in GAITS:
        return walk(GAITS[activity], rng, count)
    motion = np.zeros((count, 6))
    if activity in TRANSITIONS:
        start, end = TRANSITIONS[activity]
        motion[:, :3] = rise(start, end, count)[:, None] * up
    return motion


def simulate(scenario: tuple[tuple[str, float], ...], seed: int) -> Simulation:
    """The activities of `scenario`, each with its seconds, as the phone records them.

    The same seed gives the same samples.
    """
    rng = np.random.default_rng(seed)
    counts = [round(seconds * RATE_HZ) for _, seconds in scenario]
    activities = [activity for activity, _ in scenario]
    pairs = list(zip(activities, counts, strict=True))
    still = np.concatenate([_path(activity, count) for activity, count in pairs])
    size = np.concatenate([_sway_size(*pair) for pair in pairs])
    up = sway(still, size, rng)
    motion = np.concatenate([up, angular_rate(up) + yaw_sway(up, size, rng)], axis=1)
    first = 0
    for activity, count in pairs:
        here = slice(first, first + count)
        motion[here] += _added_motion(activity, rng, count, up[here])
        first += count
    labels = [activity for activity, count in pairs for _ in range(count)]
    return Simulation(sense(motion, rng), labels)
