"""WISDM 2019: a watch on the dominant wrist, 20 Hz, 18 activities.

Source: Weiss, Yoneda and Hayajneh, "Smartphone and Smartwatch-Based Biometrics Using Activities
of Daily Living", IEEE Access 7 (2019), CC BY 4.0. Layout of the original archive:
raw/watch/accel/data_1600_accel_watch.txt and raw/watch/gyro/data_1600_gyro_watch.txt, lines of
"person,letter,time,x,y,z;" with m/s^2 or rad/s and nanoseconds; the two sensors tick on their own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.datasets._files import packed
from libhar.datasets._recording import DataError, Recording, Stretch, runs

WISDM_LABELS = (
    "WALKING",
    "JOGGING",
    "STAIRS",
    "SITTING",
    "STANDING",
    "TYPING",
    "BRUSHING_TEETH",
    "EATING_SOUP",
    "EATING_CHIPS",
    "EATING_PASTA",
    "DRINKING",
    "EATING_SANDWICH",
    "KICKING",
    "CATCH",
    "DRIBBLING",
    "WRITING",
    "CLAPPING",
    "FOLDING_CLOTHES",
)
WISDM_LETTERS = "ABCDEFGHIJKLMOPQRS"
"""The letters of the archive in the order of WISDM_LABELS; there is no N."""
WISDM_TEST_PEOPLE = frozenset(range(1600, 1651, 5))
"""Every fifth number; nothing is published, so this was fixed before anything was trained."""

WISDM_CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
_PERIOD_MS = 50.0
_TOLERANCE_MS = 1.5
"""Runs whose median spacing is farther from 50 ms than this have an odd clock: left out."""
_GAP_MS = 2 * _PERIOD_MS


def wisdm_watch(folder: Path) -> list[Recording]:
    """The runs without gaps, [rows, 6] in the order of WISDM_CHANNELS. Raises DataError."""
    if all((folder / f"wisdm_watch_{sensor}.npz").is_file() for sensor in ("accel", "gyro")):
        return _from_npz(folder)
    return _from_archive(folder)


def _from_npz(folder: Path) -> list[Recording]:
    acc, gyro = (packed(folder / f"wisdm_watch_{sensor}.npz") for sensor in ("accel", "gyro"))
    if not np.array_equal(acc["seg"], gyro["seg"]):
        raise DataError(f"{folder}: wisdm_watch_accel.npz and wisdm_watch_gyro.npz differ in runs")
    signal = np.hstack([part["data"] * part["scale"] for part in (acc, gyro)]).astype(np.float32)
    spacing = np.asarray(acc["seg_dt_ms"], np.float64)
    return [
        Recording(person, signal[begin:end], (Stretch(label, 0, end - begin),))
        for (person, label, begin, end), ms in zip(acc["seg"].tolist(), spacing, strict=True)
        if abs(ms - _PERIOD_MS) <= _TOLERANCE_MS
    ]


def _from_archive(folder: Path) -> list[Recording]:
    for root in (folder / "raw", folder / "wisdm-dataset" / "raw"):
        if (root / "watch" / "accel").is_dir():
            break
    else:
        raise DataError(
            f"{folder} holds neither wisdm_watch_accel.npz nor the folder 'raw/watch/accel'"
        )
    recordings: list[Recording] = []
    for path in sorted((root / "watch" / "accel").glob("data_*_accel_watch.txt")):
        twin = root / "watch" / "gyro" / path.name.replace("_accel_", "_gyro_")
        recordings += _paired(_lines(path), _lines(twin), int(path.name.split("_")[1]))
    if not recordings:
        raise DataError(f"{root / 'watch'} holds no run of both sensors")
    return recordings


def _lines(path: Path) -> NDArray[np.float64]:
    """Label, time in ms, x, y, z of every line, [lines, 5]."""
    if not path.is_file():
        raise DataError(f"{path} is not there")
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.strip().rstrip(";").split(",")
        try:
            _, letter, time, x, y, z = words
            label = WISDM_LETTERS.index(letter.strip())
            rows.append((label, int(time) / 1e6, float(x), float(y), float(z)))
        except ValueError as error:
            raise DataError(f"{path} line {number}: {line!r}: {error}") from error
    return np.array(rows, np.float64).reshape(len(rows), 5)


def _paired(acc: NDArray[np.float64], gyro: NDArray[np.float64], person: int) -> list[Recording]:
    """Rotation interpolated linearly to the times of acceleration, run by run of one label.

    A run ends where either sensor pauses for longer than two periods, or time goes back.
    """
    found = []
    for stretch in _unbroken(acc):
        rows = acc[stretch.begin : stretch.end]
        for twin in _unbroken(gyro):
            beside = gyro[twin.begin : twin.end]
            if twin.label != stretch.label:
                continue
            inside = (rows[:, 1] >= beside[0, 1]) & (rows[:, 1] <= beside[-1, 1])
            both = rows[inside]
            if len(both) < 2 or abs(np.median(np.diff(both[:, 1])) - _PERIOD_MS) > _TOLERANCE_MS:
                continue
            turns = [np.interp(both[:, 1], beside[:, 1], beside[:, axis]) for axis in (2, 3, 4)]
            signal = np.column_stack([both[:, 2:], *turns]).astype(np.float32)
            found.append(Recording(person, signal, (Stretch(stretch.label, 0, len(signal)),)))
    return found


def _unbroken(rows: NDArray[np.float64]) -> list[Stretch]:
    """Runs of one label without gaps."""
    steps = np.diff(rows[:, 1])
    broken = (steps > _GAP_MS) | (steps <= 0) | (np.diff(rows[:, 0]) != 0)
    pieces = runs(np.concatenate([[0], np.cumsum(broken)]).astype(np.int64)) if len(rows) else []
    return [Stretch(int(rows[piece.begin, 0]), piece.begin, piece.end) for piece in pieces]
