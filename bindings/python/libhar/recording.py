"""One recording as files hold it: samples, times, the true labels."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.model import Model

TIME, LABEL = "t_ns", "label"
"""The columns that are no channel of a model."""


class RecordingError(ValueError):
    """The recording is not there, or does not fit the model."""


@dataclass(frozen=True)
class Recording:
    """Samples float32 [rows, channels] in the order of the model's channels, their times int64
    [rows], and the true label of every row, "" where it is not known."""

    title: str
    signal: NDArray[np.float32]
    times_ns: NDArray[np.int64]
    truth: tuple[str, ...]
    timed: bool = True
    """False where the recording says no times: those here are of the model's rate."""

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Since the first sample."""
        return np.asarray((self.times_ns - self.times_ns[0]) / 1e9)


def read_csv(model: Model, path: Path, ignore_extra: bool = False) -> Recording:
    """A recording as docs/csv-format.md says, refused where and as `har run` refuses it. Raises
    OSError, RecordingError, which names the line and the column."""
    lines = _lines_of(path)
    number, names = next(lines, (0, []))
    if not names:
        raise RecordingError(f"{path}: is empty; a line that names the columns is expected")
    columns = _Columns(model, path, ignore_extra, number, names)
    values = array("f")
    times: list[int] = []
    truth: list[str] = []
    last = 0
    for number, cells in lines:
        row = columns.read(number, cells)
        if times and row.time_ns is not None and row.time_ns <= times[-1]:
            raise RecordingError(
                f"{path} line {number}, column {TIME}: found {row.time_ns}, expected a time later "
                f"than {times[-1]} of line {last}"
            )
        values.extend(row.values)
        truth.append(row.label)
        if row.time_ns is not None:
            times.append(row.time_ns)
        last = number
    if not truth:
        raise RecordingError(f"{path}: holds no sample after its header")
    signal = np.array(values, np.float32).reshape(len(truth), -1)
    return Recording(
        path.name, signal, times_of(model, len(truth), times), tuple(truth), bool(times)
    )


@dataclass
class _Row:
    values: list[float]
    """In the order of the model's channels."""
    time_ns: int | None = None
    label: str = ""


class _Columns:
    """What the columns of a file hold. Raises RecordingError."""

    def __init__(
        self, model: Model, path: Path, ignore_extra: bool, number: int, names: list[str]
    ) -> None:
        """`number` is that of the line of `names`."""
        self._path, self._names = path, names
        where = f"{path} line {number}"
        channels = {channel.name: channel.unit for channel in model.channels}
        self._place = {name: i for i, name in enumerate(channels)}
        for i, name in enumerate(names):
            known = name in channels or name in (TIME, LABEL)
            if not known and not ignore_extra:
                raise RecordingError(
                    f"{where}: column {i + 1}, '{name[:SHOWN]}', is no channel of the model, nor "
                    f"{TIME} or {LABEL} (--ignore-extra passes over such columns)"
                )
            if known and (earlier := names.index(name)) < i:
                raise RecordingError(
                    f"{where}: column '{name}' is there twice, as {earlier + 1} and {i + 1}"
                )
        for name, unit in channels.items():
            if name not in names:
                raise RecordingError(
                    f"{where}: column '{name}' is missing; the model needs it in {unit}"
                )

    def read(self, number: int, cells: list[str]) -> _Row:
        """The row of line `number`."""
        if len(cells) != len(self._names):
            raise RecordingError(
                f"{self._path} line {number}: found {len(cells)} cells, expected "
                f"{len(self._names)} as in the header"
            )
        row = _Row([0.0] * len(self._place))
        for name, cell in zip(self._names, cells, strict=True):
            try:
                if name in self._place:
                    row.values[self._place[name]] = _number(cell)
                elif name == TIME:
                    row.time_ns = _whole(cell)
                elif name == LABEL:
                    row.label = cell
            except ValueError as error:
                found = f"found {cell[:SHOWN] or 'an empty cell'}, expected {error}"
                where = f"{self._path} line {number}, column {name}"
                raise RecordingError(f"{where}: {found}") from None
        return row


DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"[+-]?[0-9]+")
TOO_LARGE = 2.0**128 - 2.0**103
"""From here on the nearest binary32 is infinity: half a step above the largest."""
SHOWN = 60
"""Characters of a cell in a message, at most."""


def _number(cell: str) -> float:
    """Raises ValueError, which says what is expected; as below."""
    if DECIMAL.fullmatch(cell) and abs(value := _for_binary32(cell)) < TOO_LARGE:
        return value
    raise ValueError("a finite decimal number such as -0.25 or 1e-3")


def _for_binary32(cell: str) -> float:
    """What rounds to the binary32 that is nearest to the cell. The nearest binary64 does not where
    it is halfway between two of binary32, and the cell is not."""
    value = float(cell)
    halves = math.ldexp(value, 25 - max(math.frexp(value)[1], -125))
    if halves % 2 == 1 and (exact := Decimal(cell)) != value:
        return math.nextafter(value, math.inf if exact > value else -math.inf)
    return value


def _whole(cell: str) -> int:
    if WHOLE.fullmatch(cell) and len(cell) <= SHOWN and -(2**63) <= (value := int(cell)) < 2**63:
        return value
    raise ValueError("a whole number of nanoseconds")


LINE_BYTES, MOST_CELLS = 65535, 2048
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
CELL = re.compile(r'[ \t]*+(?:"((?:[^"]|"")*+)"[ \t]*+|(?!")([^,]*+))(,|\Z)')
"""A cell in quotes or a plain one, and the comma or the end of the line after it."""


def _lines_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The number, from 1, and the cells of every line that holds some."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        where = f"{path} line {number}"
        if len(line) > LINE_BYTES:
            raise RecordingError(f"{where}: the line is longer than {LINE_BYTES} bytes")
        line = line.removesuffix(b"\r")
        text = _text_of(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, where)
        text = text.lstrip(" \t")
        if text and not text.startswith("#"):
            yield number, _cells_of(text, where)


def _text_of(line: bytes, where: str) -> str:
    control = CONTROL.search(line)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        if control is None or error.start < control.start():
            raise RecordingError(f"{where}: the line holds a byte that is not UTF-8") from None
    if control is not None:
        raise RecordingError(f"{where}: the line holds a control character")
    return text


def _cells_of(text: str, where: str) -> list[str]:
    cells: list[str] = []
    at, separator = 0, ","
    while separator:
        if len(cells) == MOST_CELLS:
            raise RecordingError(f"{where}: the line has more than {MOST_CELLS} cells")
        cell = CELL.match(text, at)
        if cell is None:
            raise RecordingError(
                f"{where}: cell {len(cells) + 1}: the quotes are not closed where the cell ends"
            )
        quoted, plain, separator = cell.groups()
        cells.append(plain.rstrip(" \t") if quoted is None else quoted.replace('""', '"'))
        at = cell.end()
    return cells


def times_of(model: Model, rows: int, given: Sequence[int] = ()) -> NDArray[np.int64]:
    """The times that are given, else those of the model's rate."""
    if given:
        return np.array(given, np.int64)
    return np.asarray(np.rint(np.arange(rows) * (1e9 / model.info.rate_hz)), np.int64)
