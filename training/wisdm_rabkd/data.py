"""The windows of WISDM watch: of training people, of test people, and split at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from libhar import datasets
from libhar.datasets import WISDM_LABELS, WISDM_TEST_PEOPLE, Preprocess, Windows
from numpy.typing import NDArray

from training.common.augment import Triple
from training.common.windows import only_people
from training.wisdm_rabkd.network import WINDOW

TRAINING_PEOPLE = frozenset(range(1600, 1651)) - WISDM_TEST_PEOPLE
GATE_PEOPLE = frozenset(range(1601, 1651, 5))
"""Of the training people, those on whom INT8 forms are compared with FP32; held out, too, when
settings were chosen."""
TRAINING_HOP = 200
HOP = 100
LAYOUT = (Triple(0, moving="about_mean"), Triple(3))
TESTED_ON = datasets.SETS["wisdm_watch"].split


def training_windows(folder: Path, preprocess: Preprocess, hop: int = TRAINING_HOP) -> Windows:
    """Windows [N, 200, 6] of training people, end to end where `hop` does not say otherwise."""
    found = datasets.SETS["wisdm_watch"].windows(folder, "train", (), WINDOW, hop, preprocess)
    return only_people(found, TRAINING_PEOPLE)


def test_windows(folder: Path, preprocess: Preprocess) -> Windows:
    """Windows of the test people, each half over the one before: for publish.py alone."""
    return datasets.SETS["wisdm_watch"].windows(folder, "test", (), WINDOW, HOP, preprocess)


def random_split(folder: Path, preprocess: Preprocess) -> tuple[Windows, Windows]:
    """Windows of all people, split at random, 80 to 20 percent."""
    recordings = datasets.wisdm_watch(folder)
    windows = datasets.cut(recordings, WINDOW, TRAINING_HOP, WISDM_LABELS, preprocess)
    return datasets.random_split(windows)


def golden_recordings(folder: Path, rows: int) -> dict[str, NDArray[np.float32]]:
    """`rows` of raw recording [rows, 6] of a training person, for three activities."""
    chosen: dict[str, NDArray[np.float32]] = {}
    for recording in datasets.wisdm_watch(folder):
        name = WISDM_LABELS[recording.stretches[0].label]
        usable = recording.person in TRAINING_PEOPLE and len(recording.signal) >= rows
        if usable and name in ("WALKING", "TYPING", "CLAPPING"):
            chosen.setdefault(name.lower(), recording.signal[:rows])
    return chosen
