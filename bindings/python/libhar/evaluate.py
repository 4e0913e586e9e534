"""How good a model is: labels by the C library, counted against the true ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import datasets
from libhar.datasets import Windows
from libhar.model import Model

Z_95 = 1.959963984540054
"""The 97.5th percentile of the standard normal law."""


@dataclass(frozen=True)
class Evaluation:
    """Counts of one model on one set of windows. `confusion` is [true class, found class]."""

    names: tuple[str, ...]
    confusion: NDArray[np.int64]
    unknown: int
    by_person: dict[int, float]

    @property
    def windows(self) -> int:
        return int(self.confusion.sum()) + self.unknown

    @property
    def correct(self) -> int:
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        return self.correct / self.windows

    @property
    def f1(self) -> NDArray[np.float64]:
        """F1 of every class; 0 for a class that neither occurs nor is found."""
        true, found = self.confusion.sum(axis=1), self.confusion.sum(axis=0)
        return np.asarray(2 * np.diag(self.confusion) / np.maximum(true + found, 1))

    @property
    def macro_f1(self) -> float:
        return float(self.f1.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy (E. B. Wilson, 1927)."""
        n, p, z = self.windows, self.accuracy, Z_95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
        return middle - half, middle + half

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "windows": self.windows,
            "correct": self.correct,
            "unknown": self.unknown,
            "accuracy": self.accuracy,
            "accuracy_interval_95": list(self.interval),
            "macro_f1": self.macro_f1,
            "f1": dict(zip(self.names, self.f1.tolist(), strict=True)),
            "confusion": self.confusion.tolist(),
            "labels": list(self.names),
            "accuracy_by_person": {str(k): v for k, v in self.by_person.items()},
        }

    def as_text(self) -> str:
        """For people."""
        low, high = self.interval
        width = max(len(name) for name in self.names)
        lines = [
            f"windows   {self.windows}",
            f"accuracy  {self.accuracy:.4f}  (95 % interval {low:.4f} to {high:.4f})",
            f"macro F1  {self.macro_f1:.4f}",
            "",
            f"{'true, found across':{width}}  {'F1':>6}  "
            + " ".join(f"{i:>5}" for i in range(len(self.names))),
        ]
        for i, name in enumerate(self.names):
            counts = " ".join(f"{n:5d}" for n in self.confusion[i])
            lines.append(f"{name:{width}}  {self.f1[i]:6.4f}  {counts}")
        lines += ["", "accuracy by person"]
        lines += [f"  {person:>3}  {value:.4f}" for person, value in self.by_person.items()]
        return "\n".join(lines)


def evaluate(model: Model, windows: Windows) -> Evaluation:
    """Classifies every window with the C library. Raises ValueError where labels do not fit."""
    if model.labels != windows.names:
        raise ValueError(f"the model's labels are {model.labels}, the data's {windows.names}")
    return count(windows, model.classify(windows.signal)[1].astype(np.int64))


def labelled_windows(
    model: Model, data: str, folder: Path, split: str, source: str = "published"
) -> Windows:
    """The windows of one split of a set, cut as the model cuts a stream.

    `data` is "uci_har" or a name of `datasets.SETS`. The windows of UCI HAR are the published ones,
    or with `source` "raw" made from the raw recordings; all others are made from raw recordings.
    Raises DataError.
    """
    if data == "uci_har":
        return datasets.uci_har(folder, split, model.preprocess if source == "raw" else None)
    channels = [channel.name for channel in model.channels]
    window, hop = model.info.window, model.info.hop
    return datasets.SETS[data].windows(folder, split, channels, window, hop, model.preprocess)


def count(windows: Windows, found: NDArray[np.int64]) -> Evaluation:
    """The counts of some found classes [windows], -1 for unknown."""
    classes = len(windows.names)
    known = found >= 0
    cells = windows.labels[known] * classes + found[known]
    confusion = np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
    right = found == windows.labels
    by_person = {
        int(p): float(right[windows.people == p].mean()) for p in np.unique(windows.people)
    }
    return Evaluation(windows.names, confusion, int((~known).sum()), by_person)
