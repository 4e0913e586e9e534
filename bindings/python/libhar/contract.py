"""What the training people's signal looked like, for the running check of a stream.

`contract` looks at raw recordings in the units of a model's channels and gives the Contract tables
of its file: where gravity pointed, how much rotation goes with how much acceleration, and the
pattern of which axes move together, by which a stream notices that an axis of one sensor is turned
round or taken for another. docs/design/source.md has the method; lib/signal/contract.c computes the
same figures on the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy import signal as scipy_signal

from libhar import schema

BLOCKS_A_SECOND = 2
BLOCKS = 4
"""The figures are of the last four blocks, 2 seconds."""
CUTOFF_HZ = 5.0
MOVING_ABOVE = 0.8
"""m/s^2: the spread of the acceleration above which a person moves."""
FACES, CELLS = 6, 8
"""Of the cube map of directions: faces +x -x +y -y +z -z of 8 x 8 cells."""
SLACK = 2.5
"""Rotation may be this many times less or more than ever in training."""
SCALES = {1: 1.0, 2: 9.80665, 3: 1.0, 4: np.pi / 180.0}
"""SI units from schema.Unit of accelerations and rates of rotation."""
KEEP = 0.75
"""Of the evidence for each wrong axis from one look to the next, half a second later."""
FALSE_ALARMS = 1e-3
"""The share of looks at moving training people, unseen by the pattern, that may complain."""
MOST_EVIDENCE = 2.0
"""That one look adds, so that no single odd movement decides."""
PENALTY = 1e-4

_PAIRS = [(i, j) for i in range(9) for j in range(i, 9)]
_DIRECTION_PAIRS = [(i, j) for i in range(3) for j in range(i, 3)]
_TURNS = [
    ((0, 1, 2), (-1, -1, -1)),
    ((0, 1, 2), (-1, 1, 1)),
    ((0, 1, 2), (1, -1, 1)),
    ((0, 1, 2), (1, 1, -1)),
    ((1, 0, 2), (1, 1, 1)),
    ((2, 1, 0), (1, 1, 1)),
    ((0, 2, 1), (1, 1, 1)),
    ((1, 2, 0), (1, 1, 1)),
    ((2, 0, 1), (1, 1, 1)),
]
"""Order and signs of the axes of one sensor, as mistakes have them."""


@dataclass(frozen=True)
class Looks:
    """The figures of each look, one every block: of the last BLOCKS blocks."""

    mean: NDArray[np.float64]
    """[n, 9] of acceleration, rotation and the acceleration's derivative."""
    covariance: NDArray[np.float64]
    """[n, 9, 9]."""

    @property
    def spread(self) -> NDArray[np.float64]:
        """Of the acceleration, m/s^2."""
        return np.asarray(np.sqrt(np.trace(self.covariance[:, :3, :3], axis1=1, axis2=2)))

    @property
    def rotation(self) -> NDArray[np.float64]:
        """RMS rate, rad/s."""
        about_mean = np.trace(self.covariance[:, 3:6, 3:6], axis1=1, axis2=2)
        return np.asarray(np.sqrt(about_mean + (self.mean[:, 3:6] ** 2).sum(axis=1)))

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vectors [n, 3] of the mean acceleration."""
        down = self.mean[:, :3]
        return np.asarray(down / np.linalg.norm(down, axis=1, keepdims=True))


def look(acceleration: NDArray[np.float64], rotation: NDArray[np.float64], rate: float) -> Looks:
    """The looks at one recording: [rows, 3] in m/s^2 and rad/s."""
    step = 2 * np.pi * CUTOFF_HZ / rate
    step /= 1 + step
    joined = np.hstack([acceleration, rotation])
    start = joined[:1] * (1 - step)
    low = scipy_signal.lfilter([step], [1, step - 1], joined, axis=0, zi=start)[0]
    slope = np.diff(low[:, :3], axis=0, prepend=low[:1, :3]) * rate
    signal = np.hstack([low, slope])
    size = int(rate / BLOCKS_A_SECOND + 0.5)
    blocks = signal[: len(signal) // size * size].reshape(-1, size, 9)
    sums = np.lib.stride_tricks.sliding_window_view(blocks.sum(axis=1), BLOCKS, axis=0).sum(-1)
    products = np.einsum("bri,brj->bij", blocks, blocks)
    windows = np.lib.stride_tricks.sliding_window_view(products, BLOCKS, axis=0).sum(-1)
    mean = sums / (BLOCKS * size)
    return Looks(mean, windows / (BLOCKS * size) - np.einsum("ni,nj->nij", mean, mean))


def contract(
    signal: schema.Signal, recordings: Iterable[tuple[int, NDArray[np.float32]]]
) -> list[schema.Contract]:
    """A table for each accelerometer with a gyroscope of the same placement.

    `recordings` are (person, [rows, channels]) of training people alone, in the channels' units.
    Raises ValueError where the recordings are too few or too short.
    """
    kept = [(person, np.asarray(rows, np.float64)) for person, rows in recordings]
    return [_one(signal, acc, gyro, kept) for acc, gyro in _sensors(signal.channels)]


def _sensors(channels: Sequence[schema.Channel]) -> list[tuple[list[int], list[int]]]:
    """Channels x y z of each accelerometer, and of the gyroscope of its placement."""
    found: dict[tuple[int, int], dict[int, int]] = {}
    for i, channel in enumerate(channels):
        found.setdefault((channel.kind, channel.placement), {})[channel.axis] = i
    pairs = []
    for (kind, placement), axes in found.items():
        gyro = found.get((schema.SensorKind.GYROSCOPE, placement), {})
        if kind == schema.SensorKind.ACCELEROMETER and {1, 2, 3} <= axes.keys() & gyro.keys():
            pairs.append(([axes[a] for a in (1, 2, 3)], [gyro[a] for a in (1, 2, 3)]))
    return pairs


def _one(
    signal: schema.Signal,
    acc: list[int],
    gyro: list[int],
    recordings: list[tuple[int, NDArray[np.float64]]],
) -> schema.Contract:
    scale_acc = SCALES[signal.channels[acc[0]].unit]
    scale_gyro = SCALES[signal.channels[gyro[0]].unit]
    looks = [
        (p, look(rows[:, acc] * scale_acc, rows[:, gyro] * scale_gyro, signal.rate_hz))
        for p, rows in recordings
    ]
    if len({p for p, _ in looks}) < 2 or not any(len(found.mean) for _, found in looks):
        raise ValueError("a contract needs recordings of two people, of some seconds each")
    spread = np.concatenate([found.spread for _, found in looks])
    rotation = np.concatenate([found.rotation for _, found in looks])
    direction = np.concatenate([found.direction for _, found in looks])
    moving = spread > MOVING_ABOVE
    pattern, margin = _pattern(looks)
    return schema.Contract(
        acceleration=np.array(acc, np.uint16),
        rotation=np.array(gyro, np.uint16),
        moving_above=MOVING_ABOVE,
        gravity_still=_cube_map(direction[~moving]),
        gravity_moving=_cube_map(direction[moving]),
        rotation_least=float(rotation.min()) / SLACK,
        ratio_least=float((rotation / spread).min()) / SLACK,
        ratio_most=float((rotation / spread).max()) * SLACK,
        pattern=pattern.astype(np.float32),
        pattern_margin=margin,
    )


# ---------------------------------------------------------------- directions


def _cells(direction: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of each direction's cell."""
    major = np.abs(direction).argmax(axis=1)
    rows = np.arange(len(direction))
    along = direction[rows, major]
    across = [direction[rows, (major + k) % 3] / np.abs(along) for k in (1, 2)]
    u, v = (np.clip(((a + 1) * (CELLS / 2)).astype(np.int64), 0, CELLS - 1) for a in across)
    return np.asarray(((2 * major + (along < 0)) * CELLS + u) * CELLS + v)


