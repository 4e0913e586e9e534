"""The split that many papers report: windows at random, not people.

Windows of one person stand on both sides, half overlapping with their neighbours, so its figures
say little about a person never seen. It is here to be compared with those papers, and every figure
from it says what it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from libhar.datasets._recording import Windows

TEST_SHARE = 0.2


def random_split(windows: Windows, seed: int = 0) -> tuple[Windows, Windows]:
    """Four fifths of the windows to train on and one fifth to test on, drawn evenly."""
    order = np.random.default_rng(seed).permutation(len(windows))
    test = round(TEST_SHARE * len(windows))
    return windows[np.sort(order[test:])], windows[np.sort(order[:test])]


def oversample(windows: Windows, seed: int = 0) -> Windows:
    """Copies windows, drawn evenly, until every class that occurs has as many as the largest.

    Done before `random_split`, as in some papers, copies of one window land on both sides: the
    figures of rare classes are then those of windows trained on.
    """
    rng = np.random.default_rng(seed)
    counts = np.bincount(windows.labels)
    chosen: list[NDArray[np.int64]] = []
    for label in np.flatnonzero(counts):
        own = np.flatnonzero(windows.labels == label)
        chosen += [own, rng.choice(own, int(counts.max() - len(own)))]
    return windows[np.concatenate(chosen)]
