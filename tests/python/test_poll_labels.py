"""All due windows at once: the events of one by one, bit for bit, on any number of threads."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import libhar
import numpy as np
import pytest
from libhar import _capi, shipped
from libhar.explain import Explainer

MODELS = ("uci_har_cnn", "uci_har_student_int8", "hapt_gru")
PERIOD_NS = 20_000_000


@pytest.fixture(scope="module")
def recording() -> np.ndarray:
    read = np.loadtxt(shipped.recording(), delimiter=",", skiprows=2, usecols=range(6))
    return read.astype(np.float32)


def plain(events: list[libhar.Event]) -> list[dict[str, Any]]:
    """Events for comparing, every bit of their scores."""
    return [{**asdict(event), "scores": event.scores.tobytes()} for event in events]


@pytest.mark.parametrize("threads", [0, 2, 5])
@pytest.mark.parametrize("hop", [0, 16, 128])
@pytest.mark.parametrize("name", MODELS)
def test_the_events_of_one_by_one(
    root: Path, recording: np.ndarray, name: str, hop: int, threads: int
) -> None:
    """With a gap, whose windows wait in the queue, and queues both long and short."""
    model = libhar.Model(root / f"models/{name}.har")
    times = np.arange(len(recording)) * PERIOD_NS
    times[4000:] += 60_000_000_000
    with libhar.Stream(model, hop=hop) as stream:
        expected = plain(list(stream.run(recording, times)))
        counts = stream.counters()
    assert len({event["name"] for event in expected}) > 4
    for queue in (len(recording), 700):
        with libhar.Stream(model, hop=hop, queue=queue) as stream:
            found = list(stream.run(recording, times, threads=threads))
            assert plain(found) == expected
            assert stream.counters().windows == counts.windows


def test_at_most_as_many_as_asked_for_and_then_the_next(recording: np.ndarray) -> None:
    model = libhar.Model(shipped.model("uci_har_student_int8"))
    expected = plain(list(libhar.Stream(model).run(recording[:2000])))
    stream = libhar.Stream(model, queue=2000)
    assert stream.push(recording[:2000]) == 2000
    found = stream.poll_all(threads=2, most=7)
    assert len(found) == 7
    one = stream.poll()
    assert one is not None
    found += [one, *stream.poll_all(threads=2)]
    assert stream.poll_all(threads=2) == []
    assert plain(found) == expected[: len(found)]
    assert len(expected) - len(found) <= 1  # what flush completes


def test_sensors_by_themselves(recording: np.ndarray) -> None:
    """A source brings its rows while it is polled; the second sensor goes silent in between."""
    model = libhar.Model(shipped.model("uci_har_student_int8"))
    times = np.arange(3000) * PERIOD_NS
    kept = (times < 20_000_000_000) | (times > 35_000_000_000)

    def events(threads: int) -> list[libhar.Event]:
        source = libhar.Source.preset("uci_har")
        stream = libhar.Stream(model, source=source, queue=3000, max_wait_ns=2_000_000_000)
        found = []
        for rows, sensor, chosen in (
            (recording[:3000, :3], 0, np.ones(3000, bool)),
            (recording[:3000, 3:], 1, kept),
        ):
            values, stamps = rows[chosen], times[chosen]
            while len(values):
                taken = stream.push_sensor(sensor, values, stamps)
                values, stamps = values[taken:], stamps[taken:]
                found += stream.poll_all(threads)
        stream.flush()
        return [*found, *stream.poll_all(threads)]

    one_by_one = plain(events(1))
    assert len(one_by_one) > 20
    assert plain(events(2)) == one_by_one


def test_threads_have_a_share_each(root: Path, recording: np.ndarray) -> None:
    """Each begins its share with a window that overlaps none before it."""
    if not _capi.lib.har_backends() & 2:
        pytest.skip("the library was built without pthreadpool")
    model = libhar.Model(root / "models/uci_har_cnn.har", hop=16)
    macs = []
    for threads in (1, 4):
        stream = libhar.Stream(model, hop=16, queue=len(recording))
        stream.push(recording)
        stream.poll_all(threads)
        macs.append(stream.counters().macs)
    assert macs[1] == macs[0] + 3 * (macs_fresh(model) - macs_again(model))


def macs_fresh(model: libhar.Model) -> int:
    return sum(step.macs for step in model.plan)


def macs_again(model: libhar.Model) -> int:
    return sum(step.macs for step in model.overlap(16))


@pytest.mark.parametrize("settings", [{"still_gate": True}, {"max_stretch": 8}])
def test_gate_and_stretch_run_one_by_one(
    root: Path, recording: np.ndarray, settings: dict[str, Any]
) -> None:
    model = libhar.Model(root / "models/uci_har_student_int8.har")
    expected = plain(list(libhar.Stream(model, **settings).run(recording)))
    stream = libhar.Stream(model, queue=len(recording), **settings)
    assert plain(list(stream.run(recording, threads=2))) == expected


def test_counts_outside_their_bounds_are_refused() -> None:
    stream = libhar.Stream(libhar.Model(shipped.model("uci_har_student_int8")))
    with pytest.raises(libhar.HarError) as caught:
        stream.poll_all(threads=257)
    assert (caught.value.field, caught.value.bound) == ("threads", 256)
    for wrong, complaint in (
        ({"threads": -1}, "threads is -1, must be at least 0"),
        ({"threads": 2**32 + 1}, "threads is 4294967297, must be at most"),
        ({"most": 0}, "most is 0, must be at least 1"),
        ({"most": -1}, "most is -1, must be at least 1"),
    ):
        with pytest.raises(ValueError, match=complaint):
            stream.poll_all(**wrong)


def test_the_last_window_is_explained_whoever_computed_it(
    root: Path, recording: np.ndarray
) -> None:
    """After poll_all on any threads, and with a window classified between, it is that of the last
    event."""
    model = libhar.Model(root / "models/uci_har_student_int8.har")
    found = []
    for threads in (1, 4):
        stream = libhar.Stream(model, queue=len(recording))
        stream.push(recording)
        events = stream.poll_all(threads)
        stream.classify(np.zeros((model.info.window, model.info.signal_channel_count)))
        explained = Explainer(model).stream(stream)
        assert explained.first_sample == events[-1].first_sample
        found.append(explained.values)
    assert np.array_equal(*found)
