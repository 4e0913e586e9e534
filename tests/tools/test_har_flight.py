"""`har run --record`, `har replay`, `har diff`: the flight recorder on the shipped models."""

from __future__ import annotations

import csv
import json
import struct
from pathlib import Path

import pytest
import tiny_model
from har_program import Har

RECORDING = tiny_model.ROOT / "examples/recordings/simulated.csv"
MODELS = tiny_model.ROOT / "models"


def least_ring(har: Har, folder: Path) -> int:
    """Bytes for the UCI HAR models, as the program tells: half holds less than the recording."""
    words = (MODELS / "uci_har_cnn_int8.har", RECORDING, "--record", folder / "none")
    refused = har("run", *words, "--ring", 1)
    assert (refused.returncode, refused.stdout) == (2, "")
    return int(refused.stderr.split("must be at least ")[1].split()[0])


def record(har: Har, model: str, path: Path, *words: object, source: Path = RECORDING) -> str:
    shown = har("run", MODELS / f"{model}.har", source, "--json", "--record", path, *words)
    assert (shown.returncode, shown.stderr) == (0, "")
    return shown.stdout


def changed_recording(tmp_path: Path, row: int, column: int) -> Path:
    """The recording with one value, of sample number `row`, a little larger."""
    lines = RECORDING.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("acc_x")) + 1
    cells = lines[first + row].split(",")
    cells[column] = str(float(cells[column]) + 0.25)
    lines[first + row] = ",".join(cells)
    path = tmp_path / "changed.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("model", ["uci_har_cnn_int8", "uci_har_student_int8", "hapt_gru_int8"])
def test_int8_is_reproduced_on_every_instruction_set(har: Har, tmp_path: Path, model: str) -> None:
    flight = tmp_path / "f.harf"
    recorded = record(har, model, flight)
    assert recorded == har("run", MODELS / f"{model}.har", RECORDING, "--json").stdout
    for cpu in ("", "ref", "avx2"):
        shown = har("replay", MODELS / f"{model}.har", flight, env={"HAR_CPU": cpu} if cpu else {})
        assert shown.returncode == 0, shown.stdout + shown.stderr
        assert f"{len(recorded.splitlines())} events reproduced, bit for bit" in shown.stdout


def test_fp32_is_reproduced_on_the_same_instruction_set(har: Har, tmp_path: Path) -> None:
    flight, model = tmp_path / "f.harf", MODELS / "uci_har_cnn.har"
    shown = har("run", model, RECORDING, "--record", flight, env={"HAR_CPU": "ref"})
    assert shown.returncode == 0, shown.stderr
    assert har("replay", model, flight, env={"HAR_CPU": "ref"}).returncode == 0
    best = har("replay", model, flight)
    if best.returncode:  # a machine that has more than `ref`
        assert best.returncode == 1
        assert "scores[" in best.stdout and "same instruction set alone" in best.stdout


def test_a_ring_that_is_too_small_keeps_the_end_and_goes_on(har: Har, tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    lines = RECORDING.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("acc_x")) + 1
    long.write_text("\n".join(lines[:first] + lines[first:] * 3) + "\n")
    flight, model, ring = tmp_path / "f.harf", "uci_har_cnn_int8", least_ring(har, tmp_path)
    with_ring = record(har, model, flight, "--ring", ring, source=long)
    without = har("run", MODELS / f"{model}.har", long, "--json").stdout
    shown, plain = ([json.loads(x) for x in t.splitlines()] for t in (with_ring, without))
    # every window comes once, at its time, restarts or not; nearly all with the same class
    assert [e["t_start_ns"] for e in shown] == [e["t_start_ns"] for e in plain]
    same = sum(a["class"] == b["class"] for a, b in zip(shown, plain))
    assert same >= 0.97 * len(plain)
    assert flight.stat().st_size <= ring
    replayed = har("replay", MODELS / f"{model}.har", flight, env={"HAR_CPU": "ref"})
    assert replayed.returncode == 0, replayed.stdout
    events = int(replayed.stdout.split(": ")[1].split()[0])
    assert 20 < events < len(plain)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (700, 4), (3000, 2)])
def test_a_changed_sample_is_named(har: Har, tmp_path: Path, row: int, column: int) -> None:
    one, two = tmp_path / "one.harf", tmp_path / "two.harf"
    record(har, "uci_har_cnn_int8", one)
    record(har, "uci_har_cnn_int8", two, source=changed_recording(tmp_path, row, column))
    shown = har("diff", one, two)
    assert shown.returncode == 1
    assert f"the input differs first at sample {row}, channel {column}:" in shown.stdout
    if "the events differ" in shown.stdout:
        start = int(shown.stdout.split("window from sample ")[1].split(",")[0])
        assert row - 128 < start
    same = har("diff", one, one)
    assert (same.returncode, same.stdout) == (0, "the same input, configuration and events\n")


