"""Recordings of HAPT test people as phones would give them: the labels stay."""

from __future__ import annotations

from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import Source, datasets
from sources import NS, Track, clock, continuous, due, encoded, run, track

ACC, GYRO = slice(0, 3), slice(3, 6)
ROWS = 9000
"""Three minutes of each recording."""


@pytest.fixture(scope="module")
def recordings(data_dir: Path) -> list[datasets.Recording]:
    return datasets.of_split(datasets.hapt(data_dir), datasets.HAPT_TEST_PEOPLE, "test")


def labels_at(events: list[libhar.Event]) -> dict[int, int]:
    """Class by the window's end, in hops of the clean run."""
    return {round(e.t_end_ns / (NS / 50)): e.class_index for e in events}


def agreement(clean: list[libhar.Event], other: list[libhar.Event]) -> tuple[int, int]:
    """Windows that end at the same time (to half a row), and those of the same class."""
    first, second = labels_at(clean), labels_at(other)
    shared = first.keys() & second.keys()
    return len(shared), sum(first[k] == second[k] for k in shared)


VARIANTS = [
    ("android_sensor", 50.0, 0.0),
    ("android_sensor", 94.0, 0.0),
    ("android_sensor", 100.0, 0.1),
    ("ios_core_motion_accelerometer", 100.0, 0.0),
    ("ios_core_motion_accelerometer", 104.0, 0.1),
    ("ios_device_motion", 100.0, 0.0),
    ("web_device_motion", 100.0, 0.05),
    ("web_device_motion_ios", 60.0, 0.05),
    ("uci_har", 50.0, 0.05),
    ("uci_har", 200.0, 0.1),
]


@pytest.mark.parametrize("name", ["hapt_gru", "uci_har_cnn", "uci_har_student_int8"])
def test_encodings_keep_the_labels(
    recordings: list[datasets.Recording], root: Path, name: str
) -> None:
    """Ten encodings, pushed in bursts, with duplicates where the clock jitters: the labels of at
    least 99 % of windows are those of the clean recording."""
    model = libhar.Model(root / "models" / f"{name}.har")
    shared = same = 0
    for number, (preset, rate, jitter) in enumerate(VARIANTS):
        rng = np.random.default_rng(number)
        recording = recordings[number % len(recordings)].signal[:ROWS]
        clean = list(libhar.Stream(model).run(recording))
        of, seconds = continuous(recording), (ROWS - 1) / 50
        t = np.r_[0.0, clock(rng, seconds, rate, jitter=jitter)[1:]]
        acc, gyro = track(of, t, ACC), track(of, t, GYRO)
        if jitter:
            acc = acc.keep(np.repeat(np.arange(len(t)), rng.choice([1, 1, 1, 2], len(t))))
        source = Source.preset(preset, rate_hz=rate)
        bursts = rng.integers(1, 120, 997)
        events = run(
            libhar.Stream(model, source=source),
            encoded(preset, acc, gyro),
            lambda turn, bursts=bursts: int(bursts[turn % 997]),
        )
        counted, equal = agreement(clean, events)
        assert counted >= len(clean) - 2, (preset, rate)
        shared, same = shared + counted, same + equal
    print(f"{name}: {same} of {shared} windows")
    assert same >= 0.99 * shared


def as_a_phone(recording: np.ndarray, rng: np.random.Generator) -> list[Track]:
    """Two sensors whose clocks are off by up to 6 % and swing by 2 % in a minute, with jitter and 1 % loss."""
    of, seconds = continuous(recording), (len(recording) - 1) / 50
    tracks = []
    for columns in (ACC, GYRO):
        rate = 100.0 * rng.uniform(0.94, 1.04)
        t = clock(rng, seconds, rate, jitter=0.1, loss=0.01)
        swing = 0.02 * 60 / (2 * np.pi) * np.sin(2 * np.pi * t / 60)
        tracks.append(track(of, np.unique(np.clip(t + swing, 0, seconds)), columns))
    return tracks


def accuracy(
    model: libhar.Model, recordings: list[datasets.Recording], as_phone: bool, rng_seed: int = 5
) -> tuple[int, int]:
    """Right windows and all windows that lie inside one labelled stretch, by their times."""
    right = total = 0
    rng = np.random.default_rng(rng_seed)
    for recording in recordings:
        if as_phone:
            source = Source.preset("uci_har", rate_hz=100.0)
            events = run(libhar.Stream(model, source=source), as_a_phone(recording.signal, rng))
        else:
            events = list(libhar.Stream(model).run(recording.signal))
        for e in events:
            begin, end = e.t_start_ns * 50 / NS, e.t_end_ns * 50 / NS
            inside = [s for s in recording.stretches if s.begin <= begin and end <= s.end - 1]
            if inside:
                total += 1
                right += e.class_index == inside[0].label
    return right, total


def test_jitter_drift_and_loss_cost_at_most_half_a_point(
    recordings: list[datasets.Recording], root: Path
) -> None:
    """All test people, as two sensors at 94 to 104 Hz that drift, against the recordings."""
    model = libhar.Model(root / "models" / "hapt_gru.har")
    clean, phone = (accuracy(model, recordings, as_phone) for as_phone in (False, True))
    print(f"clean {clean}, as a phone {phone}")
    assert phone[1] >= 0.98 * clean[1]
    assert phone[0] / phone[1] >= clean[0] / clean[1] - 0.005


def test_a_burst_of_a_minute(recordings: list[datasets.Recording], root: Path) -> None:
    """What comes in one burst gives the labels of what comes by and by."""
    model = libhar.Model(root / "models" / "hapt_gru.har")
    recording = recordings[0].signal[:3000]
    times = np.arange(3000) * (NS // 50)
    clean = list(libhar.Stream(model).run(recording))
    stream, at, found = libhar.Stream(model, source=Source.preset("uci_har")), [0, 0], []
    while min(at) < 3000:
        for i, columns in enumerate((ACC, GYRO)):
            at[i] += stream.push_sensor(i, recording[at[i] :, columns], times[at[i] :])
        found += due(stream)
    found += run(stream, [])
    assert [e.scores.tobytes() for e in found] == [e.scores.tobytes() for e in clean]
