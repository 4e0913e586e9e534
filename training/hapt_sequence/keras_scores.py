"""What Keras computed for every test window of HAPT: kept beside its network, to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNIT = 2.0**-22
"""Probabilities are kept as multiples of it, which is an error of 1.2e-7 and packs to a third."""


@dataclass(frozen=True)
class KerasScores:
    """Probabilities [windows, 12] of the test windows in their order, and who computed them."""

    probabilities: NDArray[np.float64]
    version: str
    """As "Keras 3.15.1, tensorflow"."""


def save(path: Path, scores: KerasScores) -> None:
    units = np.rint(scores.probabilities / UNIT).astype(np.uint32)
    np.savez_compressed(path, units=units, version=np.array(scores.version))


def load(path: Path) -> KerasScores:
    with np.load(path) as kept:
        return KerasScores(kept["units"] * UNIT, str(kept["version"]))
