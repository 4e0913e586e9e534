"""A recorded CSV of docs/csv-format.md as readings: one row a sample, or one row a reading."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import libhar

from examples.live.readings import Reading, Refused, reading_of
from examples.live.record import HEADER

PRESET = "uci_har"
"""Of a recording of samples: the units of the models for a phone at the waist."""
_AXES = ("x", "y", "z")


class Unreadable(Exception):
    """The recording is not of a layout of docs/csv-format.md; says which line and why."""


def is_per_sensor(path: Path) -> bool:
    """Whether the recording holds one row a reading, as the phone sent them. Raises Unreadable."""
    return next(_rows(path), (0, []))[1] == list(HEADER)


def readings(path: Path, model: libhar.Model) -> Iterator[Reading]:
    """Every reading of the recording, in order. Raises Unreadable when it comes to a bad line."""
    rows = _rows(path)
    line, header = next(rows, (1, []))
    try:
        of_row = _per_sensor if header == list(HEADER) else _per_sample(header, model)
        for number, cells in rows:
            line = number
            if len(cells) != len(header):
                raise ValueError(f"found {len(cells)} cells, expected {len(header)}")
            yield from of_row(cells)
    except (ValueError, Refused) as problem:
        raise Unreadable(f"{path} line {line}: {problem}") from None


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold cells, with their numbers from 1."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, line in enumerate(file, 1):
                if line.strip() and not line.startswith("#"):
                    yield number, [cell.strip() for cell in next(csv.reader([line]))]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Unreadable(f"{path}: {problem}") from None


def _per_sensor(cells: list[str]) -> list[Reading]:
    time_ns, sensor, *values = cells
    return [reading_of(sensor, int(time_ns), [float(value) for value in values])]


def _per_sample(header: list[str], model: libhar.Model) -> Callable[[list[str]], list[Reading]]:
    """How one row of all channels becomes a reading of each sensor."""
    period_ns = 1e9 / model.info.rate_hz
    places = _places(header, model)
    time_at = header.index("t_ns") if "t_ns" in header else None
    count = 0

    def of_row(cells: list[str]) -> list[Reading]:
        nonlocal count
        time_ns = round(count * period_ns) if time_at is None else int(cells[time_at])
        count += 1
        return [
            reading_of(sensor, time_ns, [float(cells[at]) for at in columns])
            for sensor, columns in places.items()
        ]

    return of_row


def _places(header: list[str], model: libhar.Model) -> dict[str, list[int]]:
    """For each sensor of the model the columns of its x, y and z. Raises ValueError."""
    places: dict[str, list[int]] = {}
    missing = [channel.name for channel in model.channels if channel.name not in header]
    if missing:
        raise ValueError(f"column '{missing[0]}' is missing")
    for channel in sorted(model.channels, key=lambda channel: _AXES.index(channel.axis)):
        places.setdefault(channel.kind, []).append(header.index(channel.name))
    return places
