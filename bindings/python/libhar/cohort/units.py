"""What is labelled by one task: a file, or a recording of a known set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from libhar import datasets
from libhar.cohort.tables import read_csv_at_once, read_parquet
from libhar.model import Model
from libhar.recording import Recording, times_of

SUFFIXES = (".csv", ".parquet")
"""In small or capital letters."""


class Unit(Protocol):
    """Travels to the process or machine that labels it."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str:
        """Another one where the content, or how it is read, is another."""
        ...

    def read(self, model: Model) -> Iterator[tuple[str, Recording | Exception]]:
        """The recordings by name, or what is wrong with them."""
        ...


@dataclass(frozen=True)
class File:
    """A CSV file is one recording, a Parquet file one or many."""

    path: Path
    name: str
    identity: str
    by: str | None
    """The column of a Parquet file, or None, as for `read_parquet`."""
    ignore_extra: bool

    def read(self, model: Model) -> Iterator[tuple[str, Recording | Exception]]:
        if self.path.suffix.lower() == ".csv":
            yield self.name, read_csv_at_once(model, self.path, self.ignore_extra)
            return
        for key, recording in read_parquet(model, self.path, self.by):
            yield (f"{self.name}:{key}" if key else self.name), recording


@dataclass(frozen=True)
class OfSet:
    """One recording of a known set."""

    name: str
    identity: str
    recording: datasets.Recording

    def read(self, model: Model) -> Iterator[tuple[str, Recording | Exception]]:
        signal = self.recording.signal
        times = times_of(model, len(signal))
        yield self.name, Recording(self.name, signal, times, ("",) * len(signal), False)


def files_below(
    where: Path, by: str | None = None, ignore_extra: bool = False, output: Path | None = None
) -> list[Unit]:
    """The .csv and .parquet files of a folder and the folders in it, by name; or the one file.
    What lies there of an `output` from before is none. Raises ValueError where there is none."""
    paths = [where] if where.is_file() else sorted(p for p in where.rglob("*") if p.is_file())
    own = [] if output is None else [output.resolve(), parts_of(output).resolve()]
    units: list[Unit] = []
    for path in paths:
        if path.suffix.lower() not in SUFFIXES:
            continue
        if any(path.resolve().is_relative_to(place) for place in own):
            continue
        name = path.name if path == where else path.relative_to(where).as_posix()
        about = path.stat()
        identity = f"{about.st_size} {about.st_mtime_ns} {by!r} {ignore_extra}"
        units.append(File(path.resolve(), name, identity, by, ignore_extra))
    if not units:
        raise ValueError(f"{where} holds no recording, a file that ends in {' or '.join(SUFFIXES)}")
    return units


def parts_of(output: Path) -> Path:
    """The folder of what is done of an output that is not whole yet."""
    return output.with_name(output.name + ".parts")


def of_set(model: Model, data: str, folder: Path) -> list[Unit]:
    """Every recording of a set of `datasets.SETS`, as "hapt/person 1/0". Raises DataError."""
    channels = [channel.name for channel in model.channels]
    units: list[Unit] = []
    counts: dict[int, int] = {}
    for split in datasets.SPLITS:
        for recording in datasets.SETS[data].recordings(folder, split, channels):
            number = counts.setdefault(recording.person, 0)
            counts[recording.person] += 1
            identity = sha256(recording.signal.tobytes()).hexdigest()
            name = f"{data}/person {recording.person}/{number}"
            units.append(OfSet(name, identity, recording))
    return units
