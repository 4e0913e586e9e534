"""What the command `libhar` says where something is wrong: one line that names it, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from libhar import arrays, cli, contract, contract_axes, flat, schema
from test_command import libhar_command

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests/golden/tiny_f32.har"
RECIPE = ROOT / "training/uci_har_cnn"
WINDOWS = np.zeros((4, 32, 6), np.float32)


def said(*words: object) -> str:
    """The one line on stderr of a command that fails."""
    result = libhar_command(*words)
    assert result.returncode == 1, result.stderr
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr, result.stderr
    return result.stderr


NO_MODELS = {"text": b"no model at all, but a text", "junk": b"\x10\0\0\0HARM" + b"\xff" * 60}


def npy(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, WINDOWS)


def truncated(path: Path) -> None:
    np.savez(path, windows=WINDOWS, labels=np.zeros(4, int))
    path.write_bytes(path.read_bytes()[:-40])


def damaged(path: Path) -> None:
    """A byte in the middle of the array is another."""
    np.savez(path, windows=WINDOWS, labels=np.zeros(4, int))
    data = bytearray(path.read_bytes())
    data[1000] ^= 0xFF
    path.write_bytes(data)


NOT_NPZ = "is no whole .npz file"
WRONG_ARRAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "npy": (npy, NOT_NPZ),
    "truncated": (truncated, NOT_NPZ),
    "text": (lambda path: path.write_text("windows"), NOT_NPZ),
    "empty": (lambda path: path.write_bytes(b""), NOT_NPZ),
    "no arrays": (lambda path: np.savez(path), "holds no array"),
    "damaged": (damaged, "windows is damaged"),
    "texts": (lambda path: np.savez(path, windows=np.array(["a"])), "windows holds <U1"),
    "objects": (
        lambda path: np.savez(path, windows=np.array([{}], object), allow_pickle=True),
        "windows is damaged, or holds objects",
    ),
    "columns": (
        lambda path: np.savez(path, windows=WINDOWS[..., 1:]),
        "windows has shape (4, 32, 5), must be [windows, 32, 6]",
    ),
    "raw columns": (
        lambda path: np.savez(path, walk=np.zeros((90, 5))),
        "walk has shape (90, 5), must be [rows, 6]",
    ),
}


@pytest.mark.parametrize("kind", WRONG_ARRAYS)
def test_an_npz_that_cannot_be_used_is_named(kind: str, tmp_path: Path) -> None:
    make, text = WRONG_ARRAYS[kind]
    path, output = tmp_path / "data.npz", tmp_path / "out.har"
    make(path)
    told = said("quantize", TINY, "--data", path, "-o", output)
    assert str(path) in told and text in told and "allow_pickle" not in told
    assert not output.exists()


def test_a_check_lacks_labels(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, windows=WINDOWS)
    words = ("--data", path, "--check", path, "--max-drop", 0.1, "-o", tmp_path / "out.har")
    assert f"{path} lacks 'labels', it holds windows" in said("quantize", TINY, *words)


@pytest.mark.parametrize("kind", ["npy", "truncated", "text", "no arrays", "raw columns"])
def test_golden_recordings_that_cannot_be_used_are_named(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="conversion needs ONNX Runtime")
    make, text = WRONG_ARRAYS[kind]
    path, output = tmp_path / "golden.npz", tmp_path / "out.har"
    make(path)
    words = (RECIPE / "uci_har_cnn.onnx", "--spec", RECIPE / "spec.toml", "--golden", path)
    told = said("convert", *words, "-o", output)
    assert str(path) in told and text in told
    assert not output.exists()


@pytest.mark.parametrize(("kind", "text"), [("truncated", NOT_NPZ), ("texts", "lacks 'exp'")])
def test_a_packed_set_that_cannot_be_used_is_named(kind: str, text: str, tmp_path: Path) -> None:
    WRONG_ARRAYS[kind][0](tmp_path / "hapt.npz")
    told = said("eval", TINY, "--data", "hapt", "--data-dir", tmp_path)
    assert str(tmp_path / "hapt.npz") in told and text in told


def test_every_array_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, a=np.arange(6).reshape(2, 3), b=np.array(["x"]))
    stored = arrays.Npz(path)
    assert stored.names == ("a", "b") and stored.array("b").tolist() == ["x"]
    found = stored.numbers("a", ("rows", 3))
    assert found.dtype == np.float32 and found.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("content", NO_MODELS.values(), ids=NO_MODELS)
def test_a_file_that_is_no_model_is_named(content: bytes, tmp_path: Path) -> None:
    path, key = tmp_path / "text.har", tmp_path / "key.pem"
    path.write_bytes(content)
    for words in (
        ("card", path),
        ("seal", path),
        ("sign", path, "--key", key),
        ("verify", path),
        ("eval", path, "--data", "hapt"),
        ("calibrate", path, "--data", "hapt", "-o", tmp_path / "out.har"),
        ("plot", "f1", path, "--data", "hapt"),
        ("quantize", path, "--data", "x.npz", "-o", tmp_path / "out.har"),
    ):
        assert f"libhar {words[0]}: {path}: " in said(*words)
    assert path.read_bytes() == content


def test_a_spec_that_is_wrong_is_named(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text("name = 3")
    told = said("convert", "--spec", path, "-o", tmp_path / "out.har")
    assert f"{path}: spec.name is 3" in told


def test_cards_before_one_that_is_wrong_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "text.har"
    path.write_text("no model at all, but a text")
    for form in ((), ("--json",)):
        result = libhar_command("card", *form, TINY, path)
        assert result.returncode == 1 and str(path) in result.stderr
        assert flat.load(TINY).name in result.stdout
    both = libhar_command("card", "--json", TINY, TINY).stdout.splitlines()
    assert [json.loads(line)["name"] for line in both] == [flat.load(TINY).name] * 2


def test_sealing_says_that_a_signature_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.har"
    flat.save(flat.load(TINY), path, lambda digest: bytes(64))
    assert cli.main(["seal", str(path)]) == 0
    assert "its signature is gone" in capsys.readouterr().out
    assert cli.main(["seal", str(path)]) == 0
    assert "signature" not in capsys.readouterr().out


def test_a_source_that_a_set_has_not_is_refused() -> None:
    told = said("eval", TINY, "--data", "hapt", "--source", "windows")
    assert "--source windows is of uci_har, hapt has raw recordings" in told


@pytest.mark.parametrize("units", [0, -1, 257, 100_000])
def test_units_that_no_network_has_are_refused(units: int, tmp_path: Path) -> None:
    words = ("--data", "hapt", "--data-dir", tmp_path, "-o", tmp_path / "out.har")
    told = said("contract", TINY, *words, "--units", units)
    assert f"units is {units}, must be 1 to 256" in told
    with pytest.raises(ValueError, match="must be 1 to 256"):
        contract.contract(schema.Signal(), [], units)


def test_a_contract_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract_axes, "STEPS", 2)
    rng = np.random.default_rng(1)
    lying = np.array([0, 0, 9.81, 0, 0, 0])
    people = [
        (person, (lying + rng.normal(size=(1000, 6))).astype(np.float32)) for person in range(4)
    ]
    kinds = [schema.SensorKind.ACCELEROMETER] * 3 + [schema.SensorKind.GYROSCOPE] * 3
    units = [schema.Unit(1)] * 3 + [schema.Unit(3)] * 3
    channels = [
        schema.Channel(name=f"c{i}", kind=kind, axis=schema.Axis(i % 3 + 1), unit=unit)
        for i, (kind, unit) in enumerate(zip(kinds, units))
    ]
    told: list[str] = []
    contract.contract(schema.Signal(rate_hz=50.0, channels=channels), people, 2, told.append)
    folds = ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3", "all people"]
    assert told == [f"channels [0, 1, 2] with [3, 4, 5]: {fold}" for fold in folds]


# ---------------------------------------------------------------- the process


@pytest.mark.parametrize("library", ["none.so", "text.so"])
def test_a_library_that_is_none_is_named(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.so").write_text("no library")
    monkeypatch.setenv("LIBHAR_LIBRARY", str(tmp_path / library))
    told = said("card", TINY)
    assert f"{tmp_path / library} is not the C library" in told and "LIBHAR_LIBRARY" in told
    monkeypatch.setenv("LIBHAR_LIBRARY", "libc.so.6")
    assert "libc.so.6 is not the C library of this version of libhar" in said("card", TINY)


def test_an_interrupt_is_one_line(tmp_path: Path) -> None:
    """The command waits for the content of its file when it is interrupted."""
    pipe = tmp_path / "spec.toml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "libhar", "seal", str(pipe)]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in background
    )
    writer = os.open(pipe, os.O_WRONLY)  # returns when the command has opened it
    try:
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        os.close(writer)
    assert process.returncode == 130
    assert errors == "libhar seal: interrupted\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "libhar", "card", str(TINY)]
    try:
        result = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writing)
    assert result.returncode != 0 and result.stderr == ""
