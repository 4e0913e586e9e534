"""Specs that are another spec with changes: `base` names it, `keep` the channels that are left."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from libhar.convert import spec_read as read
from libhar.convert.errors import ConvertError

Table = dict[str, Any]
PER_CHANNEL = ("scale", "offset")


def read_table(path: Path) -> Table:
    """The TOML of a spec as one table, its base merged in. Raises OSError, ConvertError."""
    table = _parsed(path)
    if "base" in table:
        base = _parsed(path.parent / read.text(table, "base", "spec"))
        del table["base"]
        if "base" in base or "keep" in base:
            raise ConvertError(f"{path}: base must be a whole spec, without base or keep itself")
        table = _merged(base, table)
    if "keep" not in table:
        return table
    keep = read.names(table, "keep", "spec")
    del table["keep"]
    return _kept(table, keep)


def _parsed(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConvertError(f"{path} is not TOML: {error}") from error


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Table:
    """Tables are merged, anything else is replaced."""
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged


def _kept(table: Table, keep: Sequence[str]) -> Table:
    """The table without the channels that `keep` does not name; their order stays."""
    signal = dict(read.subtable(table, "signal", "spec", {}))
    channels = read.subtables(signal, "channels", "signal", [])
    names = [read.text(c, "name", f"signal.channels[{i}]") for i, c in enumerate(channels)]
    strangers = [name for name in keep if name not in names]
    if strangers or not keep:
        wrong = f"names {strangers}" if strangers else f"is {list(keep)}"
        raise ConvertError(
            f"keep {wrong}, must name one or more of the channels {names}, each once"
        )
    if "gate" in table:
        raise ConvertError("keep leaves no meaning to [gate], which is fitted to every column")
    signal["channels"] = [c for c in channels if c["name"] in keep]
    steps = (
        _step(step, names, keep, f"signal.steps[{i}]")
        for i, step in enumerate(signal.get("steps", []))
    )
    signal["steps"] = [step for step in steps if step.get("channels") != []]
    return {**table, "signal": signal}


def _step(step: Table, names: Sequence[str], keep: Sequence[str], where: str) -> Table:
    """The step on what is left of its channels; one without `channels` takes all there are."""
    if "channels" not in step:
        listed = [key for key in PER_CHANNEL if isinstance(step.get(key), list)]
        if listed:
            raise ConvertError(f"{where}.{listed[0]} is a list: with keep, it needs `channels`")
        return step
    gone = set(names) - set(keep)
    left = [i for i, name in enumerate(step["channels"]) if name.split(".")[0] not in gone]
    lists = {
        key: [step[key][i] for i in left] for key in PER_CHANNEL if isinstance(step.get(key), list)
    }
    return {**step, "channels": [step["channels"][i] for i in left], **lists}
