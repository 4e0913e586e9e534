"""Sensors for tests: models that show their rows, signals at any times, pushes in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import libhar
import numpy as np
from libhar import flat, schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.spec import model_of
from scipy import interpolate, signal

G = 9.80665
NS = 1_000_000_000


def row_model(rate: float = 50.0, **changes: object) -> libhar.Model:
    """A model of acceleration (m/s^2) and rotation (rad/s) whose scores are its rows: window 1."""
    names = [f"{sensor}_{axis}" for sensor in ("acc", "gyro") for axis in "xyz"]
    channels = [
        {
            "name": name,
            "kind": "accelerometer" if name.startswith("acc") else "gyroscope",
            "axis": name[-1],
            "unit": "m/s^2" if name.startswith("acc") else "rad/s",
            **changes,
        }
        for name in names
    ]
    model = model_of(
        {"name": "rows", "signal": {"rate_hz": rate, "window": 1, "hop": 1, "channels": channels}}
    )
    build = GraphBuilder()
    build.graph.input = build.computed("input", 1, 6)
    build.graph.output = build.computed("rows", 1, 6)
    build.op("rows", schema.Flatten(), [build.graph.input], build.graph.output)
    model.graph, model.buffers = build.graph, build.buffers
    model.labels = names
    model.decision = schema.Decision(schema.ScoreKind.PROBABILITIES)
    return libhar.Model(flat.encode(model))


@dataclass(frozen=True)
class Track:
    """What one sensor gives: [rows, 3] at int64 [rows] nanoseconds."""

    values: np.ndarray
    times: np.ndarray

    def keep(self, chosen: np.ndarray) -> Track:
        return Track(self.values[chosen], self.times[chosen])


def due(stream: libhar.Stream) -> Iterator[libhar.Event]:
    while (event := stream.poll()) is not None:
        yield event


def run(
    stream: libhar.Stream,
    tracks: Sequence[Track],
    pieces: Callable[[int], int] = lambda turn: 64,
    after: Callable[[], None] = lambda: None,
) -> list[libhar.Event]:
    """The events of whole tracks, pushed in turn in pieces of `pieces(turn)` readings; `after` is
    called after each round of pushes and polls. Readings that wait for a sensor which has ended are
    left."""
    at, turn, events, idle = [0] * len(tracks), 0, [], 0
    while idle < 2 and any(a < len(t.times) for a, t in zip(at, tracks)):
        before = sum(at) + len(events)
        for i, track in enumerate(tracks):
            end = min(at[i] + pieces(turn), len(track.times))
            at[i] += stream.push_sensor(i, track.values[at[i] : end], track.times[at[i] : end])
            turn += 1
            events += due(stream)
        after()
        idle = 0 if sum(at) + len(events) > before else idle + 1
    while not stream.flush():
        events += due(stream)
    return events + list(due(stream))


def rows(stream: libhar.Stream, tracks: Sequence[Track]) -> tuple[np.ndarray, np.ndarray]:
    """The rows [n, 6] of a row model and their times."""
    events = run(stream, tracks)
    return np.array([e.scores for e in events]), np.array([e.t_end_ns for e in events])


def continuous(recording: np.ndarray, rate: float = 50.0) -> Callable[[np.ndarray], np.ndarray]:
    """A recording [rows, columns] as a function of seconds: band-limited to 16 times the rate, and
    cubic between."""
    fine = signal.resample_poly(recording.astype(float), 16, 1, axis=0, padtype="line")
    return interpolate.CubicSpline(np.arange(len(fine)) / (16 * rate), fine)


def clock(
    rng: np.random.Generator,
    seconds: float,
    rate: float,
    *,
    jitter: float = 0.0,
    loss: float = 0.0,
    start: float = 0.0,
) -> np.ndarray:
    """Reading times in seconds: normal `jitter` in periods, cut at 0.4, and a share lost."""
    even = start + np.arange(int((seconds - start) * rate)) / rate
    moved = even + np.clip(jitter * rng.normal(size=len(even)), -0.4, 0.4) / rate
    return np.maximum(moved[rng.random(len(even)) >= loss], 0.0)


def track(of: Callable[[np.ndarray], np.ndarray], seconds: np.ndarray, columns: slice) -> Track:
    times = np.rint(seconds * NS).astype(np.int64)
    return Track(of(times / NS)[:, columns].astype(np.float32), times)


def encoded(preset: str, acc: Track, gyro: Track) -> list[Track]:
    """What a phone with that preset would give for acceleration in g, as UCI HAR has it, and
    rotation in rad/s. Gravity, where it is a sensor of its own, is a slow part of the whole."""
    degrees = replace(gyro, values=np.rad2deg(gyro.values))
    if preset == "ios_device_motion":
        smooth = signal.butter(2, 0.3, fs=50, output="sos")
        slow = signal.sosfilt(smooth, acc.values - acc.values[0], axis=0) + acc.values[0]
        user = acc.values - slow
        return [replace(acc, values=-user), replace(acc, values=-slow), gyro]
    made = {
        "android_sensor": [replace(acc, values=acc.values * G), gyro],
        "ios_core_motion_accelerometer": [replace(acc, values=-acc.values), gyro],
        "web_device_motion": [replace(acc, values=acc.values * G), degrees],
        "web_device_motion_ios": [replace(acc, values=-acc.values * G), degrees],
        "uci_har": [acc, gyro],
    }
    return made[preset]
