"""MHEALTH: chest, left ankle and right lower arm, 50 Hz, 12 activities, 10 people.

Source: Banos et al., "mHealthDroid: a novel framework for agile development of mobile health
applications", IWAAL 2014. Layout of the original archive, from its README:
mHealth_subjectN.log, lines of 24 numbers: chest acceleration (3), ECG (2), then for the left ankle
and the right lower arm acceleration (m/s^2), rotation (deg/s) and magnetic field (3 each), and the
label, 0 where nothing is labelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from libhar.datasets._files import table
from libhar.datasets._recording import DataError, Recording, Stretch, runs

MHEALTH_LABELS = (
    "STANDING",
    "SITTING",
    "LYING",
    "WALKING",
    "CLIMBING_STAIRS",
    "WAIST_BENDS",
    "ARMS_ELEVATION",
    "KNEES_BENDING",
    "CYCLING",
    "JOGGING",
    "RUNNING",
    "JUMPING",
)
MHEALTH_TEST_PEOPLE = frozenset({5, 10})
"""Every fifth person; nothing is published."""

_WORN = tuple(
    f"{place}_{sensor}_{axis}"
    for place in ("left_ankle", "right_arm")
    for sensor in ("acc", "gyro", "mag")
    for axis in "xyz"
)
MHEALTH_COLUMNS = ("chest_acc_x", "chest_acc_y", "chest_acc_z", "ecg_1", "ecg_2", *_WORN)
_PEOPLE = range(1, 11)


def mhealth(folder: Path, channels: Sequence[str] = MHEALTH_COLUMNS) -> list[Recording]:
    """One recording a person, [rows, channels] in the order asked. Raises DataError."""
    unknown = [name for name in channels if name not in MHEALTH_COLUMNS]
    if unknown:
        raise DataError(
            f"mhealth has no channels {unknown}, must be of {', '.join(MHEALTH_COLUMNS)}"
        )
    root = folder if (folder / "mHealth_subject1.log").is_file() else folder / "MHEALTHDATASET"
    if not (root / "mHealth_subject1.log").is_file():
        raise DataError(f"{folder} does not hold mHealth_subject1.log")
    columns = [MHEALTH_COLUMNS.index(name) for name in channels]
    recordings = []
    for person in _PEOPLE:
        path = root / f"mHealth_subject{person}.log"
        rows = table(path, columns=len(MHEALTH_COLUMNS) + 1)
        labels = rows[:, -1].astype(np.int64)
        if labels.min() < 0 or labels.max() > len(MHEALTH_LABELS):
            raise DataError(f"{path}: labels span {labels.min()}..{labels.max()}, not 0..12")
        stretches = [Stretch(r.label - 1, r.begin, r.end) for r in runs(labels) if r.label > 0]
        recordings.append(Recording(person, rows[:, columns].astype(np.float32), tuple(stretches)))
    return recordings
