"""What the training people's signal looked like, for the running check of a stream.

`contract` looks at raw recordings in the units of a model's channels and gives the Contract tables
of its file: where gravity pointed, how much rotation goes with how much acceleration, and a small
network (contract_axes.py) by which a stream notices that axes are turned round or taken for others.
docs/design/source.md has the method; lib/signal/contract.c computes the
same figures on the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal as scipy_signal

from libhar import contract_axes, schema

Report = Callable[[str], None]

BLOCKS_A_SECOND = 2
BLOCKS = 4
"""The figures are of the last four blocks, 2 seconds."""
CUTOFF_HZ = 5.0
MOVING_ABOVE = 2.0
"""m/s^2: the spread of the acceleration above which a person walks or more."""
FACES, CELLS = 6, 8
"""Of the cube map of directions: faces +x -x +y -y +z -z of 8 x 8 cells."""
SLACK = 2.5
"""Rotation may be this many times less or more than ever in training."""
SCALES = {1: 1.0, 2: 9.80665, 3: 1.0, 4: np.pi / 180.0}
"""SI units from schema.Unit of accelerations and rates of rotation."""
STEADY = 0.25
"""The most that a block's direction differs from the look's: 14 degrees."""
FALSE_ALARMS = 7e-3
"""The share of looks at training people, unseen by the network, that may complain of axes."""
FOLDS = 3


@dataclass(frozen=True)
class Looks:
    """The figures of each look, one every block: of the last BLOCKS blocks."""

    mean: NDArray[np.float64]
    """[n, 9] of acceleration, rotation and the acceleration's derivative."""
    covariance: NDArray[np.float64]
    """[n, 9, 9]."""
    steady: NDArray[np.bool_]
    """[n]: gravity stays where it is, the mean accelerations of all blocks point the same way."""

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
        return _unit(self.mean[:, :3])

    def figures(self) -> contract_axes.Figures:
        return contract_axes.figures(self.mean, self.covariance)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


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
    whole, parts = _unit(mean[:, :3]), _unit(blocks.sum(axis=1)[:, :3])
    near = np.lib.stride_tricks.sliding_window_view(parts, BLOCKS, axis=0).transpose(0, 2, 1)
    steady = (np.linalg.norm(near - whole[:, None], axis=2) < STEADY).all(axis=1)
    return Looks(mean, windows / (BLOCKS * size) - np.einsum("ni,nj->nij", mean, mean), steady)


def contract(
    signal: schema.Signal,
    recordings: Iterable[tuple[int, NDArray[np.float32]]],
    units: int = contract_axes.UNITS,
    report: Report = lambda line: None,
) -> list[schema.Contract]:
    """A table for each accelerometer with a gyroscope of the same placement.

    `recordings` are (person, [rows, channels]) of training people alone, in the channels' units;
    `units` are of the network, 65 bytes of the file each. `report` gets a line before each of the
    networks that are fitted, which takes minutes. Raises ValueError where the recordings are too
    few or too short, or for `units` that are not 1 to 256.
    """
    check_units(units)
    kept = [(person, np.asarray(rows, np.float64)) for person, rows in recordings]
    return [_one(signal, acc, gyro, kept, units, report) for acc, gyro in _sensors(signal.channels)]


def check_units(units: int) -> None:
    """Raises ValueError for a number of units that a network cannot have."""
    if not 1 <= units <= contract_axes.MOST_UNITS:
        raise ValueError(f"units is {units}, must be 1 to {contract_axes.MOST_UNITS}")


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
    units: int,
    report: Report,
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
    steady = np.concatenate([found.steady for _, found in looks])
    moving = spread > MOVING_ABOVE
    network, margin = _axes(
        looks, units, lambda line: report(f"channels {acc} with {gyro}: {line}")
    )
    return schema.Contract(
        acceleration=np.array(acc, np.uint16),
        rotation=np.array(gyro, np.uint16),
        moving_above=MOVING_ABOVE,
        gravity_still=_cube_map(direction[steady & ~moving]),
        gravity_moving=_cube_map(direction[steady & moving]),
        rotation_least=float(rotation.min()) / SLACK,
        ratio_least=float((rotation / spread).min()) / SLACK,
        ratio_most=float((rotation / spread).max()) * SLACK,
        axes_weights=network.weights.ravel(),
        axes_units=np.concatenate([network.bias, network.out]),
        axes_margin=margin,
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


def _cube_map(directions: NDArray[np.float64], degrees: float = 20.0) -> NDArray[np.uint8]:
    """A bit for each cell within `degrees` of a direction that was seen."""
    near = np.zeros(FACES * CELLS * CELLS, bool)
    centres, limit = _centres(), np.cos(np.radians(degrees))
    for cell in np.unique(_cells(directions)):
        near |= centres @ centres[cell] >= limit
    return np.packbits(near, bitorder="little")


# ---------------------------------------------------------------- mistaken axes


def axes_score(table: schema.Contract, looks: Looks) -> NDArray[np.float64]:
    """[n] of each look; above table.axes_margin the axes are mistaken, where gravity is steady."""
    units = len(table.axes_units) // 2
    weights = np.asarray(table.axes_weights).reshape(units, contract_axes.FEATURES)
    network = contract_axes.Network(weights, table.axes_units[:units], table.axes_units[units:])
    return network.score(contract_axes.features(looks.figures()))


def _axes(
    looks: list[tuple[int, Looks]], units: int, report: Report
) -> tuple[contract_axes.Network, float]:
    """The network, and the score that steady looks at people pass in FALSE_ALARMS of all looks,
    each scored by a network that was fitted without that person."""
    people = sorted({person for person, _ in looks})
    folds = min(FOLDS, len(people))
    left_out = []
    for fold in range(folds):
        report(f"fold {fold + 1} of {folds}")
        others = contract_axes.fit(_figures(looks, set(people) - set(people[fold::folds])), units)
        for person, found in looks:
            if person in people[fold::folds]:
                score = others.score(contract_axes.features(found.figures()))
                left_out.append(np.where(found.steady, score, -np.inf))
    margin = np.quantile(np.concatenate(left_out), 1 - FALSE_ALARMS, method="higher")
    report("all people")
    return contract_axes.fit(_figures(looks, set(people)), units), float(margin)


def _figures(looks: list[tuple[int, Looks]], people: set[int]) -> contract_axes.Figures:
    """Of the steady looks at `people`."""
    chosen = [found for person, found in looks if person in people]
    steady = np.concatenate([found.steady for found in chosen])
    mean = np.concatenate([found.mean for found in chosen])[steady]
    covariance = np.concatenate([found.covariance for found in chosen])[steady]
    return contract_axes.figures(mean, covariance)
