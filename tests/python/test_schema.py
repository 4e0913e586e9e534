"""The C reader's list of fields against the dataclasses, which test_flat.py holds to flatc."""

from __future__ import annotations

import dataclasses
import re
import struct
import typing
from pathlib import Path

import numpy as np
from libhar import flat, schema


def listed(root: Path) -> dict[str, list[tuple[str, str]]]:
    """Table to (field, kind), in the order of lib/model/schema.inc."""
    text = (root / "lib/model/schema.inc").read_text()
    tables: dict[str, list[tuple[str, str]]] = {
        n: [] for n in re.findall(r"^EMPTY\((\w+)\)", text, re.M)
    }
    for table, field, kind in re.findall(r"^SLOT\((\w+), (\w+), (.*)\)$", text, re.M):
        tables.setdefault(table, []).append((field, kind))
    return tables


def kind_of(slot: flat._Slot, table: str) -> list[tuple[str, str]]:
    """What schema.inc must say of a field of the dataclasses."""
    required = {
        ("Model", "format_version"), ("Model", "name"), ("Model", "signal"), ("Model", "checksum"),
        ("Signal", "channels"), ("Quantization", "scales"), ("Tensor", "shape"), ("Op", "inputs"),
        ("Op", "outputs"), ("Graph", "tensors"), ("Graph", "ops"), ("Golden", "raw"),
        ("Gate", "tolerance"), ("Gate", "still_below"),
    }  # fmt: skip
    prefix = "REQUIRED_" if (table, slot.name) in required else ""
    if slot.kind == "union":
        first = slot.types[0].__name__
        union = f"UNION({first}, {len(slot.types)})"
        return [(f"{slot.name}_type", "UNION_TYPE"), (slot.name, union)]
    if slot.kind == "vector" and slot.stored.alignment:
        return [(slot.name, f"STRUCTS(1, {slot.stored.alignment})")]
    if slot.kind in ("scalar", "vector"):
        size = np.dtype(slot.stored.code).itemsize
        return [(slot.name, f"{prefix}{slot.kind.upper()}({size})")]
    if slot.kind in ("struct", "structs"):
        size = struct.calcsize(slot.types[0].STRUCT)  # type: ignore[attr-defined]
        alignment = 4 if slot.kind == "struct" else 8
        return [(slot.name, f"{prefix}{slot.kind.upper()}({size}, {alignment})")]
    names = {"string": "STRING", "strings": "STRINGS"}
    if slot.kind in names:
        return [(slot.name, prefix + names[slot.kind])]
    return [(slot.name, f"{prefix}{slot.kind.upper()}({slot.types[0].__name__})")]


def test_the_c_reader_lists_every_field(root: Path) -> None:
    tables = listed(root)
    classes = {
        name: cls
        for name, cls in vars(schema).items()
        if dataclasses.is_dataclass(cls) and not hasattr(cls, "STRUCT") and name != "Stored"
    }
    assert set(tables) == set(classes)
    for name, cls in classes.items():
        wanted = [entry for slot in flat._slots(cls) for entry in kind_of(slot, name)]
        assert tables[name] == wanted, name


def test_the_members_of_a_union_follow_each_other(root: Path) -> None:
    order = re.findall(
        r"^(?:BEGIN|EMPTY)\((\w+)\)", (root / "lib/model/schema.inc").read_text(), re.M
    )
    for union in (schema.SignalParams, schema.OpParams):
        members = [cls.__name__ for cls in typing.get_args(union)]
        first = order.index(members[0])
        assert order[first : first + len(members)] == members


def test_required_fields_are_the_schemas(root: Path) -> None:
    text = (root / "lib/model/har_model.fbs").read_text()
    stated = set()
    for table, body in re.findall(r"^table (\w+) \{(.*?)\}", text, re.M | re.S):
        for field in re.findall(r"^\s*(\w+):[^;]*\(required\)", body, re.M):
            stated.add((table, field))
    found = {
        (table, field)
        for table, entries in listed(root).items()
        for field, kind in entries
        if kind.startswith(("REQUIRED", "UNION("))
    }
    assert found == stated
