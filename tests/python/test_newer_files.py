"""What a file of a later libhar tells this reader: docs/abi-policy.md, docs/file-format.md."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, fields
from pathlib import Path

import libhar
import numpy as np
import pytest
from flatbuffers.table import Table
from libhar import flat, schema

ROWS = 96


def scores(data: bytes | Path) -> np.ndarray:
    model = libhar.Model(data)
    rng = np.random.default_rng(3)
    samples = rng.normal(size=(ROWS, model.info.channel_count)).astype(np.float32)
    return np.stack([event.scores for event in libhar.Stream(model).run(samples)])


def resealed(data: bytearray) -> bytes:
    at = flat._checksum_at(data)
    data[at : at + 4] = bytes(4)
    data[at : at + 4] = struct.pack("<I", zlib.crc32(data))
    return bytes(data)


@dataclass(eq=False)
class LaterModel(schema.Model):
    """A model file with fields that this reader has no name for, behind those that it has."""

    later_text: str = ""
    later_number: schema.U32 = 0
    later_tables: list[schema.Version] = field(default_factory=list)


@pytest.mark.parametrize("name", ["tiny_f32", "tiny_int8", "tiny_attention_int8"])
def test_fields_of_a_later_minor_are_passed_over(root: Path, name: str) -> None:
    path = root / f"tests/abi/files/1.0/{name}.har"
    known = {f.name: getattr(flat.load(path), f.name) for f in fields(schema.Model)}
    model = LaterModel(
        **known, later_text="more", later_number=7, later_tables=[schema.Version(1, 2)]
    )
    model.format_version = schema.Version(1, 3)
    opened = libhar.Model(flat.encode(model))
    assert (opened.info.format_major, opened.info.format_minor) == (1, 3)
    assert b"more\0" in flat.encode(model)
    np.testing.assert_array_equal(scores(flat.encode(model)), scores(path))


@pytest.mark.parametrize("version", [(2, 0), (2, 9), (0, 9), (65535, 1)])
def test_another_major_is_refused_and_named(root: Path, version: tuple[int, int]) -> None:
    model = flat.load(root / "tests/abi/files/1.0/tiny_f32.har")
    model.format_version = schema.Version(*version)
    with pytest.raises(
        libhar.HarError, match=rf"reads format {version[0]}\.{version[1]}"
    ) as caught:
        libhar.Model(flat.encode(model))
    assert (caught.value.name, caught.value.value, caught.value.bound) == (
        "HAR_ERR_FILE_VERSION",
        version[0],
        1,
    )


def test_a_feature_is_named_with_the_version_that_has_it(root: Path) -> None:
    model = flat.load(root / "tests/abi/files/1.0/tiny_f32.har")
    model.format_version, model.required_features = schema.Version(1, 4), ["sparse"]
    with pytest.raises(libhar.HarError, match=r"sparse.*reads format 1\.4") as caught:
        libhar.Model(flat.encode(model))
    assert caught.value.name == "HAR_ERR_FILE_FEATURE"


@pytest.mark.parametrize(
    ("union", "place"), [("OpParams", "graph.ops"), ("SignalParams", "signal.steps")]
)
def test_an_unknown_op_or_step_is_refused_by_its_number(root: Path, union: str, place: str) -> None:
    """The first op or step says that it is of a kind that comes later."""
    data = bytearray((root / "tests/abi/files/1.0/tiny_f32.har").read_bytes())
    model = Table(data, struct.unpack_from("<I", data)[0])
    way = ("graph", "ops") if union == "OpParams" else ("signal", "steps")
    cls: type = schema.Model
    for name in way:
        slot = next(s for s in flat._slots(cls) if s.name == name)
        at = model.Pos + model.Offset(4 + 2 * slot.number)
        target = at + struct.unpack_from("<I", data, at)[0]
        if slot.kind == "tables":
            target += 4 + struct.unpack_from("<I", data, target + 4)[0]
        model, cls = Table(data, target), slot.types[0]
    number = next(s for s in flat._slots(cls) if s.name == "params").number - 1
    data[model.Pos + model.Offset(4 + 2 * number)] = 99
    with pytest.raises(libhar.HarError, match="99") as caught:
        libhar.Model(resealed(data))
    assert caught.value.name == "HAR_ERR_FILE_MEANING"
    assert caught.value.field.startswith(place), caught.value.text
