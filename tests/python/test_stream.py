"""Streams in Python: the same bits however a recording is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libhar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libhar import flat, schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.spec import model_of
from libhar.reference import Network, decide
from makers import noise, spec

COLUMNS, WINDOW, HOP, CLASSES = 3, 16, 5, 4
STEPS = [
    {"type": "median"},
    {"type": "gravity_split", "order": 2, "cutoff_hz": 1.0, "channels": ["s0"]},
]


def description(smoothing: float = 0.5) -> schema.Model:
    """A model with latency, five columns after the steps, a dense layer and smoothing."""
    model = model_of(spec(COLUMNS, WINDOW, HOP, steps=STEPS))
    rng = np.random.default_rng(1)
    build = GraphBuilder()
    x = build.graph.input = build.computed("input", WINDOW, 5)
    pooled = build.computed("pooled", 1, 5)
    build.op("mean", schema.GlobalPool(schema.PoolKind.AVERAGE), [x], pooled)
    weight = build.constant("w", rng.normal(size=(CLASSES, 5)).astype("<f4"))
    build.graph.output = build.computed("logits", 1, CLASSES)
    build.op("dense", schema.Dense(), [pooled, weight], build.graph.output)
    model.graph, model.buffers = build.graph, build.buffers
    model.labels = [f"class{i}" for i in range(CLASSES)]
    model.decision = schema.Decision(smoothing=smoothing)
    return model


@pytest.fixture(scope="module")
def model() -> libhar.Model:
    return libhar.Model(flat.encode(description()))


def cut_run(
    model: libhar.Model, samples: np.ndarray, cuts: list[int], times: np.ndarray | None, queue: int
) -> Iterator[tuple[object, ...]]:
    """The events of a recording pushed in pieces of the lengths `cuts`, over and over."""
    with libhar.Stream(model, queue=queue) as stream:
        at, turn = 0, 0
        while at < len(samples):
            end = min(at + cuts[turn % len(cuts)], len(samples))
            turn += 1
            for event in stream.feed(samples[at:end], None if times is None else times[at:end]):
                yield as_tuple(event)
            at = end
        yield from map(as_tuple, stream.run(np.zeros((0, samples.shape[1]), np.float32)))


def as_tuple(event: libhar.Event) -> tuple[object, ...]:
    return (
        event.class_index,
        event.name,
        event.confidence,
        event.scores.tobytes(),
        event.t_start_ns,
        event.t_end_ns,
        event.first_sample,
        event.flags,
    )


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 400),
    cuts=st.lists(st.integers(1, 90), min_size=1, max_size=5),
    queue=st.integers(1, 40),
    timed=st.booleans(),
)
def test_labels_do_not_depend_on_the_cut(
    model: libhar.Model, seed: int, rows: int, cuts: list[int], queue: int, timed: bool
) -> None:
    rng = np.random.default_rng(seed)
    samples = noise(rng, rows, COLUMNS)
    gaps = rng.choice([20_000_000, 21_000_000, 900_000_000], rows, p=[0.7, 0.28, 0.02])
    times = np.cumsum(gaps) if timed else None
    whole = list(cut_run(model, samples, [max(rows, 1)], times, 0))
    assert list(cut_run(model, samples, cuts, times, queue)) == whole


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(0, 300))
def test_windows_are_those_of_the_whole_recording(
    model: libhar.Model, seed: int, rows: int
) -> None:
    """Streamed events against windows cut from the preprocessed recording, by the reference."""
    samples = noise(np.random.default_rng(seed), rows, COLUMNS)
    events = list(libhar.Stream(model).run(samples))
    signal = model.preprocess(samples)
    starts = range(0, rows - WINDOW + 1, HOP)
    assert [e.first_sample for e in events] == list(starts)
    if not events:
        return
    assert [e.t_start_ns for e in events] == [s * 20_000_000 for s in starts]
    assert [e.t_end_ns for e in events] == [(s + WINDOW - 1) * 20_000_000 for s in starts]
    source = description()
    assert source.graph is not None
    windows = np.stack([signal[s : s + WINDOW] for s in starts])
    output = Network(source.graph, source.buffers).run(windows)
    scores, labels = decide(source.decision, output)
    np.testing.assert_allclose([e.scores for e in events], scores, rtol=0, atol=1e-5)
    margin = np.sort(scores, axis=1)
    clear = margin[:, -1] - margin[:, -2] > 1e-5
    np.testing.assert_array_equal(np.array([e.class_index for e in events])[clear], labels[clear])


def test_a_gap_restarts_the_window(model: libhar.Model) -> None:
    samples = noise(np.random.default_rng(0), 3 * WINDOW, COLUMNS)
    times = np.arange(len(samples)) * 20_000_000
    times[WINDOW + 3 :] += 10**9
    events = list(libhar.Stream(model).run(samples, times))
    starts = [e.first_sample for e in events]
    assert WINDOW + 3 in starts
    assert not any(WINDOW + 3 - WINDOW < s < WINDOW + 3 for s in starts)
    flagged = [e.first_sample for e in events if e.flags & libhar.AFTER_GAP]
    assert flagged == [WINDOW + 3]
    fresh = next(libhar.Stream(model).run(samples[WINDOW + 3 :]))
    after = next(e for e in events if e.first_sample == WINDOW + 3)
    assert after.scores.tobytes() == fresh.scores.tobytes()


def test_errors_change_nothing(model: libhar.Model) -> None:
    samples = noise(np.random.default_rng(0), 60, COLUMNS)
    times = np.arange(60) * 20_000_000
    wanted = [as_tuple(e) for e in libhar.Stream(model).run(samples, times)]
    stream = libhar.Stream(model)
    found = [as_tuple(e) for e in stream.feed(samples[:30], times[:30])]
    bad = samples[30:35].copy()
    bad[3, 1] = np.nan
    cases = [
        ("HAR_ERR_SAMPLE_NOT_FINITE", bad, times[30:35]),
        ("HAR_ERR_TIME_BACKWARDS", samples[30:32], times[29:31]),
        ("HAR_ERR_TIME_BACKWARDS", samples[30:32], np.array([times[30], times[30]])),
        ("HAR_ERR_TIME_MIXED", samples[30:32], None),
        ("HAR_ERR_CHANNELS", samples[30:32, :2], times[30:32]),
    ]
    for name, rows, when in cases:
        with pytest.raises(libhar.HarError) as caught:
            stream.push(rows, when)
        assert caught.value.name == name
    found += [as_tuple(e) for e in stream.run(samples[30:], times[30:])]
    assert found == wanted
    with pytest.raises(libhar.HarError) as caught:
        stream.push(samples[:1], times[-1:] + 1)
    assert caught.value.name == "HAR_ERR_FLUSHED"
    stream.reset()
    assert [as_tuple(e) for e in stream.run(samples, times)] == wanted


def test_unknown_below_the_threshold() -> None:
    source = description()
    source.decision = schema.Decision(abstain_below=1.0)
    event = next(libhar.Stream(libhar.Model(flat.encode(source))).run(np.ones((20, 3), np.float32)))
    assert (event.class_index, event.name) == (-1, "unknown")
    assert event.flags & libhar.UNKNOWN
    assert 0 < event.confidence < 1


def test_settings_outside_their_bounds_are_refused(model: libhar.Model) -> None:
    for settings, field in [
        ({"hop": WINDOW + 1}, "config.hop"),
        ({"queue": 2**20 + 1}, "config.queue"),
        ({"max_gap_ns": -1}, "config.max_gap_ns"),
    ]:
        with pytest.raises(libhar.HarError) as caught:
            libhar.Stream(model, **settings)
        assert (caught.value.name, caught.value.field) == ("HAR_ERR_VALUE", field)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"hop": 2**32 + 3}, "hop is 4294967299, must be at most 4294967295"),
        ({"hop": -1}, "hop is -1, must be at least 0"),
        ({"hop": 2.5}, "hop is 2.5, must be a whole number"),
        ({"queue": 2**40}, "queue is 1099511627776, must be at most 4294967295"),
        ({"queue": -1}, "queue is -1, must be at least 0"),
        ({"max_gap_ns": 2**63}, "max_gap_ns is 9223372036854775808, must be at most"),
        ({"max_wait_ns": 2**64}, "max_wait_ns is 18446744073709551616, must be at most"),
        ({"max_stretch": -1}, "max_stretch is -1, must be at least 0"),
        ({"decision": libhar.Decision(majority=2**32 + 3)}, "majority is 4294967299, must be at"),
        ({"decision": libhar.Decision(min_duration_ns=2**64)}, "min_duration_ns is 18446744073709"),
    ],
)
def test_settings_are_never_wrapped(
    model: libhar.Model, settings: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        libhar.Stream(model, **settings)


def test_settings_may_be_numpy_s(model: libhar.Model) -> None:
    samples = noise(np.random.default_rng(8), 3 * WINDOW, COLUMNS)
    wanted = [as_tuple(e) for e in libhar.Stream(model, hop=3).run(samples)]
    stream = libhar.Stream(model, hop=np.int64(3), queue=np.uint8(9))
    assert [as_tuple(e) for e in stream.run(samples)] == wanted


def test_a_closed_stream_says_so(model: libhar.Model) -> None:
    samples = np.zeros((1, COLUMNS), np.float32)
    with libhar.Stream(model) as stream:
        feeding = stream.feed(noise(np.random.default_rng(1), 9 * WINDOW, COLUMNS))
        next(feeding)
    uses = [
        lambda: stream.push(samples),
        stream.poll,
        stream.poll_all,
        stream.flush,
        stream.reset,
        stream.counters,
        lambda: stream.classify(np.zeros((WINDOW, 5), np.float32)),
        lambda: list(feeding),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="the stream is closed"):
            use()
    stream.close()


def test_a_flush_that_waits_for_polls_ends_the_recording(model: libhar.Model) -> None:
    samples = noise(np.random.default_rng(2), WINDOW + 2, COLUMNS)
    stream = libhar.Stream(model, hop=1, queue=1)
    assert stream.push(samples) == WINDOW + 1  # no more than the queue can hold is looked at
    assert stream.push(samples[WINDOW + 1 :]) == 1  # now full, and the median holds one more row
    assert not stream.flush()
    with pytest.raises(libhar.HarError, match="HAR_ERR_FLUSHED"):
        stream.push(samples[:1])
    events = [stream.poll()]
    while not stream.flush():
        events.append(stream.poll())
    while (event := stream.poll()) is not None:
        events.append(event)
    wanted = list(libhar.Stream(model, hop=1).run(samples))
    assert [as_tuple(e) for e in events if e] == [as_tuple(e) for e in wanted]


EPOCH = 1_700_000_000


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "ps"])
def test_dates_of_any_unit_are_times(model: libhar.Model, unit: str) -> None:
    """One second apart: in a wrong unit every step would be a gap, or none would."""
    samples = noise(np.random.default_rng(6), 3 * WINDOW, COLUMNS)
    seconds = np.arange(len(samples)) + (0 if unit == "ps" else EPOCH)
    wanted = [
        as_tuple(e)
        for e in libhar.Stream(model, max_gap_ns=2 * 10**9).run(samples, seconds * 10**9)
    ]
    assert wanted
    dates = seconds.astype("datetime64[s]").astype(f"datetime64[{unit}]")
    stream = libhar.Stream(model, max_gap_ns=2 * 10**9)
    assert [as_tuple(e) for e in stream.run(samples, dates)] == wanted
    stream.reset()
    assert stream.push(samples[:5], dates[:5]) == 5
    assert [as_tuple(e) for e in stream.run(samples[5:], dates[5:])] == wanted


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.uint64, ">i8", list])
def test_integers_of_any_width_are_nanoseconds(model: libhar.Model, dtype: Any) -> None:
    samples = noise(np.random.default_rng(7), 2 * WINDOW, COLUMNS)
    times = np.arange(len(samples)) * 20_000_000
    wanted = [as_tuple(e) for e in libhar.Stream(model).run(samples, times)]
    given_times = times.tolist() if dtype is list else times.astype(dtype)
    assert [as_tuple(e) for e in libhar.Stream(model).run(samples, given_times)] == wanted


@pytest.mark.parametrize(
    ("times", "complaint"),
    [
        (np.array([0.0, 0.02]), "times_ns is float64, must be integers"),
        (np.array([False, True]), "times_ns is bool"),
        (np.array(["0", "1"]), "times_ns is <U1"),
        (np.array([0, 1], "timedelta64[s]"), r"times_ns is timedelta64\[s\]"),
        ([0, 2**64], "times_ns is object"),
        (np.array([0, 2**63], np.uint64), "times_ns holds 9223372036854775808, must be at most"),
        (np.array(["2020-01-01", "NaT"], "datetime64[ms]"), r"times_ns\[1\] is NaT"),
        (np.array(["2020-01-01", "3000-01-01"], "datetime64[s]"), r"times_ns\[1\] is 3000-01-01"),
        (np.array([0, 1, 2]), r"times_ns has shape \(3,\), must be \(2,\)"),
    ],
)
def test_times_of_other_types_are_refused(model: libhar.Model, times: Any, complaint: str) -> None:
    samples = np.zeros((2, COLUMNS), np.float32)
    stream = libhar.Stream(model)
    for use in (stream.push, lambda *given: list(stream.feed(*given))):
        with pytest.raises(ValueError, match=complaint):
            use(samples, times)
    with pytest.raises(ValueError, match=complaint):
        list(stream.run(samples, times))
    assert stream.counters().samples == 0
    assert stream.push(samples[:0], []) == 0  # an empty list has no type of its own
