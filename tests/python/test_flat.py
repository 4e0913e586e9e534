"""The codec against flatc, in both directions, and against itself."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import typing
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import files, flat, schema

NUMBERS = {
    "<u2": st.integers(0, 2**16 - 1),
    "<u4": st.integers(0, 2**32 - 1),
    "<i4": st.integers(-(2**31), 2**31 - 1),
    "u1": st.integers(0, 255),
    "i1": st.integers(-128, 127),
    "?": st.booleans(),
    "<f4": st.floats(-1e6, 1e6, width=32),
    "<f8": st.floats(-1e6, 1e6),
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


def tables(cls: type) -> st.SearchStrategy[Any]:
    """Instances of a table with every field filled."""
    slots = {slot.name: slot for slot in flat._slots(cls)}
    return st.builds(cls, **{name: _values(slot, name) for name, slot in slots.items()})


def _values(slot: Any, name: str) -> st.SearchStrategy[Any]:
    if slot.kind == "scalar":
        if slot.types and issubclass(slot.types[0], IntEnum):
            return st.sampled_from(list(slot.types[0]))
        return NUMBERS[slot.stored.code]
    if slot.kind == "struct" or slot.kind == "structs":
        cls = slot.types[0]
        number = st.just(0) if cls is schema.Checksum else NUMBERS["<f8"]
        one = st.builds(cls, **{f.name: number for f in dataclasses.fields(cls)})
        return one if slot.kind == "struct" else st.lists(one, min_size=1, max_size=2)
    if slot.kind == "string":
        return TEXTS.filter(bool)
    if slot.kind == "strings":
        return st.lists(TEXTS, min_size=1, max_size=3)
    if slot.kind == "vector":
        numbers = st.lists(NUMBERS[slot.stored.code], min_size=1, max_size=5)
        return numbers.map(lambda v: np.array(v, slot.stored.code))
    if slot.kind == "tables":
        return st.lists(tables(slot.types[0]), min_size=1, max_size=2)
    if name == "format_version":
        return st.just(schema.Version(1, 0))
    return st.one_of([tables(cls) for cls in slot.types])


def plain(value: Any) -> Any:
    """A dataclass tree as flatc writes it in JSON."""
    if dataclasses.is_dataclass(value):
        result = {}
        for slot in flat._slots(type(value)):
            field = getattr(value, slot.name)
            if slot.kind == "union":
                result[f"{slot.name}_type"] = type(field).__name__
            result[slot.name] = plain(field)
        return result
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [plain(v) for v in value] if isinstance(value, list) else value


def assert_same(found: Any, wanted: Any, path: str = "model") -> None:
    """Equal trees; numbers as flatc prints them, with 6 digits or more."""
    if isinstance(wanted, dict):
        assert set(found) == set(wanted), path
        for key in wanted:
            assert_same(found[key], wanted[key], f"{path}.{key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), path
        for i, (f, w) in enumerate(zip(found, wanted, strict=True)):
            assert_same(f, w, f"{path}[{i}]")
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6), path
    else:
        assert found == wanted, path


def flatc(folder: Path, schema_file: Path, *arguments: str) -> None:
    command = ["flatc", *arguments[:-1], "-o", str(folder), str(schema_file)]
    command += ["--", arguments[-1]] if "--json" in arguments else [arguments[-1]]
    subprocess.run(command, check=True, cwd=folder, capture_output=True)


@settings(max_examples=25)
@given(model=tables(schema.Model))
def test_flatc_reads_what_we_write(model: schema.Model, root: Path, tmp_path: Path) -> None:
    (tmp_path / "m.har").write_bytes(flat.encode(model, lambda digest: digest + digest))
    fbs = root / "lib/model/har_model.fbs"
    options = ["--json", "--strict-json", "--raw-binary", "--defaults-json"]
    flatc(tmp_path, fbs, *options, "m.har")
    assert_same(json.loads((tmp_path / "m.json").read_text()), plain(model))


@settings(max_examples=25)
@given(model=tables(schema.Model))
def test_we_read_what_flatc_writes(model: schema.Model, root: Path, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(plain(model)))
    flatc(tmp_path, root / "lib/model/har_model.fbs", "-b", "m.json")
    found = flat.load(tmp_path / "m.har")
    assert_same(plain(found), plain(model))


@given(model=tables(schema.Model))
def test_round_trip(model: schema.Model) -> None:
    data = flat.encode(model)
    assert plain(flat.decode(data)) == plain(model)
    assert flat.encode(flat.decode(data)) == data
    assert flat.checksum_is_right(data)


@given(model=tables(schema.Model))
def test_buffers_are_aligned(model: schema.Model) -> None:
    for i, buffer in enumerate(model.buffers):
        buffer.data = np.frombuffer(b"\xa5buffer%d\x5a" % i * 7, np.uint8)
    data = flat.encode(model)
    for buffer in model.buffers:
        assert data.find(buffer.data.tobytes()) % schema.BUFFER_ALIGNMENT == 0


def test_every_default_is_the_schemas(root: Path, tmp_path: Path) -> None:
    """A file with nothing but what is required reads with flatc as the dataclasses' defaults."""
    tensor = schema.Tensor(shape=np.array([1], "<i4"))
    ops = [
        schema.Op(str(i), cls(), np.array([0], "<i4"), np.array([0], "<i4"))
        for i, cls in enumerate(typing.get_args(schema.OpParams))
    ]
    steps = [schema.SignalStep(cls()) for cls in typing.get_args(schema.SignalParams)]
    model = schema.Model(
        name="defaults",
        card=schema.Card(),
        signal=schema.Signal([schema.Channel()], steps=steps),
        graph=schema.Graph([tensor], ops),
        decision=schema.Decision(),
        golden=[schema.Golden()],
    )
    (tmp_path / "m.har").write_bytes(flat.encode(model))
    fbs = root / "lib/model/har_model.fbs"
    flatc(tmp_path, fbs, "--json", "--strict-json", "--raw-binary", "--defaults-json", "m.har")
    found = json.loads((tmp_path / "m.json").read_text())

    def check(f: Any, w: Any) -> None:
        if isinstance(f, dict):
            for key in f:  # flatc leaves absent texts and vectors out
                check(f[key], w[key])
        elif isinstance(f, list):
            for a, b in zip(f, w, strict=True):
                check(a, b)
        else:
            assert f == w

    check(found, plain(model))


