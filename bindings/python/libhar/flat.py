"""Model files: between bytes and the dataclasses of `libhar.schema`.

The wire format is FlatBuffers; the `flatbuffers` package writes it and finds its way through it.
Which fields a table has follows from the dataclass: `_slots` turns its annotations into a layout.
"""

from __future__ import annotations

import hashlib
import struct
import types
import typing
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from flatbuffers.table import Table
from numpy.typing import NDArray

from libhar import schema
from libhar.errors import of_file
from libhar.files import write_whole
from libhar.schema import Model, Stored


class FormatError(ValueError):
    """The bytes are not a model file that this version reads."""


SHA256_BYTES = 32
SIGNATURE_BYTES = 64


def encode(model: Model, sign: Callable[[bytes], bytes] | None = None) -> bytes:
    """The bytes of a model file: identifier, buffers at multiples of 64 bytes, digest and checksum
    in place. A text that occurs in several places, as the split of measurements, is written once.

    `sign` gives the 64 bytes of the signature of a digest; without it the file carries none,
    whatever the model had: a signature is of bytes, not of a model. Sets `model.checksum`,
    `model.sha256` and `model.signature`.
    """
    builder = _Builder(1 << 16)
    model.checksum.crc32 = 0
    model.sha256 = np.zeros(SHA256_BYTES, np.uint8)
    model.signature = np.zeros(SIGNATURE_BYTES if sign else 0, np.uint8)
    root = _write_table(builder, model)
    builder.Finish(root, file_identifier=schema.IDENTIFIER)
    data = bytearray(builder.Output())
    model.sha256 = _put_vector(data, "sha256", content_sha256(data))
    if sign:
        model.signature = _put_vector(data, "signature", sign(model.sha256.tobytes()))
    at = _checksum_at(data)
    model.checksum.crc32 = zlib.crc32(data)
    data[at : at + 4] = struct.pack("<I", model.checksum.crc32)
    return bytes(data)


def decode(data: bytes) -> Model:
    """The model in `data`. Raises FormatError; the checksum is read, not checked."""
    _check_identifier(data)
    with _damage_told():
        model: Model = _read_table(Table(data, struct.unpack_from("<I", data)[0]), Model)
    if model.format_version.major != schema.FORMAT_MAJOR:
        raise FormatError(
            f"format_version.major is {model.format_version.major}, must be {schema.FORMAT_MAJOR}"
        )
    return model


def checksum_is_right(data: bytes) -> bool:
    """Whether the stated checksum is that of the bytes. Raises FormatError."""
    _check_identifier(data)
    with _damage_told():
        at = _checksum_at(data)
        stated = int(struct.unpack_from("<I", data, at)[0])
    blank = bytearray(data)
    blank[at : at + 4] = bytes(4)
    return stated == zlib.crc32(blank)


def content_sha256(data: bytes | bytearray) -> bytes:
    """The SHA-256 of a model file's content: of four numbers of eight bytes, little-endian, which
    are its length and the places of checksum, sha256 and signature (0 where there is none), then of
    its bytes with those that stand there taken as 0. The places are hashed with the bytes, so that
    a file with other places, and so with other bytes taken as 0, has another digest."""
    blank = bytearray(data)
    places = (_checksum_at(data), _vector_at(data, "sha256"), _vector_at(data, "signature"))
    for at, size in zip(places, (4, SHA256_BYTES, SIGNATURE_BYTES), strict=True):
        if at:
            blank[at : at + size] = bytes(size)
    return hashlib.sha256(struct.pack("<4Q", len(data), *places) + blank).digest()


def load(path: str | Path) -> Model:
    """Reads a model file. Raises OSError, FormatError."""
    with of_file(path):
        return decode(Path(path).read_bytes())


def save(model: Model, path: str | Path, sign: Callable[[bytes], bytes] | None = None) -> None:
    """Writes a model file, whole or not at all; `sign` is that of `encode`. Raises OSError."""
    data = encode(model, sign)
    write_whole(path, lambda file: file.write(data))


def _check_identifier(data: bytes) -> None:
    if len(data) < 16 or data[4:8] != schema.IDENTIFIER:
        raise FormatError(f"identifier is {bytes(data[4:8])!r}, must be {schema.IDENTIFIER!r}")


@contextmanager
def _damage_told() -> Iterator[None]:
    """What reading bytes that are no model raises, as FormatError."""
    try:
        yield
    except FormatError:
        raise
    except (struct.error, IndexError, TypeError, ValueError) as error:
        raise FormatError(f"the file is damaged: {error}") from error