def _centres() -> NDArray[np.float64]:
    """The unit vectors of the middles of the cells."""
    middle = (np.arange(CELLS) + 0.5) * (2 / CELLS) - 1
    made = np.zeros((3, 2, CELLS, CELLS, 3))
    for major in range(3):
        made[major, 0, ..., major], made[major, 1, ..., major] = 1, -1
        made[major, ..., (major + 1) % 3] = middle[:, None]
        made[major, ..., (major + 2) % 3] = middle
    flat = made.reshape(-1, 3)
    return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True))


def _cube_map(directions: NDArray[np.float64], degrees: float = 15.0) -> NDArray[np.uint8]:
    """A bit for each cell within `degrees` of a direction that was seen."""
    near = np.zeros(FACES * CELLS * CELLS, bool)
    centres, limit = _centres(), np.cos(np.radians(degrees))
    for cell in np.unique(_cells(directions)):
        near |= centres @ centres[cell] >= limit
    return np.packbits(near, bitorder="little")


# ---------------------------------------------------------------- the pattern of axes


def _pattern_features(looks: Looks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normalized covariances [n, 9, 9] and directions [n, 3]: each of the three signals has the
    whole spread 1, so that turning its axes leaves the others as they are."""
    traces = [
        np.trace(looks.covariance[:, b : b + 3, b : b + 3], axis1=1, axis2=2) for b in (0, 3, 6)
    ]
    scale = np.repeat(np.sqrt(np.stack(traces, axis=1)), 3, axis=1)
    return looks.covariance / np.einsum("ni,nj->nij", scale, scale), looks.direction


def _flat(covariance: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    first = [covariance[:, i, j] for i, j in _PAIRS]
    second = [direction[:, i] * direction[:, j] for i, j in _DIRECTION_PAIRS]
    return np.stack(first + second, axis=1)


def turned(looks: Looks) -> NDArray[np.float64]:
    """What each mistake of axes changes in the features, [18, n, 51]; of acceleration first."""
    covariance, direction = _pattern_features(looks)
    before = _flat(covariance, direction)
    changes = []
    for sensor in (0, 1):
        for order, signs in _TURNS:
            places, sign = np.arange(9), np.ones(9)
            for block in (0, 6) if sensor == 0 else (3,):
                places[block : block + 3] = block + np.array(order)
                sign[block : block + 3] = signs
            moved = covariance[:, places][:, :, places] * np.outer(sign, sign)
            down = direction[:, list(order)] * np.array(signs) if sensor == 0 else direction
            changes.append(_flat(moved, down) - before)
    return np.stack(changes)


def _fit(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights by which a mistake raises the sum: logistic loss over all mistakes and looks."""
    features = changes.reshape(-1, changes.shape[-1])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        rise = features @ weights
        value = np.logaddexp(0, -rise).mean() + PENALTY * weights @ weights
        share = -1 / (1 + np.exp(np.clip(rise, -700, 700)))
        return float(value), share @ features / len(features) + 2 * PENALTY * weights

    found = optimize.minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x)


