"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar.evaluate import Evaluation
from libhar.plot.canvas import new_figure, styled, words

LARGEST_WITH_NUMBERS = 20
CELL, BESIDE = 0.42, 1.7
"""In inches: the side of a cell, and room for the names of the classes."""
DARK = 0.6
"""The share from which on white is easier to read than black."""


@styled
def confusion_matrices(title: str, evaluations: Mapping[str, Evaluation]) -> Any:
    """One square for each evaluation, by its name; rows the true class, shaded by the share of the
    row, so that the diagonal shows recall."""
    names = next(iter(evaluations.values())).names
    side = CELL * len(names)
    width = max((side + 0.4) * len(evaluations) + BESIDE, 0.09 * len(title))
    figure = new_figure(width, side + BESIDE)
    squares = figure.subplots(1, len(evaluations), squeeze=False)[0]
    for axes, (kind, evaluation) in zip(squares, evaluations.items(), strict=True):
        _square(axes, evaluation)
        axes.set_title(f"{kind}, accuracy {100 * evaluation.accuracy:.2f} %")
    squares[0].set_ylabel("true")
    for axes in squares[1:]:
        axes.set_yticklabels([])
    figure.suptitle(title)
    return figure


def _square(axes: Any, evaluation: Evaluation) -> None:
    counts, names = evaluation.confusion, [words(name) for name in evaluation.names]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlabel("found")
    if len(names) <= LARGEST_WITH_NUMBERS:
        _numbers(axes, counts, shares)


def _numbers(axes: Any, counts: NDArray[np.int64], shares: NDArray[np.float64]) -> None:
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if shares[row, column] > DARK else "black"
            axes.text(column, row, str(count), ha="center", va="center", fontsize=6, color=color)
