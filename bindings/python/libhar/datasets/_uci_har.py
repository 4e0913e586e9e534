"""UCI HAR v1.0: the official windows, as published or cut from the raw recordings.

Source: Anguita et al., "A Public Domain Dataset for Human Activity Recognition Using
Smartphones", ESANN 2013 (CC BY 4.0). Windows come as float32 [windows, 128, 9], labels 0..5.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.arrays import Npz
from libhar.datasets._files import table
from libhar.datasets._hapt import hapt_recordings
from libhar.datasets._recording import SPLITS, DataError, Preprocess, Windows

UCI_LABELS = (
    "WALKING",
    "WALKING_UPSTAIRS",
    "WALKING_DOWNSTAIRS",
    "SITTING",
    "STANDING",
    "LAYING",
)
WINDOW = 128
_SIGNALS = [f"{kind}_{axis}" for kind in ("total_acc", "body_acc", "body_gyro") for axis in "xyz"]


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
    stored = Npz(folder / "uci_har.npz")
    chosen = np.flatnonzero(stored.array("split") == SPLITS.index(split))
    labels = stored.array("y")[chosen].astype(np.int64) - 1
    people = stored.array("subject")[chosen].astype(np.int64)
    if preprocess is None:
        starts, samples = stored.array("win_start")[chosen], stored.array("samples")
        signal = np.stack([samples[s : s + WINDOW] for s in starts])
    else:
        experiments, begins = (stored.array(name)[chosen] for name in ("hapt_exp", "hapt_pos"))
        places = [(int(e), int(p)) for e, p in zip(experiments, begins, strict=True)]
        signal = _raw_windows(folder, places, preprocess)
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


def _from_archive(folder: Path, split: str) -> Windows:
    root = folder if (folder / split).is_dir() else folder / "UCI HAR Dataset"
    if not (root / split).is_dir():
        raise DataError(f"{folder} holds neither uci_har.npz nor the folder 'UCI HAR Dataset'")
    inertial = root / split / "Inertial Signals"
    tables = [table(inertial / f"{name}_{split}.txt") for name in _SIGNALS]
    shapes = {table.shape for table in tables}
    if len(shapes) > 1:
        raise DataError(f"{inertial}: the signal files differ in shape: {sorted(shapes)}")
    signal = np.stack(tables, axis=2)
    labels = table(root / split / f"y_{split}.txt").ravel().astype(np.int64) - 1
    people = table(root / split / f"subject_{split}.txt").ravel().astype(np.int64)
    if not len(signal) == len(labels) == len(people):
        raise DataError(
            f"{root / split} has {len(signal)} windows, {len(labels)} labels, {len(people)} people"
        )
    return Windows(signal.astype(np.float32), labels, people, UCI_LABELS)
