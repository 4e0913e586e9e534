"""The training windows of UCI HAR, and what its recipes share.

What is loaded here are the official *training* windows and nothing else: `training_windows`
refuses one of a test person.

Source: Anguita et al., "A Public Domain Dataset for Human Activity Recognition Using
Smartphones", ESANN 2013 (UCI HAR Dataset v1.0, CC BY 4.0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from libhar import datasets
from libhar.datasets import WINDOW, Preprocess, Recording, Windows
from numpy.typing import NDArray

from training.common.augment import Triple
from training.common.windows import only_people

CHANNELS = (
    *("total_acc_x", "total_acc_y", "total_acc_z"),
    *("body_acc_x", "body_acc_y", "body_acc_z"),
    *("body_gyro_x", "body_gyro_y", "body_gyro_z"),
)
"""Accelerations in g, rates in rad/s."""
LAYOUT = (Triple(0, moving=3), Triple(3), Triple(6))
"""One phone; its total acceleration is gravity and the body's."""
LABELS = datasets.UCI_LABELS
TEST_PEOPLE = frozenset({2, 4, 9, 10, 12, 13, 18, 20, 24})
TRAINING_PEOPLE = frozenset(range(1, 31)) - TEST_PEOPLE
TESTED_ON = "test people 2 4 9 10 12 13 18 20 24, 2947 official windows"

GOLDEN = {"walking": (1, 7500), "standing": (1, 260), "laying": (1, 3700)}
"""Name to experiment and first row in the raw recordings; experiment 1 is of a training person."""


def training_windows(folder: Path, preprocess: Preprocess | None = None) -> Windows:
    """The official training windows below `folder`, which is laid out as `libhar.datasets` says.

    float32 [N, 128, 9] in the order of CHANNELS. With `preprocess` they are computed by those
    signal steps from the raw recordings, one whole recording at a time, where the folder holds
    them; the original archive holds windows alone.
    """
    has_recordings = (folder / "hapt.npz").is_file()
    found = datasets.uci_har(folder, "train", preprocess if has_recordings else None)
    if found.signal.shape[1:] != (WINDOW, len(CHANNELS)):
        raise datasets.DataError(
            f"windows are of shape {found.signal.shape[1:]}, not {(WINDOW, len(CHANNELS))}"
        )
    return only_people(found, TRAINING_PEOPLE)


def training_recordings(folder: Path) -> list[Recording]:
    """The raw recordings of training people [rows, 6]; none where the folder has windows alone."""
    try:
        recordings = datasets.hapt(folder)
    except datasets.DataError:
        return []
    return datasets.of_split(recordings, TEST_PEOPLE, "train")


def golden_recordings(folder: Path, rows: int) -> dict[str, NDArray[np.float32]]:
    """`rows` of raw recording [rows, 6] for every name of GOLDEN."""
    recordings = datasets.hapt_recordings(folder)
    return {name: recordings[e][at : at + rows] for name, (e, at) in GOLDEN.items()}
