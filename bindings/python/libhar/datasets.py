"""The recordings that models are evaluated on.

A folder of recordings holds `uci_har.npz` and `hapt.npz` (HAR_DATA_DIR), or the unpacked original
archive, "UCI HAR Dataset". Windows come as float32 [windows, 128, 9] with labels 0..5 and people.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UCI_LABELS = (
    "WALKING",
    "WALKING_UPSTAIRS",
    "WALKING_DOWNSTAIRS",
    "SITTING",
    "STANDING",
    "LAYING",
)
SPLITS = ("train", "test")
WINDOW = 128
_SIGNALS = [f"{kind}_{axis}" for kind in ("total_acc", "body_acc", "body_gyro") for axis in "xyz"]

Preprocess = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""The signal steps over a whole recording: [rows, 6] to [rows, 9]."""


class DataError(ValueError):
    """The recordings are not there or not of the layout that is documented."""


@dataclass(frozen=True)
class Windows:
    """Windows of one split, in the order of the data set."""

    signal: NDArray[np.float32]
    labels: NDArray[np.int64]
    people: NDArray[np.int64]
    names: tuple[str, ...]


def data_folder(folder: str | Path | None) -> Path:
    """`folder`, or HAR_DATA_DIR. Raises DataError where neither is given or there is none."""
    chosen = folder or os.environ.get("HAR_DATA_DIR")
    if not chosen:
        raise DataError("no recordings: set HAR_DATA_DIR or name their folder with --data-dir")
    if not Path(chosen).is_dir():
        raise DataError(f"{chosen} is not a folder")
    return Path(chosen)


def uci_har(folder: Path, split: str, preprocess: Preprocess | None = None) -> Windows:
    """The official windows of UCI HAR, of the people of one official split.

    With `preprocess` the windows are cut from the raw `hapt` recordings after those signal steps
    instead of being taken as published. Raises DataError.
    """
    if split not in SPLITS:
        raise DataError(f"split is {split!r}, must be one of {', '.join(SPLITS)}")
    if (folder / "uci_har.npz").is_file():
        return _from_npz(folder, split, preprocess)
    if preprocess is not None:
        raise DataError(f"{folder} holds no uci_har.npz, which says where raw windows lie")
    return _from_archive(folder, split)


def _from_npz(folder: Path, split: str, preprocess: Preprocess | None) -> Windows:
    with np.load(folder / "uci_har.npz") as stored:
        chosen = np.flatnonzero(stored["split"] == SPLITS.index(split))
        labels = stored["y"][chosen].astype(np.int64) - 1
        people = stored["subject"][chosen].astype(np.int64)
        if preprocess is None:
            starts = stored["win_start"][chosen]
            samples = stored["samples"]
            signal = np.stack([samples[s : s + WINDOW] for s in starts])
        else:
            places = zip(stored["hapt_exp"][chosen], stored["hapt_pos"][chosen], strict=True)
            signal = _raw_windows(folder, [(int(e), int(p)) for e, p in places], preprocess)
    return Windows(np.ascontiguousarray(signal, np.float32), labels, people, UCI_LABELS)


def _raw_windows(
    folder: Path, places: list[tuple[int, int]], preprocess: Preprocess
) -> NDArray[np.float32]:
    recordings = hapt_recordings(folder)
    needed = {experiment for experiment, _ in places}
    signals = {e: preprocess(recordings[e]) for e in sorted(needed)}
    for experiment, signal in signals.items():
        wanted = (len(recordings[experiment]), len(_SIGNALS))
        if signal.shape != wanted:
            raise DataError(
                f"the signal steps made {signal.shape} of recording {experiment}, not {wanted}"
            )
    return np.stack([signals[e][p : p + WINDOW] for e, p in places])


def hapt_recordings(folder: Path) -> dict[int, NDArray[np.float32]]:
    """The raw recordings by experiment: float32 [rows, 6], acceleration in g, rotation in rad/s."""
    path = folder / "hapt.npz"
    if not path.is_file():
        raise DataError(f"{path} is not there")
    with np.load(path) as stored:
        data = np.asarray(stored["data"], np.float32)
        return {int(e): data[begin:end] for e, _, begin, end in stored["exp"]}


def _from_archive(folder: Path, split: str) -> Windows:
    root = folder if (folder / split).is_dir() else folder / "UCI HAR Dataset"
    if not (root / split).is_dir():
        raise DataError(f"{folder} holds neither uci_har.npz nor the folder 'UCI HAR Dataset'")
    inertial = root / split / "Inertial Signals"
    tables = [_table(inertial / f"{name}_{split}.txt") for name in _SIGNALS]
    shapes = {table.shape for table in tables}
    if len(shapes) > 1:
        raise DataError(f"{inertial}: the signal files differ in shape: {sorted(shapes)}")
    signal = np.stack(tables, axis=2)
    labels = _table(root / split / f"y_{split}.txt").ravel().astype(np.int64) - 1
    people = _table(root / split / f"subject_{split}.txt").ravel().astype(np.int64)
    if not len(signal) == len(labels) == len(people):
        raise DataError(
            f"{root / split} has {len(signal)} windows, {len(labels)} labels, {len(people)} people"
        )
    return Windows(signal.astype(np.float32), labels, people, UCI_LABELS)


def _table(path: Path) -> NDArray[np.float64]:
    if not path.is_file():
        raise DataError(f"{path} is not there")
    try:
        return np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
