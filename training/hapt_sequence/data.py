"""The windows of HAPT: of training people, and split at random as the papers do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from libhar import datasets
from libhar.datasets import HAPT_LABELS, HAPT_TEST_PEOPLE, Preprocess, Recording, Windows
from numpy.typing import NDArray

from training.common.windows import join, only_people, take

TRAINING_PEOPLE = frozenset(range(1, 31)) - HAPT_TEST_PEOPLE
WINDOW = 128
HOP = 64
TRANSITION_HOP = 16
"""Postural transitions are trained on at four times the places: there are few, and short ones."""
TESTED_ON = datasets.SETS["hapt"].split
FIRST_TRANSITION = HAPT_LABELS.index("STAND_TO_SIT")


def training_windows(
    folder: Path, preprocess: Preprocess, transition_hop: int = TRANSITION_HOP
) -> Windows:
    """Windows of training people [N, 128, 6], those of transitions cut more densely."""
    recordings = training_recordings(folder)
    usual, dense = (
        datasets.cut(recordings, WINDOW, hop, HAPT_LABELS, preprocess)
        for hop in (HOP, transition_hop)
    )
    chosen = [
        take(usual, usual.labels < FIRST_TRANSITION),
        take(dense, dense.labels >= FIRST_TRANSITION),
    ]
    return only_people(join(chosen), TRAINING_PEOPLE)


def training_recordings(folder: Path) -> list[Recording]:
    """The raw recordings of training people [rows, 6]."""
    return datasets.of_split(datasets.hapt(folder), HAPT_TEST_PEOPLE, "train")


def test_windows(folder: Path, preprocess: Preprocess) -> Windows:
    """Windows of the test people, one every 64 samples: for publish.py alone."""
    return datasets.SETS["hapt"].windows(folder, "test", (), WINDOW, HOP, preprocess)


def random_split(folder: Path, preprocess: Preprocess) -> tuple[Windows, Windows]:
    """Windows of all people, oversampled to equal classes and only then split, 80 to 20 percent.

    The split of the paper. Copies of a window land on both sides, so this says how well windows
    are remembered, not how well people are recognised.
    """
    recordings = datasets.hapt(folder)
    windows = datasets.cut(recordings, WINDOW, HOP, HAPT_LABELS, preprocess)
    return datasets.random_split(datasets.oversample(windows))


def golden_recordings(folder: Path, rows: int) -> dict[str, NDArray[np.float32]]:
    """`rows` of raw recording [rows, 6] of a training person, for three activities."""
    chosen: dict[str, NDArray[np.float32]] = {}
    for recording in training_recordings(folder):
        for stretch in recording.stretches:
            name = HAPT_LABELS[stretch.label]
            piece = recording.signal[stretch.begin : stretch.begin + rows]
            if name in ("WALKING", "STAND_TO_SIT", "LAYING") and len(piece) == rows:
                chosen.setdefault(name.lower(), piece)
    return chosen
