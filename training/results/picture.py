"""Confusion matrices as pictures."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from libhar.evaluate import Evaluation

matplotlib.use("Agg")
from matplotlib import pyplot

LARGEST_WITH_NUMBERS = 20


def confusion_matrices(path: Path, title: str, evaluations: dict[str, Evaluation]) -> None:
    """One square a precision, rows the true class, shaded by the share of the row."""
    names = next(iter(evaluations.values())).names
    side = 1.6 + 0.42 * len(names)
    figure, axes = pyplot.subplots(
        1, len(evaluations), figsize=(side * len(evaluations) + 1.2, side), layout="constrained"
    )
    for axis, (kind, evaluation) in zip(np.atleast_1d(axes), evaluations.items()):
        counts = evaluation.confusion
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_title(f"{kind.upper()}, accuracy {100 * evaluation.accuracy:.2f} %", fontsize=9)
        axis.set_xticks(range(len(names)), [_short(n) for n in names], rotation=90, fontsize=7)
        axis.set_yticks(range(len(names)), [_short(n) for n in names], fontsize=7)
        axis.set_xlabel("found", fontsize=8)
        if len(names) <= LARGEST_WITH_NUMBERS:
            _numbers(axis, counts, shares)
    np.atleast_1d(axes)[0].set_ylabel("true", fontsize=8)
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)


def _numbers(axis: pyplot.Axes, counts: np.ndarray, shares: np.ndarray) -> None:
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, str(count), ha="center", va="center", fontsize=6, color=color)


def _short(name: str) -> str:
    return name.lower().replace("_", " ")
