"""Short windows of all sensors worn: of DSADS, or of the original OPPORTUNITY archive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from libhar import datasets
from libhar.datasets import DSADS_CHANNELS, Preprocess, Recording, Windows
from numpy.typing import NDArray

from training.common.augment import Triple
from training.common.windows import only_people
from training.opportunity_resnet.network import WINDOW

HOP = 15
TRAINING_HOP = 30
"""Every other window to train on: neighbours of half a second say the same."""
RANDOM_HOP = 15
SETS = ("dsads", "opportunity")
TRAINING_PEOPLE = {
    "dsads": frozenset(range(1, 9)) - datasets.DSADS_TEST_PEOPLE,
    "opportunity": frozenset({1, 2, 3}),
}
"""OPPORTUNITY's challenge tests on other runs of people 2 and 3, which its loader keeps apart."""
TESTED_ON = datasets.SETS["dsads"].split
PER_PLACE = 9
_MOVING: tuple[Literal["about_mean", "all", "none"], ...] = ("about_mean", "all", "none")


def layout(data: str) -> tuple[Triple, ...]:
    """DSADS: five places that turn by themselves, each with acceleration, rotation and magnetic
    field. OPPORTUNITY's channels are only scaled in time and mixed."""
    if data != "dsads":
        return ()
    return tuple(
        Triple(first, moving=_MOVING[first % PER_PLACE // 3], device=first // PER_PLACE)
        for first in range(0, len(DSADS_CHANNELS), 3)
    )


def training_windows(folder: Path, data: str, preprocess: Preprocess | None = None) -> Windows:
    """Windows [N, 15, channels] of what is trained on."""
    return only_people(
        _windows(folder, data, "train", TRAINING_HOP, preprocess), TRAINING_PEOPLE[data]
    )


def windows_without(folder: Path, tested_on: Collection[int], preprocess: Preprocess) -> Windows:
    """What is trained on where other people of DSADS than its test people are tested on: the
    windows of all but `tested_on`. Raises ValueError."""
    everybody = range(1, 9)
    if not set(tested_on) < set(everybody):
        raise ValueError(f"people {sorted(tested_on)} must be of 1 to 8, and not all")
    recordings = [r for split in datasets.SPLITS for r in _recordings(folder, "dsads", split)]
    labels = datasets.SETS["dsads"].labels
    found = datasets.cut(
        datasets.of_split(recordings, tested_on, "train"), WINDOW, TRAINING_HOP, labels, preprocess
    )
    return only_people(found, set(everybody) - set(tested_on))


def test_windows(folder: Path, preprocess: Preprocess) -> Windows:
    """Windows of DSADS' test people, end to end: for publish.py alone."""
    return _windows(folder, "dsads", "test", HOP, preprocess)


def random_split(
    folder: Path, data: str, preprocess: Preprocess | None = None
) -> tuple[Windows, Windows]:
    """Windows of all people, end to end, split at random, 80 to 20 percent."""
    recordings = [r for split in datasets.SPLITS for r in _recordings(folder, data, split)]
    steps = preprocess or standardization(recordings)
    labels = datasets.SETS[data].labels
    return datasets.random_split(datasets.cut(recordings, WINDOW, RANDOM_HOP, labels, steps))


def standardization(recordings: Sequence[Recording]) -> Preprocess:
    """Mean 0 and deviation 1 of every channel over these recordings: OPPORTUNITY's units differ
    by a thousand. A channel that never changes becomes 0."""
    count = sum(len(r.signal) for r in recordings)
    mean = sum(r.signal.sum(axis=0, dtype=np.float64) for r in recordings) / count
    square = sum(np.square(r.signal - mean).sum(axis=0, dtype=np.float64) for r in recordings)
    deviation = np.sqrt(square / count)
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0)

    def steps(signal: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray((signal - mean) * scale, np.float32)

    return steps


def golden_recordings(folder: Path, rows: int) -> dict[str, NDArray[np.float32]]:
    """`rows` of raw recording [rows, 45] of DSADS' first person, for three activities."""
    wanted = {"standing", "rowing", "walking_in_parking_lot"}
    first = (r for r in datasets.dsads(folder) if r.person == 1)
    named = {datasets.DSADS_LABELS[r.stretches[0].label].lower(): r.signal[:rows] for r in first}
    return {name: signal for name, signal in named.items() if name in wanted}


def _windows(
    folder: Path, data: str, split: str, hop: int, preprocess: Preprocess | None
) -> Windows:
    recordings = _recordings(folder, data, split)
    steps = preprocess or standardization(recordings)
    return datasets.cut(recordings, WINDOW, hop, datasets.SETS[data].labels, steps)


def _recordings(folder: Path, data: str, split: str) -> list[Recording]:
    return datasets.SETS[data].recordings(folder, split, DSADS_CHANNELS)
