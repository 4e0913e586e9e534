"""Java on the archive's libraries gives, to the bit, the labels of the C library."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import libhar
import numpy as np
import pytest
import tiny_model
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["uci_har_student_int8", "uci_har_cnn", "hapt_gru_int8"]


@pytest.fixture(scope="module")
def recording() -> NDArray[np.float32]:
    path = ROOT / "examples/recordings/simulated.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=2, usecols=range(6), max_rows=3000)
    return rows.astype(np.float32)


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive is built without XNNPACK."""
    monkeypatch.setenv("HAR_BACKEND", "native")


def hexadecimal(value: Any) -> str:
    return f"{int(np.float32(value).view(np.uint32)):x}"


def line(event: libhar.Event) -> str:
    """As the program Show writes it."""
    fields = [event.class_index, event.name, hexadecimal(event.confidence), event.t_start_ns]
    fields += [event.t_end_ns, event.first_sample, event.flags, event.left_index]
    fields += [event.raw_index, event.since_ns, ",".join(event.reasons) or "-"]
    return " ".join([*map(str, fields), *map(hexadecimal, event.scores)])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("how", "piece"), [("path", 1), ("bytes", 77), ("mapped", 100000)])
def test_labels(
    java: Any, recording: NDArray[np.float32], tmp_path: Path, model: str, how: str, piece: int
) -> None:
    samples = tmp_path / "samples"
    samples.write_bytes(recording.astype(">f4").tobytes())
    path = ROOT / "models" / f"{model}.har"
    wanted = [line(e) for e in libhar.Stream(libhar.Model(path)).run(recording)]
    shown = java("Replay", how, path, samples, piece)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == wanted
    assert len({row.split()[1] for row in wanted}) > 2


def readings(
    recording: NDArray[np.float32], burst_s: float
) -> list[tuple[int, int, NDArray[np.float32]]]:
    """Type, time, values of a phone's sensors, 104 and 99 a second, in bursts of `burst_s`."""
    seconds = len(recording) / 50
    found = []
    for kind, columns, unit, rate in (
        (1, slice(0, 3), 9.80665, 104.0),
        (4, slice(3, 6), 1.0, 99.0),
    ):
        times = np.arange(0, seconds - 0.1, 1 / rate)
        at = times * 50
        values = [
            np.interp(at, np.arange(len(recording)), column) for column in recording.T[columns]
        ]
        rows = (np.stack(values, 1) * unit).astype(np.float32)
        found += [(kind, int(t * 1e9), row) for t, row in zip(times, rows)]
    if burst_s:
        return sorted(found, key=lambda r: (int(r[1] / 1e9 / burst_s), r[0], r[1]))
    return sorted(found, key=lambda r: (r[1], r[0]))


@pytest.mark.parametrize(("burst_s", "latency_us"), [(0.0, 0), (10.0, 10_000_000)])
def test_sensor_listener(
    java: Any,
    recording: NDArray[np.float32],
    tmp_path: Path,
    burst_s: float,
    latency_us: int,
) -> None:
    """Readings one by one, or ten seconds of one sensor, then of the other, as a hub batches."""
    sent = readings(recording, burst_s)
    data = b"".join(struct.pack(">iq3f", kind, t, *map(float, row)) for kind, t, row in sent)
    (tmp_path / "readings").write_bytes(data)
    path = ROOT / "models/hapt_gru_int8.har"

    source = libhar.Source.preset("android_sensor")
    ranged = [
        libhar.SourceSensor(s.kind, s.unit, s.axes, 0.0, float(np.float32(full)))
        for s, full in zip(source.sensors, (78.4, 34.9))
    ]
    stream = libhar.Stream(
        libhar.Model(path),
        source=libhar.Source(ranged, name="android_sensor"),
        max_wait_ns=2_000_000_000 + 2_000 * latency_us,
    )
    wanted = []
    for kind, time, row in sent:
        assert stream.push_sensor(0 if kind == 1 else 1, row[None, :], [time]) == 1
        while (event := stream.poll()) is not None:
            wanted.append(line(event))

    shown = java("ReplaySensors", path, tmp_path / "readings", latency_us)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines() == wanted
    assert len(wanted) > 30
    told = f"registered 2, every 10000 us, latency {latency_us} us, dropped 0\nregistered 0\n"
    assert shown.stderr == told


