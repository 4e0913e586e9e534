"""Postures: where gravity points in the phone's axes, still and on the way to another posture.

A vector v fixed in the room changes in the phone's axes as dv/dt = v x w, w the angular rate. So
a turn of the direction of gravity needs at least w = dv/dt x v, which is what a gyroscope shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.simulator import RATE_HZ
from training.simulator.noise import smooth_ramp, wander

Floats = NDArray[np.float64]

STANDARD_GRAVITY = 9.80665
"""m/s^2 in 1 g."""


@dataclass(frozen=True)
class Posture:
    """up: what the accelerometer shows at rest, in g; only its direction counts.

    waist_height: metres above the floor, for an adult of 1.70 m.
    sway: standard deviation of the tilt about each horizontal axis, rad.
    """

    up: tuple[float, float, float]
    waist_height: float
    sway: float


# Directions: medians over the training people of HAPT. Heights: standing waist at 0.6 of the body
# height (Winter, 2009, table 4.1), a chair of 0.45 m, a bed of 0.45 m. Sway: medians of the slow
# part of acc_y and acc_z of the same people.
POSTURES = {
    "WALKING": Posture((1.003, -0.199, -0.038), 1.02, 0.007),
    "WALKING_UPSTAIRS": Posture((0.958, -0.300, -0.137), 1.02, 0.007),
    "WALKING_DOWNSTAIRS": Posture((1.000, -0.170, -0.042), 1.02, 0.007),
    "SITTING": Posture((0.987, 0.116, 0.187), 0.58, 0.006),
    "STANDING": Posture((1.011, -0.162, 0.000), 1.02, 0.007),
    "LAYING": Posture((0.081, 0.741, 0.649), 0.55, 0.004),
}

FORWARD = np.array([0.0, 0.75, 0.66])
"""The walker's front in the phone's axes: up for one who lies on the back."""

LEAN = {"STAND_TO_SIT": 0.5, "SIT_TO_STAND": 0.5}
"""rad by which the trunk leans forward on the way: 25 to 40 degrees between chair and standing
(Schenkman et al., "Whole-body movements during rising to standing from sitting", Physical Therapy
70(10), 1990)."""

SWAY_SECONDS = 0.4
"""Gives the gyroscope about 0.015 rad/s while standing, as in HAPT."""


def direction(posture: str) -> Floats:
    """The unit vector of `posture`."""
    up = np.array(POSTURES[posture].up)
    result: Floats = up / np.linalg.norm(up)
    return result


def hold(posture: str, count: int) -> Floats:
    """The same direction for `count` samples [count, 3]."""
    return np.tile(direction(posture), (count, 1))


def turn(start: str, end: str, count: int, lean: float = 0.0) -> Floats:
    """Unit vectors [count, 3] from one posture to another, leaning forward by `lean` rad midway."""
    share = (np.arange(count) + 0.5) / count
    path = _arc(direction(start), direction(end), smooth_ramp(share))
    bell = 30 * share**2 * (1 - share) ** 2 / 1.875  # the speed of the minimum-jerk path, peak 1
    path -= (lean * bell)[:, None] * FORWARD
    return unit(path)


def sway(path: Floats, size: Floats, rng: np.random.Generator) -> Floats:
    """The path [T, 3] with a tilt that wanders, of standard deviation `size` [T] rad."""
    tilt = size[:, None] * wander(rng, len(path), 3, SWAY_SECONDS)
    return unit(path + tilt)


def yaw_sway(up: Floats, size: Floats, rng: np.random.Generator) -> Floats:
    """Angular rate [T, 3], rad/s, about the vertical, which gravity does not show.

    As large as the rate of a tilt of `size`: a wander's derivative is 1 / SWAY_SECONDS times it.
    """
    rate = (size / SWAY_SECONDS)[:, None] * wander(rng, len(up), 1, SWAY_SECONDS)
    result: Floats = rate * up
    return result


def angular_rate(path: Floats) -> Floats:
    """The smallest angular rate [T, 3], rad/s, that turns gravity along the unit vectors."""
    change = np.gradient(path, axis=0) * RATE_HZ
    return np.cross(change, path)


def rise(start: str, end: str, count: int) -> Floats:
    """Vertical acceleration [count] of the waist in g, between the heights of two postures."""
    share = (np.arange(count) + 0.5) / count
    seconds = count / RATE_HZ
    metres = POSTURES[end].waist_height - POSTURES[start].waist_height
    curvature = 60 * share - 180 * share**2 + 120 * share**3  # of smooth_ramp
    result: Floats = metres * curvature / seconds**2 / STANDARD_GRAVITY
    return result


def _arc(start: Floats, end: Floats, share: Floats) -> Floats:
    """Great-circle path between two unit vectors at the shares [T]."""
    angle = np.arccos(np.clip(start @ end, -1.0, 1.0))
    parts = np.sin(np.outer(1 - share, angle)), np.sin(np.outer(share, angle))
    result: Floats = (parts[0] * start + parts[1] * end) / np.sin(angle)
    return result


def unit(vectors: Floats) -> Floats:
    """The vectors [T, 3] at length 1."""
    result: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return result
