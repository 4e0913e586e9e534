"""One key of a spec: read, checked, and refused with its value and what is allowed."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from libhar.convert.errors import ConvertError

Table = Mapping[str, Any]
Choice = TypeVar("Choice")

_F32 = np.finfo(np.float32)


@dataclass(frozen=True)
class Span:
    """Where a number may be: in words, and both ends, which belong to it."""

    words: str
    least: float
    most: float


FINITE = Span("that is finite", -sys.float_info.max, sys.float_info.max)
POSITIVE = Span("above 0", float(_F32.tiny), float(_F32.max))
NOT_NEGATIVE = Span("of at least 0", 0.0, float(_F32.max))
SHARE = Span("from 0 to 1", 0.0, 1.0)
BELOW_ONE = Span("from 0 to below 1", 0.0, 1.0 - float(_F32.epsneg))


def only(table: Table, known: Collection[str], where: str) -> None:
    """Refuses keys that are not known."""
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ConvertError(f"{where} has unknown keys {unknown}; it takes {sorted(known)}")


def text(table: Table, key: str, where: str, default: str | None = None) -> str:
    """A text; without a default the key is needed and its text is not empty."""
    if key not in table and default is not None:
        return default
    value = _needed(table, key, where)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise _refused(where, key, value, "a text" if default is not None else _NAME)
    return value


def names(table: Table, key: str, where: str, default: list[str] | None = None) -> list[str]:
    """A list of texts, none of them empty, each once."""
    if key not in table and default is not None:
        return default
    value = _needed(table, key, where)
    if not isinstance(value, list):
        raise _refused(where, key, value, "a list of texts")
    for index, entry in enumerate(value):
        if not isinstance(entry, str) or not entry.strip():
            raise _refused(where, f"{key}[{index}]", entry, _NAME)
    once(value, f"{where}.{key}[{{}}]")
    return value


def once(values: Iterable[str], path: str) -> None:
    """Refuses a second one of the same; `path` has {} in place of the number."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if first.setdefault(value, index) != index:
            one, other = path.format(index), path.format(first[value])
            raise ConvertError(f"{one} is {value!r}, must not be the same as {other}")


def whole(
    table: Table, key: str, where: str, least: int, most: int, default: int | None = None
) -> int:
    """A whole number from `least` to `most`; without a default the key is needed."""
    if key not in table and default is not None:
        return default
    value = _needed(table, key, where)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _refused(where, key, value, f"a whole number from {least} to {most}")
    return value


def number(table: Table, key: str, where: str, span: Span) -> float:
    """A number of the span."""
    return _number(_needed(table, key, where), key, where, span)


def numbers(table: Table, key: str, where: str, span: Span) -> list[float]:
    """A list of numbers of the span."""
    value = _needed(table, key, where)
    if not isinstance(value, list):
        raise _refused(where, key, value, "a list of numbers")
    return [_number(entry, f"{key}[{i}]", where, span) for i, entry in enumerate(value)]


def subtable(table: Table, key: str, where: str, default: Table | None = None) -> Table:
    """A table; without a default the key is needed."""
    if key not in table and default is not None:
        return default
    value = _needed(table, key, where)
    if not isinstance(value, Mapping):
        raise _refused(where, key, value, "a table")
    return value


def subtables(
    table: Table, key: str, where: str, default: list[Table] | None = None
) -> list[Table]:
    """A list of tables; without a default the key is needed."""
    if key not in table and default is not None:
        return default
    value = _needed(table, key, where)
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise _refused(where, key, value, "a list of tables")
    return value


def choice(table: Table, key: str, choices: Mapping[str, Choice], where: str) -> Choice:
    """What one of the texts stands for; the first where the key is left out."""
    value = table.get(key, next(iter(choices)))
    if not isinstance(value, str) or value not in choices:
        raise _refused(where, key, value, f"one of {', '.join(choices)}")
    return choices[value]


_NAME = "a text that is not empty"


def _needed(table: Table, key: str, where: str) -> Any:
    if key not in table:
        raise ConvertError(f"{where}.{key} is missing")
    return table[key]


def _number(value: Any, key: str, where: str, span: Span) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not span.least <= value <= span.most:
        raise _refused(where, key, value, f"a number {span.words}")
    return float(value)


def _refused(where: str, key: str, value: object, allowed: str) -> ConvertError:
    return ConvertError(f"{where}.{key} is {value!r}, must be {allowed}")
