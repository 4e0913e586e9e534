"""The deletion test: without the columns that a map calls salient, a network errs more often than
without as many others (Samek et al., IEEE Transactions on Neural Networks 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar.datasets import Windows
from libhar.evaluate import wilson
from libhar.model import Model
from libhar.saliency.maps import Report
from libhar.seeds import mean_and_interval

DRAWS = 30
SEED = 0
PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Deletion:
    """Accuracy by how many columns were taken away, from `counts`."""

    windows: int
    counts: tuple[int, ...]
    all: float
    """With every column."""
    salient: NDArray[np.float64]
    """[counts], without the most salient columns."""
    least: NDArray[np.float64]
    """[counts], without the least salient."""
    random: NDArray[np.float64]
    """[draws, counts], without as many drawn at random."""

    @property
    def random_mean(self) -> NDArray[np.float64]:
        return np.asarray(self.random.mean(axis=0))

    @property
    def random_range(self) -> NDArray[np.float64]:
        """[2, counts], the middle 95 % of the draws."""
        return np.asarray(np.percentile(self.random, PERCENTILES, axis=0))

    @property
    def gap(self) -> NDArray[np.float64]:
        """[draws, counts], how much more the salient columns hurt than each draw."""
        return np.asarray(self.random - self.salient)

    @property
    def gap_of_curve(self) -> NDArray[np.float64]:
        """[draws], the same over the whole curve: the mean over `counts`."""
        return np.asarray(self.gap.mean(axis=1))

    def as_dict(self) -> dict[str, Any]:
        low, high = self.random_range
        curve, ends = mean_and_interval(self.gap_of_curve.tolist())
        gap_low, gap_high = np.percentile(self.gap, PERCENTILES, axis=0)
        return {
            "windows": self.windows,
            "draws": len(self.random),
            "seed": SEED,
            "accuracy": self.all,
            "gap_of_curve": curve,
            "gap_of_curve_interval_95": list(ends),
            "gap_of_curve_95_of_draws": np.percentile(self.gap_of_curve, PERCENTILES).tolist(),
            "draws_that_hurt_less": int((self.gap_of_curve > 0).sum()),
            "without": [
                {
                    "columns": count,
                    "most_salient": float(self.salient[i]),
                    "most_salient_interval_95": list(
                        wilson(self.salient[i] * self.windows, self.windows)
                    ),
                    "least_salient": float(self.least[i]),
                    "random": float(self.random_mean[i]),
                    "random_95_of_draws": [float(low[i]), float(high[i])],
                    "gap": float(self.gap[:, i].mean()),
                    "gap_95_of_draws": [float(gap_low[i]), float(gap_high[i])],
                    "draws_that_hurt_less": int((self.gap[:, i] > 0).sum()),
                }
                for i, count in enumerate(self.counts)
            ],
        }


def deletion(
    model: Model,
    windows: Windows,
    ranking: NDArray[np.int64],
    means: NDArray[np.floating[Any]],
    counts: Sequence[int],
    draws: int = DRAWS,
    report: Report = lambda _: None,
) -> Deletion:
    """Takes columns away, most salient first, and counts by the C library what is still right.

    A column that is taken away has its value of `means` [columns] everywhere, that of the windows
    the ranking is from: it says nothing any more. Raises ValueError for counts that no column is
    left of.
    """
    columns = len(ranking)
    if not counts or min(counts) < 1 or max(counts) >= columns:
        raise ValueError(f"counts are {list(counts)}, must be 1 to {columns - 1}")
    rng = np.random.default_rng(SEED)
    orders = [ranking, ranking[::-1], *(rng.permutation(columns) for _ in range(draws))]
    found = np.empty((len(orders), len(counts)))
    for row, order in enumerate(orders):
        for place, count in enumerate(counts):
            found[row, place] = accuracy_without(model, windows, order[:count], means)
        report(f"deletion: {row + 1} of {len(orders)} orders of columns")
    whole = accuracy_without(model, windows, ranking[:0], means)
    return Deletion(len(windows), tuple(counts), whole, found[0], found[1], found[2:])


def accuracy_without(
    model: Model,
    windows: Windows,
    gone: NDArray[np.int64],
    means: NDArray[np.floating[Any]],
) -> float:
    """The share that is right with the columns `gone` at their means."""
    signal = windows.signal.copy()
    signal[:, :, gone] = means[gone]
    _, found = model.classify(signal)
    return float((found == windows.labels).mean())


def counts_of(columns: int) -> tuple[int, ...]:
    """How many to take away where nobody says: 1, 2, 5, 10, 20, ... up to half of all, and the
    half."""
    steps = [base * 10**power for power in range(4) for base in (1, 2, 5)]
    half = columns // 2
    return tuple(sorted({*(step for step in steps if step < half), half}))
