"""Model files: between bytes and the dataclasses of `libhar.schema`.

The wire format is FlatBuffers; the `flatbuffers` package writes it and finds its way through it.
Which fields a table has follows from the dataclass: `_slots` turns its annotations into a layout.
"""

from __future__ import annotations

import struct
import types
import typing
import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from flatbuffers.table import Table

from libhar import schema
from libhar.schema import Model, Stored


class FormatError(ValueError):
    """The bytes are not a model file that this version reads."""


def encode(model: Model) -> bytes:
    """The bytes of a model file: identifier, buffers at multiples of 64 bytes, checksum in place.
    A text that occurs in several places, as the split of measurements, is written once.

    Sets `model.checksum`.
    """
    builder = flatbuffers.Builder(1 << 16)
    model.checksum.crc32 = 0
    root = _write_table(builder, model)
    builder.Finish(root, file_identifier=schema.IDENTIFIER)
    data = bytearray(builder.Output())
    at = _checksum_at(data)
    model.checksum.crc32 = zlib.crc32(data)
    data[at : at + 4] = struct.pack("<I", model.checksum.crc32)
    return bytes(data)


def decode(data: bytes) -> Model:
    """The model in `data`. Raises FormatError; the checksum is read, not checked."""
    if len(data) < 16 or data[4:8] != schema.IDENTIFIER:
        raise FormatError(f"identifier is {bytes(data[4:8])!r}, must be {schema.IDENTIFIER!r}")
    try:
        model: Model = _read_table(Table(data, struct.unpack_from("<I", data)[0]), Model)
    except (struct.error, IndexError, ValueError, UnicodeDecodeError) as error:
        raise FormatError(f"the file is damaged: {error}") from error
    if model.format_version.major != schema.FORMAT_MAJOR:
        raise FormatError(
            f"format_version.major is {model.format_version.major}, must be {schema.FORMAT_MAJOR}"
        )
    return model


def checksum_is_right(data: bytes) -> bool:
    """Whether the stated checksum is that of the bytes."""
    at = _checksum_at(data)
    blank = bytearray(data)
    blank[at : at + 4] = bytes(4)
    return bool(struct.unpack_from("<I", data, at)[0] == zlib.crc32(blank))


def load(path: str | Path) -> Model:
    """Reads a model file. Raises OSError, FormatError."""
    return decode(Path(path).read_bytes())


def save(model: Model, path: str | Path) -> None:
    """Writes a model file, whole or not at all."""
    data = encode(model)
    part = Path(str(path) + ".part")
    part.write_bytes(data)
    part.replace(path)


def _checksum_at(data: bytes | bytearray) -> int:
    root = Table(data, struct.unpack_from("<I", data)[0])
    slot = next(s.number for s in _slots(Model) if s.name == "checksum")
    distance = int(root.Offset(4 + 2 * slot))
    if distance == 0:
        raise FormatError("the file carries no checksum")
    return int(root.Pos) + distance


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


def _write_table(builder: Any, value: Any) -> int:
    slots = _slots_of(value)
    offsets = {s.name: _write_child(builder, s, getattr(value, s.name)) for s in slots}
    builder.StartObject(slots[-1].number + 1 if slots else 0)
    for slot in slots:
        _write_slot(builder, slot, value, offsets[slot.name])
    return int(builder.EndObject())


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


def _write_bytes(builder: Any, data: bytes, count: int, size: int, alignment: int) -> int:
    builder.StartVector(size, count, alignment)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    return int(builder.EndVector())


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
