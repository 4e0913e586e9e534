"""DSADS, Daily and Sports Activities: five worn sensors, 45 channels, 25 Hz, 19 activities.

Source: Altun, Barshan and Tuncel, "Comparative study on classifying human activities with
miniature inertial and magnetic sensors", Pattern Recognition 43 (2010), CC BY 4.0. Layout of the
original archive: data/aAA/pP/sSS.txt (activity, person, segment of 5 s), 125 lines of 45 numbers,
the sensors in the order of DSADS_PLACES, each with acceleration (m/s^2), rotation (rad/s) and
magnetic field (of the Earth's) along x, y, z. The 60 segments of a recording follow each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.datasets._files import packed, table
from libhar.datasets._recording import DataError, Recording, Stretch

DSADS_LABELS = (
    "SITTING",
    "STANDING",
    "LYING_ON_BACK",
    "LYING_ON_RIGHT_SIDE",
    "ASCENDING_STAIRS",
    "DESCENDING_STAIRS",
    "STANDING_IN_ELEVATOR_STILL",
    "MOVING_AROUND_IN_ELEVATOR",
    "WALKING_IN_PARKING_LOT",
    "WALKING_ON_TREADMILL_4KMH_FLAT",
    "WALKING_ON_TREADMILL_4KMH_15DEG",
    "RUNNING_ON_TREADMILL_8KMH",
    "EXERCISING_ON_STEPPER",
    "EXERCISING_ON_CROSS_TRAINER",
    "CYCLING_HORIZONTAL",
    "CYCLING_VERTICAL",
    "ROWING",
    "JUMPING",
    "PLAYING_BASKETBALL",
)
DSADS_PEOPLE = range(1, 9)
DSADS_TEST_PEOPLE = frozenset({4, 8})
"""Every fourth person; nothing is published, so this was fixed before anything was trained."""

DSADS_PLACES = ("torso", "right_arm", "left_arm", "right_leg", "left_leg")
_SENSORS = ("acc", "gyro", "mag")
DSADS_CHANNELS = tuple(f"{p}_{s}_{a}" for p in DSADS_PLACES for s in _SENSORS for a in "xyz")
_SEGMENTS = 60
_SEGMENT = 125


def dsads(folder: Path, channels: Sequence[str] = DSADS_CHANNELS) -> list[Recording]:
    """The 152 recordings of five minutes, [7500, channels] in the order asked. Raises DataError."""
    unknown = [name for name in channels if name not in DSADS_CHANNELS]
    if unknown:
        raise DataError(f"dsads has no channels {unknown}, must be of {', '.join(DSADS_CHANNELS)}")
    if all((folder / f"dsads_{sensor}.npz").is_file() for sensor in _SENSORS):
        return _from_npz(folder, channels)
    return _from_archive(folder, channels)


def _from_npz(folder: Path, channels: Sequence[str]) -> list[Recording]:
    activities, people, rows = len(DSADS_LABELS), len(DSADS_PEOPLE), _SEGMENTS * _SEGMENT
    signal = np.empty((activities, people, rows, len(channels)), np.float32)
    for sensor in _SENSORS:
        wanted = [i for i, name in enumerate(channels) if f"_{sensor}_" in name]
        if not wanted:
            continue
        stored = packed(folder / f"dsads_{sensor}.npz")
        if stored["data"].shape != (activities, people, rows, 15):
            raise DataError(f"dsads_{sensor}.npz holds data of shape {stored['data'].shape}")
        of_sensor = [name for name in DSADS_CHANNELS if f"_{sensor}_" in name]
        columns = [of_sensor.index(channels[i]) for i in wanted]
        signal[..., wanted] = stored["data"][..., columns] * stored["scale"]
    return [
        _recording(activity, person, signal[activity, i])
        for activity in range(activities)
        for i, person in enumerate(DSADS_PEOPLE)
    ]


def _from_archive(folder: Path, channels: Sequence[str]) -> list[Recording]:
    root = folder if (folder / "a01").is_dir() else folder / "data"
    if not (root / "a01").is_dir():
        raise DataError(f"{folder} holds neither dsads_acc.npz nor the folder 'data/a01'")
    columns = [DSADS_CHANNELS.index(name) for name in channels]
    recordings = []
    for activity in range(len(DSADS_LABELS)):
        for person in DSADS_PEOPLE:
            place = root / f"a{activity + 1:02d}" / f"p{person}"
            paths = [place / f"s{number:02d}.txt" for number in range(1, _SEGMENTS + 1)]
            segments = [table(path, ",", len(DSADS_CHANNELS))[:, columns] for path in paths]
            recordings.append(_recording(activity, person, np.vstack(segments)))
    return recordings


def _recording(activity: int, person: int, signal: NDArray[np.floating]) -> Recording:
    whole = Stretch(activity, 0, len(signal))
    return Recording(person, np.asarray(signal, np.float32), (whole,))
