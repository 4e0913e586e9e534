"""What a timeline is drawn of: one recording, and the labels that the C library gives it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from libhar import datasets
from libhar.model import Model
from libhar.recording import Recording, RecordingError, times_of
from libhar.stream import UNKNOWN, Event, Stream

GAP_PERIODS = 10
"""A longer step between samples, in periods of the model's rate, is a gap: docs/csv-format.md."""


@dataclass(frozen=True)
class Label:
    """One label: the stretch that it is drawn on, in seconds since the first sample."""

    name: str
    confidence: float
    begin: float
    end: float
    truth: str
    """The label that most samples of the window carry, "" where none carries one."""


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
    return Recording(title, recording.signal, times_of(model, rows), tuple(truth), False)


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