def evidence(
    weights: NDArray[np.float64], looks: Looks, moving_above: float
) -> NDArray[np.float64]:
    """The evidence [n, 18] for each mistake after each look: at rest it fades, in motion what the
    mistake would lower the sum by is added."""
    falls = -(turned(looks) @ weights).T
    moving = looks.spread > moving_above
    total, out = np.zeros(falls.shape[1]), np.zeros_like(falls)
    for i, fall in enumerate(falls):
        added = np.clip(fall, -MOST_EVIDENCE, MOST_EVIDENCE) if moving[i] else 0.0
        total = total * KEEP + added
        out[i] = total
    return out


def _pattern(looks: list[tuple[int, Looks]]) -> tuple[NDArray[np.float64], float]:
    """The weights, and the evidence that is to be passed: what people whom weights of the other
    people were fitted to without pass in FALSE_ALARMS of their looks."""
    changes = [turned(found)[:, found.spread > MOVING_ABOVE] for _, found in looks]
    people = sorted({person for person, _ in looks})
    largest = []
    for fold in (0, 1):
        chosen = set(people[fold::2])
        weights = _fit(np.concatenate([c for c, (p, _) in zip(changes, looks) if p in chosen], 1))
        for person, found in looks:
            if person not in chosen:
                largest.append(evidence(weights, found, MOVING_ABOVE).max(axis=1))
    margin = float(np.quantile(np.concatenate(largest), 1 - FALSE_ALARMS))
    return _fit(np.concatenate(changes, axis=1)), max(margin, 0.0)
