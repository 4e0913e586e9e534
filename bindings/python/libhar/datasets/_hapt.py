"""HAPT v2.1: the raw recordings behind UCI HAR, with postural transitions labelled.

A phone on the waist, 50 Hz, acceleration in g and rotation in rad/s, 30 people, 61 recordings.
Source: Reyes-Ortiz et al., "Transition-Aware Human Activity Recognition Using Smartphones",
Neurocomputing 171 (2016), CC BY 4.0. Layout of the original archive: RawData/acc_expXX_userYY.txt
and gyro_expXX_userYY.txt, three numbers a line; RawData/labels.txt with experiment, person,
activity 1 to 12, first and last sample of the recording (from 1, both inside).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.arrays import Npz
from libhar.datasets._files import table
from libhar.datasets._recording import DataError, Recording, Stretch

HAPT_LABELS = (
    "WALKING",
    "WALKING_UPSTAIRS",
    "WALKING_DOWNSTAIRS",
    "SITTING",
    "STANDING",
    "LAYING",
    "STAND_TO_SIT",
    "SIT_TO_STAND",
    "SIT_TO_LIE",
    "LIE_TO_SIT",
    "STAND_TO_LIE",
    "LIE_TO_STAND",
)
HAPT_TEST_PEOPLE = frozenset({2, 4, 9, 10, 12, 13, 18, 20, 24})
"""Those of the official split of UCI HAR."""

HAPT_CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
_ACC = re.compile(r"acc_exp(\d+)_user(\d+)\.txt")


def hapt(folder: Path) -> list[Recording]:
    """All recordings, [rows, 6] in the order of HAPT_CHANNELS. Raises DataError."""
    if (folder / "hapt.npz").is_file():
        stored = Npz(folder / "hapt.npz")
        experiments, labels = stored.array("exp").tolist(), stored.array("labels").tolist()
        signals = hapt_recordings(folder)
        return [_recording(e, person, signals[e], labels) for e, person, _, _ in experiments]
    raw = _raw_folder(folder)
    labels = table(raw / "labels.txt", columns=5).astype(int).tolist()
    found = sorted(
        (int(match[1]), int(match[2]), path)
        for path in raw.iterdir()
        if (match := _ACC.fullmatch(path.name))
    )
    if not found:
        raise DataError(f"{raw} holds no acc_expXX_userYY.txt")
    return [_recording(e, person, _archived(path), labels) for e, person, path in found]


def hapt_recordings(folder: Path) -> dict[int, NDArray[np.float32]]:
    """The raw signals of hapt.npz by experiment: float32 [rows, 6]."""
    path = folder / "hapt.npz"
    if not path.is_file():
        raise DataError(f"{path} is not there")
    stored = Npz(path)
    data = stored.array("data").astype(np.float32)
    return {int(e): data[begin:end] for e, _, begin, end in stored.array("exp")}


def _raw_folder(folder: Path) -> Path:
    for candidate in (folder / "RawData", folder / "HAPT Data Set" / "RawData"):
        if candidate.is_dir():
            return candidate
    raise DataError(f"{folder} holds neither hapt.npz nor the folder 'RawData'")


def _archived(path: Path) -> NDArray[np.float32]:
    acc = table(path, columns=3)
    gyro_path = path.with_name(path.name.replace("acc_", "gyro_", 1))
    gyro = table(gyro_path, columns=3)
    if len(acc) != len(gyro):
        raise DataError(f"{path} has {len(acc)} samples, {gyro_path.name} {len(gyro)}")
    return np.hstack([acc, gyro]).astype(np.float32)


def _recording(
    experiment: int, person: int, signal: NDArray[np.float32], labels: list[list[int]]
) -> Recording:
    stretches = []
    for number, of_person, activity, first, last in labels:
        if (number, of_person) != (experiment, person):
            continue
        if not (1 <= activity <= len(HAPT_LABELS) and 1 <= first <= last <= len(signal)):
            raise DataError(
                f"experiment {experiment}: label {activity} of samples {first} to {last} does not "
                f"fit {len(HAPT_LABELS)} activities and {len(signal)} samples"
            )
        stretches.append(Stretch(activity - 1, first - 1, last))
    return Recording(person, signal, tuple(stretches))
