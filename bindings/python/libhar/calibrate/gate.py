"""The still gate's tolerances: as wide as the labels of skipped windows allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.calibrate.folds import Walk
from libhar.reference.gate import StillGate, summary

AGREEMENT = 0.998
"""The least share of skipped windows whose own label is the one that was repeated."""
AT_REST = 20.0
"""Percentile of a column's spread over windows that tells how much it moves at rest."""
TOLERANCES = (0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16)
"""Tried, as multiples of the spread at rest."""
STILL_BELOW = (3, 6, 10, 16, 30)
"""Likewise."""
CONFIDENT = (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998)
DIGITS = 3


@dataclass(frozen=True)
class GateFit:
    """A gate, and what it did on what it was fitted on."""

    gate: schema.Gate
    windows: int
    skipped: int
    agreed: int

    @property
    def agreement(self) -> float:
        return self.agreed / max(self.skipped, 1)


@dataclass(frozen=True)
class _Steps:
    """A recording window by window: summaries [windows, 2, columns], labels, confidence."""

    summaries: NDArray[np.float64]
    labels: NDArray[np.int64]
    largest: NDArray[np.float64]


def fit_gate(folds: Sequence[Sequence[Walk]], temperature: float, most_skipped: int) -> GateFit:
    """The gate that skips most windows while in every fold at least AGREEMENT of the skipped have
    the label that is repeated, among multiples of each column's spread at rest.

    `folds` are the recordings of each fold. Raises ValueError where no gate does.
    """
    steps = [[_steps(walk, temperature) for walk in walks] for walks in folds]
    spreads = np.concatenate([s.summaries[:, 1] for fold in steps for s in fold])
    rest = np.percentile(spreads, AT_REST, axis=0)
    best: GateFit | None = None
    for confident, still, tolerance in product(CONFIDENT, STILL_BELOW, TOLERANCES):
        gate = schema.Gate(
            tolerance=_rounded(tolerance * rest),
            still_below=_rounded(still * rest),
            most_skipped=most_skipped,
            confident=confident,
        )
        fits = [try_gate(gate, fold) for fold in steps]
        skipped = sum(fit.skipped for fit in fits)
        enough = all(fit.agreement >= AGREEMENT for fit in fits if fit.skipped)
        if enough and skipped > (best.skipped if best else 0):
            windows, agreed = sum(f.windows for f in fits), sum(f.agreed for f in fits)
            best = GateFit(gate, windows, skipped, agreed)
    if best is None:
        raise ValueError(f"no gate skips windows of which {AGREEMENT:.1%} keep their label")
    return best


def try_gate(gate: schema.Gate, steps: Sequence[_Steps]) -> GateFit:
    """What a gate does on some recordings."""
    skipped = agreed = 0
    for recording in steps:
        state = StillGate(gate)
        computed = -1
        for i, now in enumerate(recording.summaries):
            if state.skips_summary(now):
                skipped += 1
                agreed += int(recording.labels[i] == recording.labels[computed])
            else:
                computed = i
                state.trust(recording.largest[i])
    return GateFit(gate, sum(len(s.labels) for s in steps), skipped, agreed)


def _steps(walk: Walk, temperature: float) -> _Steps:
    from scipy.special import softmax

    probabilities = softmax(walk.logits / temperature, axis=1)
    return _Steps(
        np.stack([summary(window) for window in walk.windows]),
        walk.logits.argmax(axis=1),
        probabilities.max(axis=1),
    )


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """To DIGITS digits, so that a spec can state them."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values], "<f4")
