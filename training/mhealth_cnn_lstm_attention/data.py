"""The windows of one arm and one leg: of DSADS, or of the original MHEALTH archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from libhar import datasets
from libhar.datasets import Preprocess, Windows
from numpy.typing import NDArray

from training.common.augment import Triple
from training.common.windows import only_people
from training.mhealth_cnn_lstm_attention.network import WINDOW

HOP = 50
TRAINING_HOP = 100
SENSORS = ("both", "arm", "leg")
PER_PLACE = 6


@dataclass(frozen=True)
class Source:
    """A set of recordings of an arm and a leg."""

    arm: str
    leg: str
    training_people: frozenset[int]

    def channels(self, sensors: str) -> tuple[str, ...]:
        """Acceleration and rotation of the places worn."""
        places = {"both": (self.arm, self.leg), "arm": (self.arm,), "leg": (self.leg,)}[sensors]
        return tuple(
            f"{p}_{kind}_{axis}" for p in places for kind in ("acc", "gyro") for axis in "xyz"
        )


SOURCES = {
    "dsads": Source("right_arm", "left_leg", frozenset(range(1, 9)) - datasets.DSADS_TEST_PEOPLE),
    "mhealth": Source(
        "right_arm", "left_ankle", frozenset(range(1, 11)) - datasets.MHEALTH_TEST_PEOPLE
    ),
}
TESTED_ON = datasets.SETS["dsads"].split


def layout(channels: Sequence[str]) -> tuple[Triple, ...]:
    """Every place is a device of its own that turns by itself."""
    return tuple(
        Triple(
            first,
            moving="about_mean" if channels[first].endswith("_acc_x") else "all",
            device=first // PER_PLACE,
        )
        for first in range(0, len(channels), 3)
    )


def training_windows(
    folder: Path, data: str, sensors: str, preprocess: Preprocess | None = None
) -> Windows:
    """Windows [N, 100, channels] of training people, end to end."""
    source = SOURCES[data]
    found = datasets.SETS[data].windows(
        folder, "train", source.channels(sensors), WINDOW, TRAINING_HOP, preprocess
    )
    return only_people(found, source.training_people)


def test_windows(folder: Path, sensors: str, preprocess: Preprocess) -> Windows:
    """Windows of DSADS' test people, each half over the one before: for publish.py alone."""
    channels = SOURCES["dsads"].channels(sensors)
    return datasets.SETS["dsads"].windows(folder, "test", channels, WINDOW, HOP, preprocess)


def random_split(
    folder: Path, data: str, sensors: str, preprocess: Preprocess | None = None
) -> tuple[Windows, Windows]:
    """Windows of all people, each half over the one before, split at random, 80 to 20 percent."""
    channels = SOURCES[data].channels(sensors)
    chosen = datasets.SETS[data]
    of_splits = [chosen.recordings(folder, split, channels) for split in datasets.SPLITS]
    recordings = [recording for found in of_splits for recording in found]
    return datasets.random_split(datasets.cut(recordings, WINDOW, HOP, chosen.labels, preprocess))


def golden_recordings(folder: Path, sensors: str, rows: int) -> dict[str, NDArray[np.float32]]:
    """`rows` of raw recording [rows, channels] of DSADS' first person, for three activities."""
    wanted = {"STANDING": 1, "WALKING_ON_TREADMILL_4KMH_FLAT": 1, "ROWING": 1}
    names = datasets.DSADS_LABELS
    return {
        names[r.stretches[0].label].lower(): r.signal[:rows]
        for r in datasets.dsads(folder, SOURCES["dsads"].channels(sensors))
        if wanted.get(names[r.stretches[0].label]) == r.person
    }
