"""Chooses the decision of some networks on training people that they were not trained on.

    python -m training.common.choose_decision --data hapt --fold A.har=1,7,15 --fold B.har=5,11

Streams the whole recordings of each fold's people, at the model's hop and with the temperature that
its network's folds give, through every setting. Chosen is one setting for all networks: of those
whose median delay (training/common/events.py), mean over the networks, is at most MOST_DELAY longer
than that of each window alone, and whose event F1 is within SLACK of the best of these, the one of
fewest false changes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from libhar import Model, datasets, flat, schema
from libhar.calibrate import Fold, fit_temperature, labelled, together, walks
from libhar.calibrate.folds import Walk
from libhar.golden import window_times_ns
from libhar.reference import Decider
from numpy.typing import NDArray
from scipy.special import softmax

from training.common import events
from training.common.events import Counts, Told

MOST_DELAY = 1.5
"""Seconds. F1 grows with the delay without an end in sight, but an app that lags looks broken, and
every second of it is a second of wrong labels after each change."""
SLACK = 0.02
"""F1 that is given for fewer false changes."""
SMOOTHING = (0.0, 0.5)
MAJORITY = (0, 3)
THRESHOLDS = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.1), (0.5, 0.2), (0.6, 0.0), (0.6, 0.2))
"""Enter above, exit below."""
DURATIONS_MS = (0, 1280, 2560, 3840)


@dataclass(frozen=True)
class Stream:
    """One recording: probabilities and times of its windows, and what was done."""

    probabilities: NDArray[np.float32]
    times_ns: NDArray[np.int64]
    window: float
    end: float
    true: list[events.Span]
    labelled: list[events.Span]


def settings() -> Iterator[schema.Decision]:
    """Every setting that is tried; the first is no decision at all."""
    for duration, (enter, stay), majority, smoothing in product(
        DURATIONS_MS, THRESHOLDS, MAJORITY, SMOOTHING
    ):
        yield schema.Decision(
            smoothing=smoothing,
            majority=majority,
            enter_above=enter,
            exit_below=stay,
            min_duration_ms=duration,
        )


def stream_of(walk: Walk, model: schema.Model, names: Sequence[str], temperature: float) -> Stream:
    """A recording at a temperature; `names` are the classes of the data."""
    signal = model.signal
    rate = signal.rate_hz
    return Stream(
        softmax(walk.logits / temperature, axis=1).astype(np.float32),
        window_times_ns(signal, [int(at) for at in walk.starts]),
        signal.window / rate,
        len(walk.recording.signal) / rate,
        events.true_events(walk.recording, names, model.labels, rate),
        events.true_events(walk.recording, names, names, rate),
    )


def count(decision: schema.Decision, streams: Sequence[Stream]) -> Counts:
    """Events of some recordings with a decision."""
    parts = []
    for stream in streams:
        decider = Decider(decision)
        told = [
            Told(decider.step(p, int(start), int(end)).class_index, end / 1e9)
            for p, (start, end) in zip(stream.probabilities, stream.times_ns)
        ]
        spans = events.told_events(told, stream.end)
        hours = stream.end / 3600
        parts.append(events.match(stream.true, spans, stream.window, stream.labelled, hours))
    return events.together(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--data", choices=["uci_har", *datasets.SETS], required=True)
    parser.add_argument("--fold", type=Fold.parse, action="append", required=True)
    parser.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    options = parser.parse_args()
    folder = datasets.data_folder(options.data_dir)
    networks: dict[str, list[Fold]] = {}
    for fold in options.fold:
        networks.setdefault(Model(fold.path).name, []).append(fold)
    streams = [_streams(folds, options.data, folder) for folds in networks.values()]
    tried = []
    for decision in settings():
        counts = [count(decision, of_network) for of_network in streams]
        f1, delay, false = (
            float(np.mean([getattr(c, name) for c in counts]))
            for name in ("f1", "median_delay", "false_per_hour")
        )
        tried.append((f1, delay, false, decision))
        print(
            f"{_text(decision)}  F1 {f1:.4f}  delay {delay:.2f} s  {false:6.1f} false", flush=True
        )
    in_time = [t for t in tried if t[1] <= tried[0][1] + MOST_DELAY]
    enough = max(f1 for f1, *_ in in_time) - SLACK
    chosen = min((t for t in in_time if t[0] >= enough), key=lambda t: t[2])
    print(f"chosen for {', '.join(networks)}: {_text(chosen[3])}")


def _streams(folds: Sequence[Fold], data: str, folder: Path) -> list[Stream]:
    temperature = fit_temperature(*together([labelled(fold, data, folder) for fold in folds]))
    names = datasets.SETS["hapt" if data == "uci_har" else data].labels
    return [
        stream_of(walk, flat.load(fold.path), names, temperature)
        for fold in folds
        for walk in walks(fold, data, folder)
    ]


def _text(decision: schema.Decision) -> str:
    return (
        f"smoothing {decision.smoothing:.2f}  majority {decision.majority}  "
        f"enter {decision.enter_above:.1f}  exit {decision.exit_below:.1f}  "
        f"duration {decision.min_duration_ms:4d} ms"
    )


if __name__ == "__main__":
    main()
