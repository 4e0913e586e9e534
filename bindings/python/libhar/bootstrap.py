"""How sure a figure is of people who were not measured: a bootstrap over people.

Windows of one person resemble each other, so that whole people are drawn, with replacement (the
cluster bootstrap; Davison and Hinkley, "Bootstrap Methods and their Application", 1997, 3.8), and
an interval reaches from the 2.5th to the 97.5th percentile of the figure over the draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
SEED = 0
FEW_PEOPLE = 5
"""With fewer there are too few different draws for percentiles of them to mean 95 %."""
PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Intervals:
    """Low and high end of every figure; `f1` is [classes, 2], NaN for a class that no draw has."""

    accuracy: tuple[float, float]
    macro_f1: tuple[float, float]
    f1: NDArray[np.float64]
    kind: str
    """In words: of how many people, draws, which seed."""


def f1_of(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 [..., classes] of counts [..., true class, found class]; 0 for a class that neither
    occurs nor is found."""
    true, found = confusion.sum(axis=-1), confusion.sum(axis=-2)
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return np.asarray(2 * hits / np.maximum(true + found, 1))


def over_people(
    tallies: Sequence[NDArray[np.int64]], draws: int = DRAWS, seed: int = SEED
) -> Intervals:
    """95 % intervals from the counts of every person.

    A tally is [true class, found class or, last, unknown]. A draw in which a class does not occur
    says nothing of its F1 and is left out of it. Raises ValueError where there is nobody.
    """
    if not tallies:
        raise ValueError("0 people have no interval, there must be 1 or more")
    people = len(tallies)
    counts = np.stack(tallies).astype(np.int64)
    weights = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), draws)
    drawn = np.einsum("dp,pij->dij", weights, counts)
    confusion = drawn[:, :, :-1]
    right = np.trace(confusion, axis1=1, axis2=2)
    f1 = np.where(drawn.sum(axis=2) > 0, f1_of(confusion), np.nan)
    few = " (too few to speak for others)" if people < FEW_PEOPLE else ""
    return Intervals(
        _ends(right / drawn.sum(axis=(1, 2))),
        _ends(np.nanmean(f1, axis=1)),
        np.array([_ends(of_class) for of_class in f1.T]),
        f"95 %, bootstrap over {people} people{few}, {draws} draws, seed {seed}",
    )


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.percentile(known, PERCENTILES)
    return float(low), float(high)
