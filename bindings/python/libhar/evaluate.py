"""How good a model is: labels by the C library, counted against the true ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import datasets
from libhar.bootstrap import Intervals, f1_of, over_people
from libhar.datasets import Windows
from libhar.model import Model
from libhar.reliability import Bin, bins_of, calibration_error

Z_95 = 1.959963984540054
"""The 97.5th percentile of the standard normal law."""


@dataclass(frozen=True)
class Evaluation:
    """Counts of one model on one set of windows. `confusion` is [true class, found class]."""

    names: tuple[str, ...]
    confusion: NDArray[np.int64]
    unknown: int
    by_person: dict[int, float]
    tallies: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    """By person, [true class, found class or, last, unknown]."""
    bins: tuple[Bin, ...] = ()
    """Of confidence, where scores were there to count."""

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
        return f1_of(self.confusion)

    @property
    def macro_f1(self) -> float:
        return float(self.f1.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.correct, self.windows)

    @property
    def calibration_error(self) -> float | None:
        """The expected calibration error; None without scores."""
        return calibration_error(self.bins) if self.bins else None

    def intervals(self) -> Intervals:
        """What other people like these would give. Raises ValueError without tallies."""
        return over_people(list(self.tallies.values()))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        ece = {"ece": self.calibration_error} if self.bins else {}
        return {
            "windows": self.windows,
            "correct": self.correct,
            "unknown": self.unknown,
            "accuracy": self.accuracy,
            "accuracy_interval_95": list(self.interval),
            "macro_f1": self.macro_f1,
            **ece,
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
            *([f"ECE       {self.calibration_error:.4f}"] if self.bins else []),
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


def wilson(right: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share `right` of `n`, 1 or more (E. B. Wilson, 1927)."""
    p, z = right / n, Z_95
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
    return middle - half, middle + half


def check_labels(model: Model, windows: Windows) -> None:
    """Raises ValueError where class numbers of the model and of the data mean other classes."""
    if model.labels != windows.names:
        raise ValueError(f"the model's labels are {model.labels}, the data's {windows.names}")


def evaluate(model: Model, windows: Windows) -> Evaluation:
    """Classifies every window with the C library. Raises ValueError where labels do not fit."""
    check_labels(model, windows)
    scores, found = model.classify(windows.signal)
    return count(windows, found.astype(np.int64), scores)


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


def count(
    windows: Windows, found: NDArray[np.int64], scores: NDArray[np.float32] | None = None
) -> Evaluation:
    """The counts of some found classes [windows], -1 for unknown, and of their `scores`
    [windows, classes] where they are given."""
    classes = len(windows.names)
    columns = np.where(found < 0, classes, found)
    tallies: dict[int, NDArray[np.int64]] = {}
    for person in np.unique(windows.people):
        chosen = windows.people == person
        cells = windows.labels[chosen] * (classes + 1) + columns[chosen]
        counts = np.bincount(cells, minlength=classes * (classes + 1))
        tallies[int(person)] = counts.reshape(classes, classes + 1)
    total = np.sum(list(tallies.values()), axis=0)
    return Evaluation(
        windows.names,
        total[:, :classes],
        int(total[:, classes].sum()),
        {person: float(np.trace(t) / t.sum()) for person, t in tallies.items()},
        tallies,
        () if scores is None else bins_of(scores, windows.labels),
    )
