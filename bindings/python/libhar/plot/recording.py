"""What a timeline is drawn of: one recording, and the labels that the C library gives it."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar import datasets
from libhar.model import Model
from libhar.stream import UNKNOWN, Event, Stream

GAP_PERIODS = 10
"""A longer step between samples, in periods of the model's rate, is a gap: docs/csv-format.md."""


class RecordingError(ValueError):
    """The recording is not there, or does not fit the model."""


@dataclass(frozen=True)
class Recording:
    """Samples float32 [rows, channels] in the order of the model's channels, their times int64
    [rows], and the true label of every row, "" where it is not known."""

    title: str
    signal: NDArray[np.float32]
    times_ns: NDArray[np.int64]
    truth: tuple[str, ...]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Since the first sample."""
        return np.asarray((self.times_ns - self.times_ns[0]) / 1e9)


@dataclass(frozen=True)
class Label:
    """One label: the stretch that it is drawn on, in seconds since the first sample."""

    name: str
    confidence: float
    begin: float
    end: float
    truth: str
    """The label that most samples of the window carry, "" where none carries one."""


def read_csv(model: Model, path: Path, ignore_extra: bool = False) -> Recording:
    """A recording as docs/csv-format.md says. Raises OSError, RecordingError."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    numbered = [(i, s) for i, s in enumerate(lines, 1) if s.strip() and not s.startswith("#")]
    if len(numbered) < 2:
        raise RecordingError(f"{path} has no header and samples")
    rows = list(csv.reader((line for _, line in numbered), skipinitialspace=True))
    header = [name.strip() for name in rows[0]]
    channels = [channel.name for channel in model.channels]
    missing = [name for name in channels if name not in header]
    extra = [name for name in header if name not in (*channels, "t_ns", "label")]
    if missing or (extra and not ignore_extra):
        raise RecordingError(
            f"{path} has the columns {header}; missing are {missing}, unknown to the model {extra}"
        )
    values = np.empty((len(rows) - 1, len(channels)), np.float32)
    times: list[int] = []
    truth = []
    for (number, _), row, samples in zip(numbered[1:], rows[1:], values, strict=True):
        if len(row) != len(header):
            raise RecordingError(f"{path} line {number} has {len(row)} cells, not {len(header)}")
        cells = dict(zip(header, row, strict=True))
        where = f"{path} line {number}"
        samples[:] = [_number(cells[name], where) for name in channels]
        truth.append(cells.get("label", "").strip())
        if "t_ns" in cells:
            times.append(_later(cells["t_ns"], times, where))
    return Recording(path.name, values, _times(model, len(values), times), tuple(truth))


def _number(cell: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RecordingError(f"{where}: found {cell!r}, expected a finite decimal number")
    return value


def _later(cell: str, before: Sequence[int], where: str) -> int:
    try:
        time = int(cell)
    except ValueError:
        time = None
    if time is None or (before and time <= before[-1]):
        least = f", later than {before[-1]}" if before else ""
        raise RecordingError(f"{where}: t_ns is {cell!r}, must be a whole number{least}")
    return time


def of_set(model: Model, data: str, folder: Path, person: int, number: int = 0) -> Recording:
    """Recording `number`, from 0, of one person of a set. Raises DataError, RecordingError."""
    channels = [channel.name for channel in model.channels]
    known = datasets.SETS[data]
    found = [
        recording
        for split in datasets.SPLITS
        for recording in known.recordings(folder, split, channels)
    ]
    of_person = [recording for recording in found if recording.person == person]
    if not of_person:
        people = sorted({recording.person for recording in found})
        raise RecordingError(f"{data} has no person {person}, its people are {people}")
    if not 0 <= number < len(of_person):
        raise RecordingError(
            f"recording is {number}, must be 0 to {len(of_person) - 1}: person {person} of {data} "
            f"has {len(of_person)}"
        )
    recording = of_person[number]
    rows, columns = recording.signal.shape
    if columns != len(channels):
        raise RecordingError(f"{data} has {columns} channels, the model takes {len(channels)}")
    truth = [""] * rows
    for stretch in recording.stretches:
        name = known.labels[stretch.label]
        truth[stretch.begin : stretch.end] = [name] * (stretch.end - stretch.begin)
    title = f"{data}, person {person}, recording {number}"
    return Recording(title, recording.signal, _times(model, rows), tuple(truth))


def _times(model: Model, rows: int, given: Sequence[int] = ()) -> NDArray[np.int64]:
    """The times that are given, else those of the model's rate."""
    if given:
        return np.array(given, np.int64)
    return np.asarray(np.rint(np.arange(rows) * (1e9 / model.info.rate_hz)), np.int64)


def gaps_of(model: Model, recording: Recording) -> list[tuple[float, float]]:
    """Begin and end of every gap, in seconds since the first sample."""
    seconds = recording.seconds
    found = np.flatnonzero(np.diff(seconds) > GAP_PERIODS / model.info.rate_hz)
    return [(float(seconds[i]), float(seconds[i + 1])) for i in found]


def labels_of(model: Model, recording: Recording) -> list[Label]:
    """The labels of the whole recording. Each is drawn as long as a hop, in the middle of its
    window: what it says is of the whole window, and windows overlap. Raises HarError."""
    longest_ns = int(GAP_PERIODS / model.info.rate_hz * 1e9)
    half = model.info.hop / model.info.rate_hz / 2
    first = int(recording.times_ns[0])
    labels = []
    with Stream(model, max_gap_ns=longest_ns) as stream:
        for event in stream.run(recording.signal, recording.times_ns):
            middle = ((event.t_start_ns + event.t_end_ns) / 2 - first) / 1e9
            name = "unknown" if event.flags & UNKNOWN else event.name
            truth = _truth(recording, event)
            labels.append(Label(name, event.confidence, middle - half, middle + half, truth))
    return labels


def _truth(recording: Recording, event: Event) -> str:
    begin, end = np.searchsorted(recording.times_ns, [event.t_start_ns, event.t_end_ns + 1])
    named = [name for name in recording.truth[begin:end] if name]
    counts = {name: named.count(name) for name in dict.fromkeys(named)}
    return max(counts, key=lambda name: counts[name], default="")