def _field_at(data: bytes | bytearray, name: str) -> int:
    """Where a field of the root table stands; 0: it is not there."""
    root = Table(data, struct.unpack_from("<I", data)[0])
    slot = next(s.number for s in _slots(Model) if s.name == name)
    distance = int(root.Offset(4 + 2 * slot))
    return int(root.Pos) + distance if distance else 0


def _checksum_at(data: bytes | bytearray) -> int:
    at = _field_at(data, "checksum")
    if at == 0:
        raise FormatError("the file carries no checksum")
    return at


def _vector_at(data: bytes | bytearray, name: str) -> int:
    """Where the bytes of sha256 or signature begin; 0: they are not there."""
    field_at = _field_at(data, name)
    if field_at == 0:
        return 0
    at = field_at + int(struct.unpack_from("<I", data, field_at)[0])
    count = struct.unpack_from("<I", data, at)[0]
    wanted = SHA256_BYTES if name == "sha256" else SIGNATURE_BYTES
    if count != wanted or at + 4 + count > len(data):
        raise FormatError(f"{name} has {count} bytes, must have {wanted}")
    return at + 4


def _put_vector(data: bytearray, name: str, content: bytes) -> NDArray[np.uint8]:
    at = _vector_at(data, name)
    data[at : at + len(content)] = content
    return np.frombuffer(content, np.uint8)


# ---------------------------------------------------------------- layout


@dataclass(frozen=True)
class _Slot:
    name: str
    number: int
    kind: str  # scalar, struct, string, table, union, strings, tables, structs, vector
    stored: Stored
    types: tuple[type, ...]  # the table, struct or enum; the members of a union


@cache
def _slots(cls: type) -> tuple[_Slot, ...]:
    hints = typing.get_type_hints(cls, include_extras=True)
    slots: list[_Slot] = []
    number = 0
    for item in fields(cls):
        kind, stored, types = _kind_of(hints[item.name])
        number += kind == "union"  # its type stands in the slot before it
        slots.append(_Slot(item.name, number, kind, stored, types))
        number += 1
    return tuple(slots)


def _slots_of(value: Any) -> tuple[_Slot, ...]:
    cls: type = type(value)
    return _slots(cls)


def _kind_of(hint: Any) -> tuple[str, Stored, tuple[type, ...]]:
    if typing.get_origin(hint) is typing.Annotated:
        value, stored = typing.get_args(hint)
        scalar = isinstance(value, type) and issubclass(value, (int, float))
        return ("scalar" if scalar else "vector"), stored, ()
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = tuple(t for t in typing.get_args(hint) if t is not type(None))
        return ("table" if len(members) == 1 else "union"), Stored(""), members
    if typing.get_origin(hint) is list:
        element = typing.get_args(hint)[0]
        kind = "strings" if element is str else "structs" if _is_struct(element) else "tables"
        return kind, Stored(""), (element,)
    if hint is str:
        return "string", Stored(""), ()
    if issubclass(hint, IntEnum):
        return "scalar", Stored("u1"), (hint,)
    return ("struct" if _is_struct(hint) else "table"), Stored(""), (hint,)


def _is_struct(cls: type) -> bool:
    return hasattr(cls, "STRUCT")


# ---------------------------------------------------------------- writing


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Remembers the vectors and tables it has written, so that equal ones are written once, as
    texts are."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.vectors: dict[tuple[bytes, int, int], int] = {}
        self.tables: dict[tuple[type, tuple[int, ...], tuple[bytes, ...]], int] = {}


def _write_table(builder: _Builder, value: Any) -> int:
    slots = _slots_of(value)
    offsets = {s.name: _write_child(builder, s, getattr(value, s.name)) for s in slots}
    plain = [_packed(s, getattr(value, s.name)) for s in slots]
    key = (type(value), tuple(offsets.values()), tuple(plain))
    if key in builder.tables:
        return builder.tables[key]
    builder.StartObject(slots[-1].number + 1 if slots else 0)
    for slot in slots:
        _write_slot(builder, slot, value, offsets[slot.name])
    builder.tables[key] = int(builder.EndObject())
    return builder.tables[key]


def _packed(slot: _Slot, value: Any) -> bytes:
    """What lies in the table itself, offsets aside."""
    if slot.kind == "scalar":
        return np.array(value, slot.stored.code).tobytes()
    if slot.kind == "union":
        return bytes([slot.types.index(type(value))])
    return _pack_struct(value) if slot.kind == "struct" else b""


