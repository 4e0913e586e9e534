"""The columns and labels of a recording of HAPT, and how it is written as CSV.

Source: Reyes-Ortiz et al., "Transition-Aware Human Activity Recognition Using Smartphones",
Neurocomputing 171, 2016; data set HAPT v2.1 (CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
"""Accelerations in g, gravity included; angular rates in rad/s."""

RATE_HZ = 50.0

CLASSES = ("WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING")
"""Activities 1 to 6 of the data set: the classes of models/uci_har_cnn.har."""

TRANSITIONS = (
    *("STAND_TO_SIT", "SIT_TO_STAND", "SIT_TO_LIE"),
    *("LIE_TO_SIT", "STAND_TO_LIE", "LIE_TO_STAND"),
)
"""Activities 7 to 12, which the model does not know."""

ACTIVITIES = CLASSES + TRANSITIONS
"""Activity k of the data set is ACTIVITIES[k - 1]."""

TEST_PEOPLE = frozenset({2, 4, 9, 10, 12, 13, 18, 20, 24})
"""The people whom no training has seen: the official test split of UCI HAR."""


@dataclass(frozen=True)
class Stretch:
    """A run of samples with one activity, 1 to 12; `first` and `last` count from 1, both inside."""

    activity: int
    first: int
    last: int


@dataclass(frozen=True)
class Recording:
    """One experiment of one person.

    samples: a row for each sample, its cells as text in the order of CHANNELS.
    labels: the true activity of each sample, "" where the data set gives none.
    """

    experiment: int
    person: int
    samples: Sequence[Sequence[str]]
    labels: Sequence[str]


def spread_labels(count: int, stretches: Iterable[Stretch], where: str) -> list[str]:
    """The label of each of `count` samples. ValueError, naming `where`, for a stretch outside."""
    labels = [""] * count
    for stretch in stretches:
        if not 1 <= stretch.activity <= len(ACTIVITIES):
            raise ValueError(f"{where}: activity {stretch.activity} is not 1 to {len(ACTIVITIES)}")
        if not 1 <= stretch.first <= stretch.last <= count:
            raise ValueError(
                f"{where}: samples {stretch.first} to {stretch.last} do not lie in 1 to {count}"
            )
        length = stretch.last - stretch.first + 1
        name = ACTIVITIES[stretch.activity - 1]
        labels[stretch.first - 1 : stretch.last] = [name] * length
    return labels


def write_csv(
    file: TextIO, comment: str, samples: Iterable[Sequence[str]], labels: Iterable[str]
) -> None:
    """Writes a comment line, the header, and a line for each sample."""
    file.write(f"# {comment}\n{','.join(CHANNELS)},label\n")
    file.writelines(
        f"{','.join(cells)},{label}\n" for cells, label in zip(samples, labels, strict=True)
    )


def save_csv(recording: Recording, path: Path) -> None:
    """Writes the recording to `path`, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        comment = (
            f"HAPT v2.1 (CC BY 4.0), experiment {recording.experiment}, person {recording.person}: "
            f"50 Hz, acceleration in g, angular rate in rad/s"
        )
        write_csv(file, comment, recording.samples, recording.labels)
    part.replace(path)


def choose_experiment(available: Iterable[tuple[int, int]], wanted: int | None) -> tuple[int, int]:
    """The pair (experiment, person) that is `wanted`, else the first one of a test person.

    ValueError where there is none.
    """
    pairs = sorted(available)
    chosen = [
        pair for pair in pairs if (pair[1] in TEST_PEOPLE if wanted is None else pair[0] == wanted)
    ]
    if not chosen:
        what = "of a test person" if wanted is None else f"number {wanted}"
        raise ValueError(f"there is no experiment {what} among {[pair[0] for pair in pairs]}")
    return chosen[0]
