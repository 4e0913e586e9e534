"""A model replaced while its stream runs: no window missing, none twice, and the way back."""

from __future__ import annotations

import itertools
from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import flat


@pytest.fixture(scope="module")
def recording(root: Path) -> np.ndarray:
    path = root / "examples/recordings/simulated.csv"
    return np.loadtxt(path, np.float32, delimiter=",", skiprows=2, usecols=range(6))[:2000]


@pytest.fixture
def int8(root: Path) -> libhar.Model:
    return libhar.Model(root / "models/uci_har_cnn_int8.har")


def keys(events: list[libhar.Event]) -> list[tuple[int, str, int]]:
    return [(event.first_sample, event.name, event.t_end_ns) for event in events]


@pytest.mark.parametrize("at", [0, 640, 651, 1300])
@pytest.mark.parametrize("timed", [False, True])
def test_the_next_model_takes_over_at_a_window(
    root: Path, int8: libhar.Model, recording: np.ndarray, at: int, timed: bool
) -> None:
    student = libhar.Model(root / "models/uci_har_student_int8.har")
    times = np.arange(len(recording), dtype=np.int64) * 20_000_000
    stream = libhar.SwappingStream(int8)
    events = list(stream.feed(recording[:at], times[:at] if timed else None))
    stream.swap(student)
    assert stream.is_swapping and stream.model is int8
    events += list(stream.feed(recording[at:], times[at:] if timed else None))
    assert not stream.is_swapping and stream.model is student and stream.failure is None
    ends = [event.first_sample + 128 for event in events]
    assert all(0 < b - a <= 64 for a, b in itertools.pairwise(ends))  # no hole, and none twice
    assert [event.t_end_ns for event in events] == [(end - 1) * 20_000_000 for end in ends]
    old = list(libhar.Stream(int8).feed(recording))
    new = list(libhar.Stream(student).feed(recording[at:]))
    count = len(events) - len(new)
    assert keys(events[:count]) == keys(old[:count])
    assert [e.scores.tobytes() for e in events[count:]] == [e.scores.tobytes() for e in new]


def test_a_model_that_fails_its_self_test_changes_nothing(
    root: Path, int8: libhar.Model, recording: np.ndarray
) -> None:
    broken = flat.load(root / "models/uci_har_student_int8.har")
    broken.golden[0].scores = broken.golden[0].scores[::-1].copy()
    stream = libhar.SwappingStream(int8)
    events = list(stream.feed(recording[:700]))
    with pytest.raises(ValueError, match=r"does not reproduce golden vector .* stage scores"):
        stream.swap(libhar.Model(flat.encode(broken)))
    broken.golden = []
    with pytest.raises(ValueError, match="has no golden vectors"):
        stream.swap(libhar.Model(flat.encode(broken)))
    with pytest.raises(ValueError, match="reads other channels"):
        stream.swap(libhar.Model(root / "models/wisdm_rab_kd_int8.har"))
    assert not stream.is_swapping
    events += list(stream.feed(recording[700:]))
    assert keys(events) == keys(list(libhar.Stream(int8).feed(recording)))


def test_a_stream_that_fails_on_the_way_is_dropped(
    root: Path, int8: libhar.Model, recording: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = libhar.SwappingStream(int8)
    events = list(stream.feed(recording[:700]))
    stream.swap(libhar.Model(root / "models/uci_har_student_int8.har"))
    waiting = stream._next
    assert waiting is not None

    def fail(*_: object) -> None:
        raise libhar.HarError(-20, "HAR_ERR_MEMORY", "no memory")

    monkeypatch.setattr(waiting, "feed", fail)
    events += list(stream.feed(recording[700:]))
    assert isinstance(stream.failure, libhar.HarError) and stream.model is int8
    assert keys(events) == keys(list(libhar.Stream(int8).feed(recording)))