def _write_child(builder: Any, slot: _Slot, value: Any) -> int:
    """Writes what lies outside the table; 0 where nothing does."""
    if slot.kind in ("scalar", "struct") or value is None:
        return 0
    if slot.kind == "string":
        return int(builder.CreateSharedString(value)) if value or slot.name == "name" else 0
    if slot.kind in ("table", "union"):
        return _write_table(builder, value)
    if slot.kind == "vector":
        array = np.ascontiguousarray(value, slot.stored.code)
        if slot.name == "signature" and array.size == 0:
            return 0
        alignment = slot.stored.alignment or array.itemsize
        return _write_bytes(builder, array.tobytes(), array.size, array.itemsize, alignment)
    if slot.kind == "structs":
        packed = b"".join(_pack_struct(v) for v in value)
        size = struct.calcsize(slot.types[0].STRUCT)  # type: ignore[attr-defined]
        return _write_bytes(builder, packed, len(value), size, 8)
    write: Callable[[Any], int] = (
        builder.CreateString if slot.kind == "strings" else lambda v: _write_table(builder, v)
    )
    offsets = [write(v) for v in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _write_bytes(builder: _Builder, data: bytes, count: int, size: int, alignment: int) -> int:
    key = (data, size, alignment)
    if key in builder.vectors:
        return builder.vectors[key]
    builder.StartVector(size, count, alignment)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    builder.vectors[key] = int(builder.EndVector())
    return builder.vectors[key]


def _pack_struct(value: Any) -> bytes:
    return struct.pack(value.STRUCT, *(getattr(value, f.name) for f in fields(value)))


def _write_slot(builder: Any, slot: _Slot, table: Any, offset: int) -> None:
    value = getattr(table, slot.name)
    if slot.kind == "scalar":
        packed = np.array(value, slot.stored.code).tobytes()
        if packed != np.array(_default(type(table), slot.name), slot.stored.code).tobytes():
            _place(builder, slot.number, packed, len(packed))
    elif slot.kind == "struct":
        _place(builder, slot.number, _pack_struct(value), 4)
    elif offset:
        if slot.kind == "union":
            _place(builder, slot.number - 1, bytes([slot.types.index(type(value)) + 1]), 1)
        builder.PrependUOffsetTRelativeSlot(slot.number, offset, 0)


def _place(builder: Any, slot: int, packed: bytes, alignment: int) -> None:
    builder.Prep(alignment, len(packed) - alignment)
    builder.head -= len(packed)
    builder.Bytes[builder.head : builder.head + len(packed)] = packed
    builder.Slot(slot)


def _default(cls: type, name: str) -> Any:
    return next(f.default for f in fields(cls) if f.name == name)


# ---------------------------------------------------------------- reading


def _read_table(table: Any, cls: type) -> Any:
    values = {}
    for slot in _slots(cls):
        distance = table.Offset(4 + 2 * slot.number)
        if distance:
            values[slot.name] = _read_slot(table, slot, table.Pos + distance)
    return cls(**values)


def _read_slot(table: Any, slot: _Slot, at: int) -> Any:
    data = table.Bytes
    if slot.kind == "scalar":
        value = np.frombuffer(data, slot.stored.code, 1, at)[0].item()
        return slot.types[0](value) if slot.types else value
    if slot.kind == "struct":
        cls = slot.types[0]
        return cls(*struct.unpack_from(cls.STRUCT, data, at))  # type: ignore[attr-defined]
    target = at + struct.unpack_from("<I", data, at)[0]
    if slot.kind == "table":
        return _read_table(Table(data, target), slot.types[0])
    if slot.kind == "union":
        member = data[table.Pos + table.Offset(4 + 2 * (slot.number - 1))]
        return _read_table(Table(data, target), slot.types[member - 1])
    return _read_vector(data, slot, target + 4, struct.unpack_from("<I", data, target)[0])


def _read_vector(data: bytes, slot: _Slot, at: int, count: int) -> Any:
    if slot.kind == "string":
        return bytes(data[at : at + count]).decode()
    if slot.kind == "vector":
        return np.frombuffer(data, slot.stored.code, count, at).copy()
    if slot.kind == "structs":
        cls = slot.types[0]
        size = struct.calcsize(cls.STRUCT)  # type: ignore[attr-defined]
        return [
            cls(*struct.unpack_from(cls.STRUCT, data, at + i * size))  # type: ignore[attr-defined]
            for i in range(count)
        ]
    targets = [at + 4 * i + struct.unpack_from("<I", data, at + 4 * i)[0] for i in range(count)]
    if slot.kind == "tables":
        return [_read_table(Table(data, target), slot.types[0]) for target in targets]
    lengths = [struct.unpack_from("<I", data, target)[0] for target in targets]
    return [bytes(data[t + 4 : t + 4 + n]).decode() for t, n in zip(targets, lengths, strict=True)]