@pytest.mark.parametrize("data", [b"", b"HARM", b"\0" * 64, b"\x10\0\0\0HARM" + b"\xff" * 60])
def test_junk_is_refused(data: bytes) -> None:
    with pytest.raises(flat.FormatError):
        flat.decode(data)


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    model = schema.Model(name="small")
    folder, path = tmp_path / "folder", tmp_path / "model.har"
    folder.mkdir()
    with pytest.raises(IsADirectoryError, match="folder is a folder, must be a file"):
        flat.save(model, folder)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        flat.save(model, tmp_path / "nowhere" / "model.har")
    path.write_bytes(b"before")

    def fails(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        files.write_whole(path, fails)
    assert path.read_bytes() == b"before"
    assert sorted(tmp_path.iterdir()) == [folder, path] and not list(folder.iterdir())


def test_what_a_link_names_is_written(tmp_path: Path) -> None:
    link, path = tmp_path / "link.har", tmp_path / "model.har"
    link.symlink_to(path)
    flat.save(schema.Model(name="small"), link)
    assert link.is_symlink() and flat.load(path).name == "small"


def test_a_device_is_written_itself(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        flat.save(schema.Model(name="small"), pipe)
        assert flat.decode(os.read(reader, 1 << 16)).name == "small"
    finally:
        os.close(reader)
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]


def test_what_json_has_no_number_for_is_null(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    files.write_json(path, {"a": [1.5, np.inf, -np.inf], "b": (np.nan, np.float64("inf"))})
    assert json.loads(path.read_text(), parse_constant=pytest.fail) == {
        "a": [1.5, None, None],
        "b": [None, None],
    }