def test_a_changed_event_is_named_by_replay_and_diff(har: Har, tmp_path: Path) -> None:
    flight, model = tmp_path / "f.harf", MODELS / "uci_har_cnn_int8.har"
    record(har, "uci_har_cnn_int8", flight)
    data = bytearray(flight.read_bytes())
    at, number = 1344, 0  # the head; docs/flight.md
    while True:
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 3 and (number := number + 1) == 8:
            break
        at += 8 + (length + 7) // 8 * 8
    score = at + 8 + 64 + 4 * 2
    data[score] ^= 1  # the last bit of scores[2] of event 7
    digest = 0xCBF29CE484222325
    for byte in data[:-8]:
        digest = (digest ^ byte) * 0x100000001B3 % (1 << 64)
    data[-8:] = struct.pack("<Q", digest)
    other = tmp_path / "other.harf"
    other.write_bytes(data)
    shown = har("replay", model, other)
    assert shown.returncode == 1
    assert "7 events reproduced" in shown.stdout and "event 7, " in shown.stdout
    assert "scores[2] is" in shown.stdout
    shown = har("diff", flight, other)
    assert shown.returncode == 1
    assert "the events differ first at event 7, window from sample 448, scores[2]" in shown.stdout
    assert "input" not in shown.stdout


def test_another_configuration_is_named(har: Har, tmp_path: Path) -> None:
    one, two = tmp_path / "one.harf", tmp_path / "two.harf"
    record(har, "uci_har_cnn_int8", one)
    record(har, "uci_har_cnn_int8", two, "--hop", 128)
    shown = har("diff", one, two)
    assert shown.returncode == 1 and "configuration of the stream differs" in shown.stdout


def test_sensors_one_by_one(har: Har, tmp_path: Path) -> None:
    """A recording with a line a reading, merged by a source."""
    with RECORDING.open() as file:
        rows = [r for r in csv.reader(file) if r and r[0][0] in "-0123456789"][:1500]
    path, flight = tmp_path / "readings.csv", tmp_path / "f.harf"
    with path.open("w") as file:
        file.write("t_ns,sensor,x,y,z\n")
        for i, row in enumerate(rows):
            time = i * 20_000_000
            file.write(f"{time},accelerometer,{','.join(row[:3])}\n")
            file.write(f"{time + 3_000_000},gyroscope,{','.join(row[3:6])}\n")
    shown = record(har, "uci_har_cnn_int8", flight, "--source", "uci_har", source=path)
    assert len(shown.splitlines()) > 15
    replayed = har("replay", MODELS / "uci_har_cnn_int8.har", flight, env={"HAR_CPU": "ref"})
    assert replayed.returncode == 0, replayed.stdout
    assert f": {len(shown.splitlines())} events" in replayed.stdout


def test_damaged_files_and_other_models_are_refused(har: Har, tmp_path: Path) -> None:
    flight, bad = tmp_path / "f.harf", tmp_path / "bad.harf"
    model = MODELS / "uci_har_cnn_int8.har"
    record(har, "uci_har_cnn_int8", flight)
    data = flight.read_bytes()
    for content, says in (
        (data[:100], "ends within its head"),
        (data[:-1], "hash"),
        (data[:5000] + b"\x55" + data[5001:], "hash"),
        (b"GIF8" + data[4:], "is no flight file"),
        (data[:4] + b"\2" + data[5:], "another major version"),
        (b"", "is no flight file"),
    ):
        bad.write_bytes(content)
        shown = har("replay", model, bad)
        assert (shown.returncode, shown.stdout) == (3, "")
        assert says in shown.stderr
    assert har("replay", model, tmp_path / "absent").returncode == 3
    other = har("replay", MODELS / "hapt_gru_int8.har", flight)
    assert other.returncode == 4 and "another model: the model's name differs" in other.stderr
    ring = least_ring(har, tmp_path)
    assert 200_000 < ring < 400_000
    small = har("run", model, RECORDING, "--record", flight, "--ring", ring - 1)
    assert small.returncode == 2 and f"at least {ring}" in small.stderr
    nowhere = har("run", model, RECORDING, "--record", tmp_path / "no" / "f.harf")
    assert nowhere.returncode == 5 and "cannot be written" in nowhere.stderr
