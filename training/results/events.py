"""Whole recordings through streams: what an app hears, and what the still gate saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from libhar import REPEATED, Decision, Event, Model, Stream, datasets, flat
from libhar.calibrate import Reliability, logits_of, reliability
from libhar.datasets import HAPT_LABELS, HAPT_TEST_PEOPLE, Recording
from libhar.evaluate import labelled_windows
from numpy.typing import NDArray

from training.common import events
from training.common.events import Counts, Told
from training.results.measure import KINDS, Shipped, file_of

STREAMED = ("hapt", "uci_har")
"""Sets whose raw recordings, those of HAPT, have stretches labelled inside whole recordings."""
STRETCH = 4


@dataclass(frozen=True)
class Heard:
    """What a stream told of the recordings of all test people. `accuracy` is the share of due
    windows, of those whose middle is labelled, at whose end the label told last is the true one,
    `own_accuracy` the same of the largest of the window's own scores; `repeated` the share of
    repeated windows that have the label of their own scores; `macs`
    what was computed of what every window would have taken."""

    events: Counts
    accuracy: float
    own_accuracy: float
    windows: int
    skipped: int
    stretched: int
    repeated: float
    macs: float

    def as_dict(self) -> dict[str, Any]:
        counts = self.events
        return {
            "true_events": counts.true,
            "told_events": counts.told,
            "matched_events": counts.matched,
            "hours": counts.hours,
            "event_f1": counts.f1,
            "false_changes_per_hour": counts.false_per_hour,
            "median_delay_s": counts.median_delay,
            "accuracy": self.accuracy,
            "own_accuracy": self.own_accuracy,
            "windows": self.windows,
            "windows_skipped": self.skipped,
            "windows_stretched": self.stretched,
            "repeated_right": self.repeated,
            "macs": self.macs,
        }


@dataclass(frozen=True)
class Streamed:
    """One model file: confidence on test windows at temperature 1 and at its own, and streams."""

    name: str
    kind: str
    temperature: float
    plain: Reliability
    calibrated: Reliability
    heard: dict[str, Heard]

    def as_dict(self) -> dict[str, Any]:
        return {
            "temperature": self.temperature,
            "at_temperature_1": asdict(self.plain),
            "calibrated": asdict(self.calibrated),
            "streams": {name: heard.as_dict() for name, heard in self.heard.items()},
        }


def streamed(networks: Sequence[Shipped], root: Path, folder: Path) -> list[Streamed]:
    """Of every network that takes the channels of HAPT, both forms."""
    recordings = datasets.of_split(datasets.hapt(folder), HAPT_TEST_PEOPLE, "test")
    found = []
    for network in networks:
        if network.recorded["data"] not in STREAMED:
            continue
        for kind in KINDS:
            print(f"{network.name} {kind}, whole recordings", flush=True)
            path = file_of(root, network.name, kind)
            found.append(_streamed(path, kind, network.recorded["data"], recordings, folder))
    return found


def _streamed(
    path: Path, kind: str, data: str, recordings: Sequence[Recording], folder: Path
) -> Streamed:
    model, description = Model(path), flat.load(path)
    windows = labelled_windows(model, data, folder, "test")
    logits = logits_of(description, windows.signal)
    own = Decision.of(model)
    alone = Decision(temperature=own.temperature)
    settings: dict[str, dict[str, Any]] = {
        "each window alone": {"decision": alone},
        "decision": {},
        "stretch": {"max_stretch": STRETCH},
    }
    if description.gate is not None:
        settings["gate"] = {"still_gate": True}
        settings["gate and stretch"] = {"still_gate": True, "max_stretch": STRETCH}
    heard = {name: _heard(model, recordings, chosen) for name, chosen in settings.items()}
    plain, calibrated = (
        reliability(logits, windows.labels, t) for t in (1.0, float(own.temperature))
    )
    name = model.name.removesuffix("_int8")
    return Streamed(name, kind, own.temperature, plain, calibrated, heard)


def _heard(model: Model, recordings: Sequence[Recording], settings: dict[str, Any]) -> Heard:
    rate, window = model.info.rate_hz, model.info.window
    counts, right, own, agreed = [], [], [], []
    totals = np.zeros(5, np.int64)
    for recording in recordings:
        stream = Stream(model, **settings)
        told = list(stream.run(recording.signal))
        end = len(recording.signal) / rate
        spans = events.told_events([Told(e.class_index, e.t_end_ns / 1e9) for e in told], end)
        true = events.true_events(recording, HAPT_LABELS, model.labels, rate)
        near = events.true_events(recording, HAPT_LABELS, HAPT_LABELS, rate)
        counts.append(events.match(true, spans, window / rate, near, end / 3600))
        right.append(_right(model, recording, told, [e.class_index for e in told]))
        own.append(_right(model, recording, told, [e.raw_index for e in told]))
        agreed.append(_agreed(model, recording, told))
        c = stream.counters()
        totals += (c.windows, c.windows_skipped, c.windows_stretched, c.macs, c.macs_fresh)
    same = np.concatenate(agreed)
    return Heard(
        events.together(counts),
        float(np.concatenate(right).mean()),
        float(np.concatenate(own).mean()),
        int(totals[0]),
        int(totals[1]),
        int(totals[2]),
        float(same.mean()) if len(same) else 1.0,
        float(totals[3] / totals[4]),
    )


def _right(
    model: Model, recording: Recording, told: Sequence[Event], labels: Sequence[int]
) -> NDArray[np.bool_]:
    """Of each due window whose middle is labelled: whether the last of `labels`, which the events
    told, is the true one."""
    window, hop = model.info.window, model.info.hop
    truth = np.full(len(recording.signal), events.UNKNOWN)
    for stretch in recording.stretches:
        if HAPT_LABELS[stretch.label] in model.labels:
            label = model.labels.index(HAPT_LABELS[stretch.label])
            truth[stretch.begin : stretch.end] = label
    starts = np.arange(0, len(recording.signal) - window + 1, hop)
    firsts = np.array([e.first_sample for e in told])
    last = np.searchsorted(firsts, starts, side="right") - 1
    found = np.asarray(labels)[last]
    middle = truth[starts + window // 2]
    return np.asarray(found[middle >= 0] == middle[middle >= 0])


def _agreed(model: Model, recording: Recording, told: Sequence[Event]) -> NDArray[np.bool_]:
    """Of each repeated window: whether its own label is that which was repeated."""
    repeated = [e for e in told if e.flags & REPEATED]
    if not repeated:
        return np.zeros(0, bool)
    signal, window = model.preprocess(recording.signal), model.info.window
    windows = np.stack([signal[e.first_sample : e.first_sample + window] for e in repeated])
    own = model.classify(windows)[0].argmax(axis=1)
    return np.asarray(own == [e.raw_index for e in repeated])
