"""What is calibrated on: windows and recordings of people that a network was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar import datasets, flat, schema
from libhar.calibrate.temperature import Logits, logits_of
from libhar.datasets import Recording
from libhar.errors import of_file
from libhar.evaluate import check_labels, labelled_windows
from libhar.model import Model


@dataclass(frozen=True)
class Fold:
    """A model file, and the training people that it is calibrated on."""

    path: Path
    people: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Fold:
        """Of "FILE=1,7,15". Raises ValueError."""
        path, separator, people = text.rpartition("=")
        if not separator or not all(p.strip().isdigit() for p in people.split(",")):
            raise ValueError(f"fold is {text!r}, must be FILE=PERSON,PERSON...")
        return cls(Path(path), tuple(int(p) for p in people.split(",")))


def check_folds(path: Path, folds: Sequence[Fold]) -> None:
    """Raises ValueError where a fold has other labels than the model that is calibrated."""
    labels = Model(path).labels
    for fold in folds:
        found = Model(fold.path).labels
        if found != labels:
            raise ValueError(f"{fold.path}: the fold's labels are {found}, the model's {labels}")


@dataclass(frozen=True)
class Walk:
    """One recording as a stream sees it, window after window."""

    recording: Recording
    starts: NDArray[np.int64]
    windows: NDArray[np.float32]
    logits: Logits


def labelled(fold: Fold, data: str, folder: Path) -> tuple[Logits, NDArray[np.int64]]:
    """Logits and labels of the labelled windows of the fold's people, all people of the training
    split where it names none. Raises ValueError where one is no training person or the model has
    other labels than the data, DataError."""
    model = Model(fold.path)
    windows = labelled_windows(model, data, folder, "train")
    with of_file(fold.path):
        check_labels(model, windows)
    _check_people(fold, set(windows.people.tolist()))
    chosen = np.isin(windows.people, fold.people) if fold.people else windows.people >= 0
    logits = logits_of(flat.load(fold.path), windows.signal[chosen])
    return logits, windows.labels[chosen]


def walks(fold: Fold, data: str, folder: Path) -> list[Walk]:
    """The whole recordings of the fold's people, in windows at the model's hop."""
    model = Model(fold.path)
    source = datasets.SETS["hapt" if data == "uci_har" else data]  # raw recordings of the same
    names = [channel.name for channel in model.channels]
    recordings = source.recordings(folder, "train", names)
    _check_people(fold, {r.person for r in recordings})
    description = flat.load(fold.path)
    return [
        _walk(description, model, recording)
        for recording in recordings
        if not fold.people or recording.person in fold.people
    ]


def _walk(description: schema.Model, model: Model, recording: Recording) -> Walk:
    signal = model.preprocess(recording.signal)
    window, hop = model.info.window, model.info.hop
    starts = np.arange(0, len(signal) - window + 1, hop)
    windows = np.stack([signal[at : at + window] for at in starts])
    return Walk(recording, starts, windows, logits_of(description, windows))


def _check_people(fold: Fold, there: set[int]) -> None:
    strangers = sorted(set(fold.people) - there)
    if strangers:
        raise ValueError(f"people {strangers} are not training people, those are {sorted(there)}")


def together(parts: Sequence[tuple[Logits, NDArray[np.int64]]]) -> tuple[Logits, NDArray[np.int64]]:
    """Logits and labels of several folds as one."""
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