def test_listener_without_a_gyroscope(java: Any, tmp_path: Path) -> None:
    """A model of the accelerometer alone registers that alone."""
    (tmp_path / "readings").write_bytes(
        b"".join(struct.pack(">iq3f", 1, i * 10_000_000, 0.0, 0.0, 9.8) for i in range(300))
    )
    model = tiny_model.write_model(tiny_model.description(), tmp_path / "tiny.har")
    shown = java("ReplaySensors", model, tmp_path / "readings", 0)
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr.startswith("registered 1, ")
    assert shown.stdout


def test_card(java: Any) -> None:
    path = ROOT / "models/uci_har_student_int8.har"
    model = libhar.Model(path)
    shown = java("Card", path)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[:2] == [model.name, ",".join(model.labels)]
    channels = ["|".join([c.name, c.kind, c.axis, c.unit, c.placement]) for c in model.channels]
    assert lines[2:8] == channels
    info = model.info
    numbers = [info.window, info.hop, info.latency, info.signal_channel_count]
    assert lines[8] == " ".join([*map(str, numbers), "50.0 true", str(info.parameters)])
    decision = libhar.Decision.of(model)
    temperature, duration, abstain = lines[9].split()
    assert np.float32(temperature) == np.float32(decision.temperature)
    assert int(duration) == decision.min_duration_ns
    assert np.float32(abstain) == np.float32(decision.abstain_below)
    assert int(lines[10]) == info.golden_count


MISTAKES = {
    "no file": "HAR_ERR_FILE_OPEN: .*none.har.*",
    "cut file": "HAR_ERR_FILE_.*",
    "flipped bit": "HAR_ERR_FILE_.*",
    "no bytes": "HAR_ERR_FILE_TRUNCATED: .*",
    "heap buffer": "IllegalArgumentException: .*not direct",
    "rows past the end": "IndexOutOfBoundsException: samples has 12 .*, 6 to 18 are asked for",
    "negative row": "IndexOutOfBoundsException: samples .*",
    "times too few": "IndexOutOfBoundsException: timesNs .*",
    "not whole samples": "IllegalArgumentException: 11 values are not samples of 6",
    "times backwards": "HAR_ERR_TIME_BACKWARDS: .*",
    "not a number": "HAR_ERR_SAMPLE_NOT_FINITE: .*",
    "sensor without source": "HAR_ERR_SOURCE: .*",
    "wrong window": "HAR_ERR_ROWS: .*",
    "channel out of range": "IndexOutOfBoundsException: channel 6 of 6",
    "hop too long": "HAR_ERR_VALUE: .*hop.*",
    "decision out of range": "HAR_ERR_VALUE: .*smoothing.*",
    "matrix of eight": "IllegalArgumentException: 8 numbers, must be 9",
    "no gyroscope": "IllegalStateException: no sensor of kind 2",
    "sensor refused": "IllegalStateException: the system refused sensor of type 4",
    "registered twice": "IllegalStateException: already registered",
    "flushed": "HAR_ERR_FLUSHED: .*",
    "closed stream": "IllegalStateException: the stream is closed",
    "closed stream's push": "IllegalStateException: the stream is closed",
    "closed model": "IllegalStateException: the model is closed",
    "closed model's text": "IllegalStateException: the model is closed",
}


def test_misuse(java: Any) -> None:
    """Each mistake is an exception that says what, and never the end of the process."""
    shown = java("Misuse", ROOT / "models/uci_har_student_int8.har")
    assert (shown.returncode, shown.stderr) == (0, "")
    answers = dict(row.split(" -> ", 1) for row in shown.stdout.splitlines())
    assert answers.keys() == MISTAKES.keys()
    for name, pattern in MISTAKES.items():
        assert re.fullmatch(pattern, answers[name]), f"{name}: {answers[name]}"
