"""The original public archive of HAPT: downloaded, checked, read.

Layout: RawData/acc_expXX_userYY.txt and RawData/gyro_expXX_userYY.txt hold three numbers a line,
one line a sample at 50 Hz; RawData/labels.txt holds experiment, person, activity, first and last
sample (from 1, both inside). The folder may lie inside another, and the archive inside another one.
"""

from __future__ import annotations

import io
import math
import re
import sys
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from training.recordings.layout import Recording, Stretch, choose_experiment, spread_labels

ARCHIVE_URL = (
    "https://archive.ics.uci.edu/static/public/341/"
    "smartphone+based+recognition+of+human+activities+and+postural+transitions.zip"
)

_LABELS = "RawData/labels.txt"
_SIGNAL = re.compile(r"RawData/acc_exp(\d+)_user(\d+)\.txt$")
_BLOCK_BYTES = 1 << 16
_BAR_CELLS = 40


class ArchiveError(Exception):
    """The archive cannot be had or is not what it should be."""


def read_recording(archive: Path, experiment: int | None = None) -> Recording:
    """Experiment number `experiment`, by default the first one of a test person."""
    with _open_archive(archive) as folder:
        names = folder.namelist()
        labels_name = _find(names, _LABELS, archive)
        signals = {
            (int(found[1]), int(found[2])): name
            for name in names
            if (found := _SIGNAL.search(name)) is not None
        }
        try:
            chosen = choose_experiment(signals, experiment)
        except ValueError as error:
            raise ArchiveError(f"{archive}: {error}") from error
        acceleration = _read_signal(folder, signals[chosen])
        gyro_name = signals[chosen].replace("RawData/acc_", "RawData/gyro_")
        angular_rate = _read_signal(folder, _find(names, gyro_name, archive))
        if len(acceleration) != len(angular_rate):
            raise ArchiveError(
                f"{archive}: {signals[chosen]} holds {len(acceleration)} samples, "
                f"{gyro_name} {len(angular_rate)}"
            )
        samples = [a + w for a, w in zip(acceleration, angular_rate, strict=True)]
        stretches = _read_labels(folder, labels_name, chosen)
        try:
            labels = spread_labels(len(samples), stretches, labels_name)
        except ValueError as error:
            raise ArchiveError(f"{archive}: {error}") from error
    return Recording(*chosen, samples, labels)


def download(url: str, target: Path, progress: TextIO = sys.stderr) -> None:
    """Fetches `url` to `target`, whole and a zip archive, or not at all. Shows a bar."""
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(url, timeout=60) as response, part.open("wb") as file:
            total = int(response.headers.get("Content-Length") or 0)
            done = 0
            while block := response.read(_BLOCK_BYTES):
                file.write(block)
                done += len(block)
                _show_progress(progress, done, total)
        progress.write("\n")
        if total and done != total:
            raise ArchiveError(f"{url}: {done} of {total} bytes came")
        _check_zip(part, url)
        part.replace(target)
    except OSError as error:
        raise ArchiveError(f"{url}: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _check_zip(path: Path, url: str) -> None:
    """Reads every file in the archive, so that its CRC is checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise ArchiveError(f"{url}: what came is no whole zip archive: {error}") from error
    if damaged is not None:
        raise ArchiveError(f"{url}: {damaged} came damaged")


def _show_progress(progress: TextIO, done: int, total: int) -> None:
    megabytes = f"{done / 1e6:.1f} MB"
    if total:
        share = min(done / total, 1.0)
        bar = "#" * int(share * _BAR_CELLS)
        progress.write(f"\r[{bar:.<{_BAR_CELLS}}] {share:4.0%} of {total / 1e6:.1f} MB")
    else:
        progress.write(f"\r{megabytes}")
    progress.flush()


@contextmanager
def _open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip that holds RawData: the one at `path`, or one inside it."""
    try:
        with zipfile.ZipFile(path) as outer:
            inner = [name for name in outer.namelist() if name.endswith(".zip")]
            if not any(name.endswith(_LABELS) for name in outer.namelist()) and inner:
                with zipfile.ZipFile(io.BytesIO(outer.read(inner[0]))) as archive:
                    yield archive
            else:
                yield outer
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise ArchiveError(f"{path}: {error}") from error


def _find(names: list[str], ending: str, archive: Path) -> str:
    for name in names:
        if name == ending or name.endswith("/" + ending):
            return name
    raise ArchiveError(f"{archive}: holds no {ending}")


def _lines(folder: zipfile.ZipFile, name: str) -> Iterator[tuple[int, list[str]]]:
    """Number and words of every line that is not empty. zipfile checks the file's CRC."""
    with folder.open(name) as file:
        for number, line in enumerate(io.TextIOWrapper(file, "ascii", errors="replace"), 1):
            if words := line.split():
                yield number, words


def _read_signal(folder: zipfile.ZipFile, name: str) -> list[list[str]]:
    """Three numbers a line, as they are written."""
    rows = []
    for number, words in _lines(folder, name):
        if len(words) != 3 or not all(_is_finite(word) for word in words):
            raise ArchiveError(f"{name} line {number}: {' '.join(words)!r} is not three numbers")
        rows.append(words)
    return rows


def _is_finite(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def _read_labels(folder: zipfile.ZipFile, name: str, chosen: tuple[int, int]) -> list[Stretch]:
    """The stretches of the chosen experiment and person."""
    stretches = []
    for number, words in _lines(folder, name):
        try:
            experiment, person, activity, first, last = (int(word) for word in words)
        except ValueError as error:
            line = " ".join(words)
            raise ArchiveError(
                f"{name} line {number}: {line!r} is not five whole numbers"
            ) from error
        if (experiment, person) == chosen:
            stretches.append(Stretch(activity, first, last))
    return stretches
