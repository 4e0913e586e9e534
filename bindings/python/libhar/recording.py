"""One recording as files hold it: samples, times, the true labels."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.model import Model


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
    """A recording as docs/csv-format.md says. Raises OSError, RecordingError."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    numbered = [(i, s) for i, s in enumerate(lines, 1) if s.strip() and not s.startswith("#")]
    if len(numbered) < 2:
        raise RecordingError(f"{path} has no header and samples")
    rows = list(csv.reader((line for _, line in numbered), skipinitialspace=True))
    header = [name.strip() for name in rows[0]]
    channels = [channel.name for channel in model.channels]
    missing = [name for name in channels if name not in header]
    extra = [name for name in header if name not in (*channels, "t_ns", "label")]
    if missing or (extra and not ignore_extra):
        raise RecordingError(
            f"{path} has the columns {header}; missing are {missing}, unknown to the model {extra}"
        )
    values = np.empty((len(rows) - 1, len(channels)), np.float32)
    times: list[int] = []
    truth = []
    for (number, _), row, samples in zip(numbered[1:], rows[1:], values, strict=True):
        if len(row) != len(header):
            raise RecordingError(f"{path} line {number} has {len(row)} cells, not {len(header)}")
        cells = dict(zip(header, row, strict=True))
        where = f"{path} line {number}"
        samples[:] = [_number(cells[name], where) for name in channels]
        truth.append(cells.get("label", "").strip())
        if "t_ns" in cells:
            times.append(_later(cells["t_ns"], times, where))
    return Recording(
        path.name, values, times_of(model, len(values), times), tuple(truth), bool(times)
    )


def _number(cell: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RecordingError(f"{where}: found {cell!r}, expected a finite decimal number")
    return value


def _later(cell: str, before: Sequence[int], where: str) -> int:
    try:
        time = int(cell)
    except ValueError:
        time = None
    if time is None or (before and time <= before[-1]):
        least = f", later than {before[-1]}" if before else ""
        raise RecordingError(f"{where}: t_ns is {cell!r}, must be a whole number{least}")
    return time


def times_of(model: Model, rows: int, given: Sequence[int] = ()) -> NDArray[np.int64]:
    """The times that are given, else those of the model's rate."""
    if given:
        return np.array(given, np.int64)
    return np.asarray(np.rint(np.arange(rows) * (1e9 / model.info.rate_hz)), np.int64)
