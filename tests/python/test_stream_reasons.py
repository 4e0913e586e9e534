"""Reasons of the running check reach the app: whatever is passed over, however slow a sensor is."""

from __future__ import annotations

from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import Source, SourceSensor, shipped
from sources import NS, Track, due, row_model, run

WALK = slice(2200, 2700)
"""Of the recording that ships."""


def steady(rows: int) -> np.ndarray:
    """A phone at the waist of somebody who walks on and on: acc in g, gyro in rad/s."""
    recording = np.loadtxt(shipped.recording(), delimiter=",", skiprows=2, usecols=range(6))
    return np.resize(recording[WALK], (rows, 6)).astype(np.float32)


@pytest.mark.parametrize("begin", [2400, 3000, 4100, 7000])
def test_reasons_while_windows_are_passed_over(root: Path, begin: int) -> None:
    """Each event has the reasons of the samples since the one before it, as the samples have them
    where every window is told, and however the recording is cut."""
    model = libhar.Model(root / "models/hapt_gru_int8.har")
    signal = steady(12_000)
    signal[begin : begin + 100] *= 10

    def told(chunk: int, **how: int) -> list[tuple[int, int, set[str]]]:
        stream, found = libhar.Stream(model, **how), []
        for first in range(0, len(signal), chunk):
            rest = signal[first : first + chunk]
            while len(rest):
                rest = rest[stream.push(rest) :]
                found += [
                    (e.first_sample, e.flags & ~libhar.CONTRACT, set(e.reasons))
                    for e in due(stream)
                ]
        return found

    every = {first + 128: reasons for first, _, reasons in told(500)}
    for how in ({"queue": 900}, {"queue": 5000}, {}):
        stretched = told(12_000, max_stretch=64, **how)
        assert len(stretched) < len(every) / 4
        assert told(1, max_stretch=64, **how) == stretched
        before = 0
        for first, _, reasons in stretched:
            since = [r for end, r in every.items() if before < end <= first + 128]
            assert reasons == set().union(*since), first
            before = first + 128


@pytest.mark.parametrize("apart_ms", [201, 450, 5000])
def test_a_sensor_slower_than_gaps_is_told(apart_ms: int) -> None:
    """Every reading begins a new piece: no window is ever whole, and the rate says why."""
    model = row_model()
    times = np.arange(20) * (apart_ms * 1_000_000)
    by_rows = libhar.Stream(model)
    for i in range(20):
        by_rows.push(np.ones((1, 6), np.float32), times[i : i + 1])
        list(due(by_rows))
    assert "rate" in by_rows.counters().reasons_now
    sensors = [SourceSensor("accelerometer", "m/s^2"), SourceSensor("gyroscope", "rad/s")]
    stream = libhar.Stream(model, source=Source(sensors))
    for i in range(20):
        for sensor in (0, 1):
            stream.push_sensor(sensor, np.ones((1, 3), np.float32), times[i : i + 1])
        list(due(stream))
    assert "rate" in stream.counters().reasons_now


def test_gaps_now_and_then_say_nothing_of_the_rate() -> None:
    """Nine holes, each after more than a second of readings at the model's rate."""
    stream = libhar.Stream(row_model())
    times = np.concatenate([np.arange(70) * 20_000_000 + piece * 10 * NS for piece in range(10)])
    seen: set[str] = set()
    for time in times:
        stream.push(np.ones((1, 6), np.float32), np.array([time]))
        seen |= set(stream.counters().reasons_now)
        list(due(stream))
    assert stream.counters().gaps == 9
    assert "rate" not in seen


def test_readings_given_up_for_a_silent_sensor_say_nothing_of_their_rate() -> None:
    """The gyroscope is silent for twenty seconds; the accelerometer goes on at the model's rate."""
    sensors = [SourceSensor("accelerometer", "m/s^2"), SourceSensor("gyroscope", "rad/s")]
    stream = libhar.Stream(row_model(), source=Source(sensors), max_wait_ns=NS)
    times = np.arange(1600, dtype=np.int64) * 20_000_000
    there = np.abs(times - 14 * NS) > 10 * NS
    seen: set[str] = set()
    for time, is_there in zip(times, there, strict=True):
        for sensor in (0, 1) if is_there else (0,):
            assert stream.push_sensor(sensor, np.ones((1, 3), np.float32), [int(time)]) == 1
        for event in due(stream):
            seen |= set(event.reasons)
        seen |= set(stream.counters().reasons_now)
    assert stream.counters().gaps == 1
    assert "sensor_silent" in seen
    assert "rate" not in seen


def test_a_slow_rate_that_is_stated_gives_labels_and_the_reason() -> None:
    """Gaps are counted in periods of the slowest sensor: at 4 Hz each reading is in its place."""
    sensors = [
        SourceSensor("accelerometer", "m/s^2", rate_hz=4.0),
        SourceSensor("gyroscope", "rad/s", rate_hz=50.0),
    ]
    stream = libhar.Stream(row_model(), source=Source(sensors))
    slow, quick = (np.arange(n, dtype=np.int64) * (8 * NS // n) for n in (32, 400))
    events = run(stream, [Track(np.ones((len(t), 3), np.float32), t) for t in (slow, quick)])
    assert stream.counters().gaps == 0
    assert len(events) > 300
    assert "rate" in events[-1].reasons


def test_a_sensor_worn_there_is_taken_before_one_of_which_nothing_is_said() -> None:
    model = row_model(placement="right_arm")
    kinds = (("accelerometer", "m/s^2"), ("gyroscope", "rad/s"))
    for placements, expected in (
        (("unspecified", "right_arm"), 7.0),
        (("right_arm", "unspecified"), 3.0),
        (("left_leg", "unspecified"), 7.0),
    ):
        sensors = [SourceSensor(*kind, placement=p) for p in placements for kind in kinds]
        stream = libhar.Stream(model, source=Source(sensors))
        for sensor in range(4):
            values = np.full((40, 3), (3.0, 7.0)[sensor // 2], np.float32)
            stream.push_sensor(sensor, values, np.arange(40) * 20_000_000)
        event = next(due(stream))
        assert event.scores.tolist() == [expected] * 6


@pytest.mark.parametrize("rate", [1e-11, 9e-4, -1.0, 2e5, float("nan")])
def test_a_rate_that_no_sensor_has_is_refused(rate: float) -> None:
    sensors = [
        SourceSensor("accelerometer", "m/s^2"),
        SourceSensor("gyroscope", "rad/s", rate_hz=rate),
    ]
    with pytest.raises(libhar.HarError, match=r"config.source.sensors\[1\].rate_hz is"):
        libhar.Stream(row_model(), source=Source(sensors))
