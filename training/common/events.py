"""Activities as events: what a stream told, matched with what was done.

A true event is a labelled stretch; stretches of one class with nothing but unlabelled time between
them are one. A told event lasts from the window that entered a class to the one that left it,
counted at the windows' ends, when an app hears of it. The two match where the class is the same and
the told event overlaps the true one, drawn out at its end by one window, which a stream needs to
see it; each matches at most one other, the earliest first. Told events that touch no labelled
time, so drawn out, count neither way. Times are in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from libhar.datasets import Recording

UNKNOWN = -1


@dataclass(frozen=True)
class Span:
    """One activity from `begin` to `end`."""

    label: int
    begin: float
    end: float


@dataclass(frozen=True)
class Told:
    """A label that a stream gave at `time`, the end of its window; -1 for unknown."""

    label: int
    time: float


@dataclass(frozen=True)
class Counts:
    """Events of some recordings. `delays` are of the matched: told less true begin."""

    true: int
    told: int
    matched: int
    delays: tuple[float, ...]
    hours: float

    @property
    def f1(self) -> float:
        return 2 * self.matched / max(self.true + self.told, 1)

    @property
    def false_per_hour(self) -> float:
        """Told events that match none."""
        return (self.told - self.matched) / self.hours

    @property
    def median_delay(self) -> float:
        return float(np.median(self.delays)) if self.delays else float("nan")


def true_events(
    recording: Recording, names: Sequence[str], known: Sequence[str], rate_hz: float
) -> list[Span]:
    """The labelled stretches of the classes `known`, numbered as in it; `names` are the data's."""
    spans: list[Span] = []
    for stretch in sorted(recording.stretches, key=lambda s: s.begin):
        if names[stretch.label] not in known:
            continue
        label = known.index(names[stretch.label])
        begin, end = stretch.begin / rate_hz, stretch.end / rate_hz
        if spans and spans[-1].label == label:
            begin = spans.pop().begin
        spans.append(Span(label, begin, end))
    return spans


def told_events(labels: Sequence[Told], end: float) -> list[Span]:
    """The runs of one label; unknown is none. The last lasts until `end`."""
    spans: list[Span] = []
    for i, now in enumerate(labels):
        if i > 0 and now.label == labels[i - 1].label:
            continue
        if spans and spans[-1].end == float("inf"):
            spans[-1] = Span(spans[-1].label, spans[-1].begin, now.time)
        if now.label != UNKNOWN:
            spans.append(Span(now.label, now.time, float("inf")))
    return [Span(s.label, s.begin, min(s.end, end)) for s in spans]


def match(
    true: Sequence[Span],
    told: Sequence[Span],
    window: float,
    labelled: Sequence[Span],
    hours: float,
) -> Counts:
    """Counts of one recording; `labelled` is all labelled time, of whatever class."""
    drawn_out = [Span(s.label, s.begin, s.end + window) for s in true]
    near = [Span(s.label, s.begin, s.end + window) for s in labelled]
    counted = [t for t in told if any(_overlap(t, s) for s in near)]
    free = list(counted)
    delays = []
    for event in drawn_out:
        found = next((t for t in free if t.label == event.label and _overlap(t, event)), None)
        if found is not None:
            free.remove(found)
            delays.append(found.begin - event.begin)
    return Counts(len(true), len(counted), len(delays), tuple(delays), hours)


def together(parts: Sequence[Counts]) -> Counts:
    """The counts of several recordings as one."""
    return Counts(
        sum(p.true for p in parts),
        sum(p.told for p in parts),
        sum(p.matched for p in parts),
        tuple(delay for p in parts for delay in p.delays),
        sum(p.hours for p in parts),
    )


def _overlap(a: Span, b: Span) -> bool:
    return a.begin <= b.end and b.begin <= a.end
