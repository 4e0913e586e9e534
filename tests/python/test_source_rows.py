"""Rows made of sensors that arrive one by one: the values, the times, gaps and cuts."""

from __future__ import annotations

from collections.abc import Callable

import libhar
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from libhar import Source
from scipy import signal
from sources import NS, Track, clock, due, row_model, rows, run, track

SETTLED = slice(20, -20)
"""Rows whose readings reach far enough on both sides."""
ACC, GYRO = slice(0, 3), slice(3, 6)


@pytest.fixture(scope="module")
def model() -> libhar.Model:
    return row_model()


def sines(most_hz: float, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Six signals of 24 sines each, of unit RMS."""
    rng = np.random.default_rng(seed)
    f, phase = rng.uniform(0.2, most_hz, (24, 6)), rng.uniform(0, 2 * np.pi, (24, 6))

    def of(t: np.ndarray) -> np.ndarray:
        return np.sin(2 * np.pi * f * t[:, None, None] + phase).sum(axis=1) / np.sqrt(12)

    return of


def android(rate: float = 0.0) -> Source:
    return Source.preset("android_sensor", rate_hz=rate)


@pytest.mark.parametrize("rate", [30.0, 50.0, 100.0])
def test_readings_on_the_grid_pass_unchanged(rate: float) -> None:
    values = np.random.default_rng(1).normal(size=(200, 6)).astype(np.float32)
    times = 10**15 + np.rint(np.arange(200) * (NS / rate)).astype(np.int64)
    stream = libhar.Stream(row_model(rate), source=android(rate))
    found, when = rows(stream, [Track(values[:, ACC], times), Track(values[:, GYRO], times)])
    assert found.astype(np.float32).tobytes() == values.tobytes()
    np.testing.assert_array_equal(when, times)


@pytest.mark.parametrize(
    ("rate", "most_hz", "jitter", "loss", "bound"),
    [
        (rate, 15.0, jitter, loss, 1e-3)
        for rate in (94.0, 100.0, 104.0, 200.0)
        for jitter, loss in ((0.0, 0.0), (0.2, 0.0), (0.05, 0.01))
    ]
    + [
        (50.0, 10.0, 0.0, 0.0, 1e-4),
        (50.0, 10.0, 0.2, 0.0, 2e-4),
        (50.0, 10.0, 0.05, 0.01, 1e-3),
        (50.0, 15.0, 0.0, 0.0, 3e-3),
        (48.0, 10.0, 0.05, 0.01, 1e-3),
    ],
)
def test_rows_are_the_band_limited_signal(
    model: libhar.Model, rate: float, most_hz: float, jitter: float, loss: float, bound: float
) -> None:
    """The RMS error against the sines themselves, of unit RMS, whatever the clock does."""
    of, rng = sines(most_hz), np.random.default_rng(2)
    tracks = [
        track(of, clock(rng, 20, rate, jitter=jitter, loss=loss, start=s), c)
        for s, c in ((0.0, ACC), (0.0033, GYRO))
    ]
    found, when = rows(libhar.Stream(model, source=android(rate)), tracks)
    error = (found - of(when / NS))[SETTLED]
    assert np.sqrt((error**2).mean()) < bound


def test_what_the_model_cannot_hold_is_filtered_out(model: libhar.Model) -> None:
    """Tones above 25 Hz would come back as slow movements: 30 Hz as 20, 49 Hz as 1."""
    for tone, most in ((30.0, 0.02), (40.0, 0.002), (49.0, 0.002)):
        for rate in (100.0, 200.0):
            t = clock(np.random.default_rng(0), 10, rate)
            values = np.tile(np.sin(2 * np.pi * tone * t + 0.3)[:, None], (1, 6))
            both = Track(values[:, :3].astype(np.float32), np.rint(t * NS).astype(np.int64))
            found, _ = rows(libhar.Stream(model, source=android(rate)), [both, both])
            assert np.abs(found[SETTLED]).max() < most, (tone, rate)


def test_down_from_200_hz_as_scipy_does(model: libhar.Model) -> None:
    noise = signal.resample_poly(np.random.default_rng(3).normal(size=(400, 6)), 10, 1)
    fine = signal.sosfiltfilt(signal.butter(6, 15, fs=200, output="sos"), noise, axis=0)
    times = np.arange(len(fine)) * (NS // 200)
    tracks = [Track(fine[:, c].astype(np.float32), times) for c in (ACC, GYRO)]
    found, _ = rows(libhar.Stream(model, source=android(200)), tracks)
    wanted = signal.resample_poly(fine, 1, 4, axis=0, window=("kaiser", 6.0))
    error = (found - wanted[: len(found)])[SETTLED]
    assert np.sqrt((error**2).mean()) < 2e-3 * wanted.std()


def test_the_grid_does_not_drift() -> None:
    """Row k is at start + k / rate to the nanosecond, an hour after the start as well."""
    rate = 37.0
    source = android(1.0)
    stream = libhar.Stream(row_model(rate), source=source, max_gap_ns=600 * NS)
    times = np.arange(0, 3600, 300) * NS
    events = run(stream, [Track(np.zeros((len(times), 3), np.float32), times)] * 2)
    k = np.arange(len(events))
    exact = np.rint(k * (NS / rate))
    assert len(events) == times[-1] // NS * 37 + 1
    assert np.abs(np.array([e.t_end_ns for e in events]) - exact).max() <= 1


# ---------------------------------------------------------------- gaps, duplicates, silence


def ramp(times: np.ndarray) -> Track:
    """Readings whose values are their times in seconds."""
    return Track(np.tile((times / NS)[:, None], (1, 3)).astype(np.float32), times)


EVEN = np.arange(200) * (NS // 50)


def test_duplicates_are_skipped_and_counted(model: libhar.Model) -> None:
    doubled = ramp(EVEN).keep(np.repeat(np.arange(200), 2))
    stream = libhar.Stream(model, source=android())
    found, _ = rows(stream, [doubled, ramp(EVEN)])
    wanted, _ = rows(libhar.Stream(model, source=android()), [ramp(EVEN)] * 2)
    np.testing.assert_array_equal(found, wanted)
    counters = stream.counters()
    assert (counters.duplicates, counters.samples, counters.rows) == (200, 600, 200)


def test_a_hole_up_to_the_bound_is_bridged(model: libhar.Model) -> None:
    kept = ramp(EVEN).keep((EVEN < 2 * NS) | (EVEN >= 2 * NS + 180_000_000))
    stream = libhar.Stream(model, source=android())
    found, when = rows(stream, [kept, ramp(EVEN)])
    np.testing.assert_allclose(found[:, 0], when / NS, atol=1e-5)
    assert len(found) == 200
    assert stream.counters().gaps == 0


def test_a_longer_hole_restarts_all(model: libhar.Model) -> None:
    kept = ramp(EVEN).keep((EVEN <= NS) | (EVEN >= NS + 500_000_000))
    stream = libhar.Stream(model, source=android())
    events = run(stream, [ramp(EVEN), kept])
    times = np.array([e.t_end_ns for e in events])
    np.testing.assert_array_equal(times, EVEN[(EVEN <= NS) | (EVEN >= NS + 500_000_000)])
    flagged = [e.t_end_ns for e in events if e.flags & libhar.AFTER_GAP]
    assert flagged == [NS + 500_000_000]
    counters = stream.counters()
    assert (counters.gaps, counters.rows_lost) == (1, 24)


def test_the_grid_begins_where_all_sensors_have_begun(model: libhar.Model) -> None:
    late = ramp(EVEN[10:] + 7)
    events = run(libhar.Stream(model, source=android()), [ramp(EVEN), late])
    np.testing.assert_array_equal([e.t_end_ns for e in events], EVEN[10:-1] + 7)


def test_waiting_without_bound_loses_nothing(model: libhar.Model) -> None:
    """The buffer fills, the push says so, and everything is there once the other sensor comes."""
    stream = libhar.Stream(model, queue=20, source=android())
    track = ramp(np.arange(3000) * (NS // 50))
    taken = stream.push_sensor(0, track.values, track.times)
    assert 0 < taken < 300
    assert stream.push_sensor(0, track.values[taken:], track.times[taken:]) == 0
    assert stream.poll() is None
    assert stream.counters().reasons_now == ("sensor_silent",)
    events, at = [], [taken, 0]
    while min(at) < 3000:
        for s in (1, 0):
            at[s] += stream.push_sensor(s, track.values[at[s] :], track.times[at[s] :])
        events += due(stream)
    events += run(stream, [])
    assert len(events) == 3000
    assert not any(e.flags & libhar.AFTER_GAP or "sensor_silent" in e.reasons for e in events)
    assert "sensor_silent" not in stream.counters().reasons_now


def test_a_silent_sensor_is_given_up_and_flagged(model: libhar.Model) -> None:
    stream = libhar.Stream(model, source=android(50), max_wait_ns=NS)
    even = np.arange(1000) * (NS // 50)
    gone = (even >= 5 * NS) & (even < 12 * NS)
    acc, gyro = ramp(even), ramp(even).keep(~gone)
    at, events, silent = 0, [], 0
    for end in range(25, 1001, 25):
        now = even[end - 1]
        for part in (slice(end - 25, end - 12), slice(end - 12, end)):
            taken = 0
            while taken < len(acc.times[part]):
                taken += stream.push_sensor(0, acc.values[part][taken:], acc.times[part][taken:])
                events += due(stream)
        new = int((gyro.times <= now).sum())
        stream.push_sensor(1, gyro.values[at:new], gyro.times[at:new])
        at = new
        events += due(stream)
        silent += "sensor_silent" in stream.counters().reasons_now
    events += run(stream, [])
    assert 10 <= silent <= 14  # a second after it stopped until it was back
    assert [e.t_end_ns for e in events] == even[~gone].tolist()
    flagged = [(e.t_end_ns, e.reasons) for e in events if e.flags & libhar.AFTER_GAP]
    assert flagged[0][0] == 12 * NS
    assert "sensor_silent" in flagged[0][1]
    assert stream.counters().rows_lost == 350


# ---------------------------------------------------------------- the cut


def uneven(seed: int) -> list[Track]:
    """Two sensors of other rates with jitter, loss, duplicates, holes and late starts, which end
    together: after its end a sensor would be waited for."""
    rng = np.random.default_rng(seed)
    tracks = []
    for columns in (ACC, GYRO):
        rate = rng.uniform(30, 210)
        t = clock(rng, 8, rate, jitter=0.3, loss=0.05, start=rng.uniform(0, 1))
        holes = rng.uniform(0, 8, 2)
        for hole in holes:
            t = t[(t < hole) | (t > hole + rng.uniform(0.05, 0.8))]
        made = track(sines(8, seed), np.sort(t), columns)
        tracks.append(made.keep(np.repeat(np.arange(len(t)), rng.choice([1, 1, 1, 2], len(t)))))
    while (
        np.ptp([t.times[-1] for t in tracks]) > NS // 20
    ):  # one's hole may be where the other ends
        end = min(t.times[-1] for t in tracks)
        tracks = [t.keep(t.times <= end) for t in tracks]
    return tracks


def as_tuple(e: libhar.Event) -> tuple[object, ...]:
    return (e.scores.tobytes(), e.t_start_ns, e.t_end_ns, e.first_sample, e.flags, e.reasons)


@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    swapped=st.booleans(),
    queue=st.integers(1, 60),
)
@example(seed=1475664, cuts=[1], swapped=False, queue=2)
def test_rows_do_not_depend_on_the_cut(
    model: libhar.Model, seed: int, cuts: list[int], swapped: bool, queue: int
) -> None:
    """Bursts of any length, in any order of the sensors: the same bits, times, flags, reasons."""
    tracks = uneven(seed)
    wanted = run(libhar.Stream(model, source=android()), tracks, lambda _: 7)
    stream = libhar.Stream(model, source=android(), queue=queue)
    at, found, turn, idle = [0, 0], [], 0, 0
    order = (1, 0) if swapped else (0, 1)
    while idle < 2 and any(a < len(t.times) for a, t in zip(at, tracks)):
        before = sum(at) + len(found)
        for i in order:
            end = at[i] + cuts[turn % len(cuts)]
            turn += 1
            part = slice(at[i], end)
            at[i] += stream.push_sensor(i, tracks[i].values[part], tracks[i].times[part])
            if turn % 3 == 0:
                found += due(stream)
        found += due(stream)
        idle = 0 if sum(at) + len(found) > before else idle + 1
    found += run(stream, [])
    assert [as_tuple(e) for e in found] == [as_tuple(e) for e in wanted]
