"""A cohort from its units to one file of labels, which a kill does not lose.

Every unit's labels are first a file of their own in the folder OUTPUT.parts, under a name made of
the model, the settings and the unit. A run that finds such a file does not label that unit again.
When all are there they are joined into the output, which appears whole or not at all.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, TextIO

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

import libhar
from libhar.cohort.engines import Engine, Task
from libhar.cohort.labels import SCHEMA
from libhar.cohort.units import Unit, parts_of
from libhar.files import write_whole

EVERY_SECONDS = 10.0
"""Between two lines of progress, where they are not written over one another."""


@dataclass
class Report:
    """What a run found. `bad` has the recordings without labels and why."""

    units: int
    resumed: int = 0
    """Units whose labels an earlier run had left."""
    recordings: int = 0
    labels: int = 0
    bad: dict[str, str] = field(default_factory=dict)


def label_units(
    units: list[Unit], task: Task, engine: Engine, output: Path, shown: TextIO = sys.stderr
) -> Report:
    """Labels the units and writes `output`, Parquet of SCHEMA in the order of the units. Progress,
    and every bad recording, go to `shown`. Raises OSError."""
    output.parent.mkdir(parents=True, exist_ok=True)
    parts = parts_of(output)
    parts.mkdir(exist_ok=True)
    paths = {id(unit): parts / f"{_key(task, unit)}.parquet" for unit in units}
    waiting = [unit for unit in units if not paths[id(unit)].exists()]
    progress = _Progress(Report(len(units), len(units) - len(waiting)), shown)
    try:
        for unit, table in engine(task, waiting):
            write_whole(paths[id(unit)], partial(pa.parquet.write_table, table))
            progress.add(table)
    finally:
        progress.end()
    report = _join([paths[id(unit)] for unit in units], output, progress.report)
    shutil.rmtree(parts)
    return report


def _key(task: Task, unit: Unit) -> str:
    told = sha256(task.model)
    for text in (libhar.__version__, str(task.hop), unit.name, unit.identity, str(SCHEMA)):
        told.update(text.encode() + b"\0")
    return told.hexdigest()[:32]


def _join(paths: list[Path], output: Path, report: Report) -> Report:
    found = Report(report.units, report.resumed)

    def write(file: BinaryIO) -> None:
        with pa.parquet.ParquetWriter(file, SCHEMA) as writer:
            for table in _together(paths, found):
                writer.write_table(table)

    write_whole(output, write)
    return found


ROWS = 1 << 16
"""Of a group of the output, at least: units may have few labels each."""


def _together(paths: list[Path], found: Report) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    for path in paths:
        table = pa.parquet.read_table(path, schema=SCHEMA)
        bad = _bad_of(table)
        found.bad |= bad
        found.recordings += len(table.column("recording").unique())
        found.labels += len(table) - len(bad)
        held.append(table)
        if sum(map(len, held)) >= ROWS:
            yield pa.concat_tables(held).combine_chunks()
            held = []
    if held:
        yield pa.concat_tables(held).combine_chunks()


def _bad_of(table: pa.Table) -> dict[str, str]:
    rows = table.filter(pa.compute.is_valid(table.column("error")))
    return dict(zip(rows["recording"].to_pylist(), rows["error"].to_pylist(), strict=True))


class _Progress:
    """Counts while it goes on, and says so now and then."""

    def __init__(self, report: Report, shown: TextIO) -> None:
        self.report = report
        self.done = report.resumed
        self._shown = shown
        self._over = shown.isatty()
        self._last = time.monotonic()
        self._bad = 0
        self._labels = 0
        if report.resumed:
            print(f"{report.resumed} of {report.units} were done before", file=shown)

    def add(self, table: pa.Table) -> None:
        self.done += 1
        bad = _bad_of(table)
        self._bad += len(bad)
        self._labels += len(table) - len(bad)
        clear = "\r\033[K" if self._over else ""
        for name, error in bad.items():
            print(f"{clear}bad: {name}: {error}", file=self._shown)
        if self._over or time.monotonic() - self._last >= EVERY_SECONDS:
            self._last = time.monotonic()
            self._say(clear, "" if self._over else "\n")

    def end(self) -> None:
        self._say("\r\033[K" if self._over else "", "\n")

    def _say(self, before: str, after: str) -> None:
        text = f"{self.done} of {self.report.units} done, {self._labels} labels, {self._bad} bad"
        print(before + text, end=after, file=self._shown, flush=True)
