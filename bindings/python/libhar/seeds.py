"""What several seeds of one training, or draws of one chance, say together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def mean_and_interval(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The mean of some seeds, and Student's 95 % interval of it: nothing but the seed varies.

    What other test windows would give is Wilson's interval, in every seed's figures. Needs SciPy.
    """
    from scipy import stats

    mean = float(np.mean(values))
    if len(values) < 2:
        raise ValueError(f"{len(values)} seeds have no interval, there must be 2 or more")
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    half = float(stats.t.ppf(0.975, len(values) - 1)) * error
    return mean, (mean - half, mean + half)
