"""Recordings with their labelled stretches, and the windows cut from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "test")

Preprocess = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""The signal steps over a whole recording: [rows, channels] to [rows, columns]."""


class DataError(ValueError):
    """The recordings are not there or not of the layout that is documented."""


@dataclass(frozen=True)
class Stretch:
    """Rows `begin` to `end` (not inside) of a recording, all of the class `label`, from 0."""

    label: int
    begin: int
    end: int


@dataclass(frozen=True)
class Recording:
    """One recording without gaps: `signal` float32 [rows, channels] of one person."""

    person: int
    signal: NDArray[np.float32]
    stretches: tuple[Stretch, ...]

    @property
    def worn(self) -> NDArray[np.float32]:
        """The signal from the first labelled row to the last: before and after it the sensor may
        have been in a hand."""
        begin = min((s.begin for s in self.stretches), default=0)
        return self.signal[begin : max((s.end for s in self.stretches), default=0)]


@dataclass(frozen=True)
class Windows:
    """Windows [count, window, columns] in the order of the data set."""

    signal: NDArray[np.float32]
    labels: NDArray[np.int64]
    people: NDArray[np.int64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Windows:
        return Windows(self.signal[chosen], self.labels[chosen], self.people[chosen], self.names)


def data_folder(folder: str | Path | None) -> Path:
    """`folder`, or HAR_DATA_DIR. Raises DataError where neither is given or there is none."""
    chosen = folder or os.environ.get("HAR_DATA_DIR")
    if not chosen:
        raise DataError("no recordings: set HAR_DATA_DIR or name their folder with --data-dir")
    if not Path(chosen).is_dir():
        raise DataError(f"{chosen} is not a folder")
    return Path(chosen)


def of_split(
    recordings: Iterable[Recording], test_people: Collection[int], split: str
) -> list[Recording]:
    """The recordings of the people of one split; `test_people` are those of "test"."""
    if split not in SPLITS:
        raise DataError(f"split is {split!r}, must be one of {', '.join(SPLITS)}")
    wanted = split == "test"
    return [r for r in recordings if (r.person in test_people) == wanted]


def cut(
    recordings: Sequence[Recording],
    window: int,
    hop: int,
    names: tuple[str, ...],
    preprocess: Preprocess | None = None,
) -> Windows:
    """Windows of `window` rows that lie wholly inside a labelled stretch, one every `hop` rows.

    A stretch shorter than a window but at least half as long, as postural transitions can be,
    gives the one window that it lies in the middle of. `preprocess` runs over whole recordings,
    as it does on a device, so that filters have settled where a window begins. Raises DataError
    where there is no window.
    """
    pieces: list[NDArray[np.float32]] = []
    labels: list[int] = []
    people: list[int] = []
    for recording in recordings:
        signal = recording.signal if preprocess is None else preprocess(recording.signal)
        for stretch in recording.stretches:
            for start in _starts(stretch, len(signal), window, hop):
                pieces.append(signal[start : start + window])
                labels.append(stretch.label)
                people.append(recording.person)
    if not pieces:
        raise DataError(f"{len(recordings)} recordings hold no labelled window of {window} rows")
    return Windows(
        np.ascontiguousarray(np.stack(pieces), np.float32),
        np.array(labels, np.int64),
        np.array(people, np.int64),
        names,
    )


def _starts(stretch: Stretch, rows: int, window: int, hop: int) -> Iterable[int]:
    length = stretch.end - stretch.begin
    if length >= window:
        return range(stretch.begin, stretch.end - window + 1, hop)
    centred = stretch.begin - (window - length) // 2
    if 2 * length >= window and 0 <= centred <= rows - window:
        return (centred,)
    return ()


def runs(values: NDArray[np.int64]) -> list[Stretch]:
    """The runs of equal values, as stretches of that label."""
    if not len(values):
        return []
    edges = np.flatnonzero(np.diff(values)) + 1
    begins = [0, *edges.tolist()]
    ends = [*edges.tolist(), len(values)]
    return [Stretch(int(values[b]), b, e) for b, e in zip(begins, ends, strict=True)]
