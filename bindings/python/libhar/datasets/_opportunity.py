"""OPPORTUNITY: 113 channels of worn sensors, 30 Hz, 17 gestures and the null class.

Source: Chavarriaga et al., "The Opportunity challenge: A benchmark database for on-body
sensor-based activity recognition", Pattern Recognition Letters 34 (2013). Layout of the original
archive, from its column_names.txt: dataset/S1-Drill.dat and S1-ADL1.dat to S4-ADL5.dat, lines of
250 numbers, NaN where a sensor was silent. Columns (from 1): 1 time in ms; 2 to 37 twelve
accelerometers; 38 to 102 five inertial units of 13 columns, the last four a quaternion; 103 to 134
two shoes of 16 columns; 135 to 243 objects; 244 to 250 labels, 250 the gesture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from libhar.datasets._files import table
from libhar.datasets._recording import SPLITS, DataError, Recording, runs

_GESTURES = {
    0: "NULL",
    406516: "OPEN_DOOR_1",
    406517: "OPEN_DOOR_2",
    404516: "CLOSE_DOOR_1",
    404517: "CLOSE_DOOR_2",
    406520: "OPEN_FRIDGE",
    404520: "CLOSE_FRIDGE",
    406505: "OPEN_DISHWASHER",
    404505: "CLOSE_DISHWASHER",
    406519: "OPEN_DRAWER_1",
    404519: "CLOSE_DRAWER_1",
    406511: "OPEN_DRAWER_2",
    404511: "CLOSE_DRAWER_2",
    406508: "OPEN_DRAWER_3",
    404508: "CLOSE_DRAWER_3",
    408512: "CLEAN_TABLE",
    407521: "DRINK_FROM_CUP",
    405506: "TOGGLE_SWITCH",
}
OPPORTUNITY_LABELS = tuple(_GESTURES.values())

_COLUMNS = 250
_QUATERNIONS = {first + i for first in (46, 59, 72, 85, 98) for i in range(4)}
_CHANNELS = [column for column in range(1, 134) if column not in _QUATERNIONS]
"""Counted from 0: what is worn, without time, quaternions and objects; 113 columns."""

_RUNS = ("Drill", "ADL1", "ADL2", "ADL3", "ADL4", "ADL5")
_TEST = frozenset({(2, "ADL4"), (2, "ADL5"), (3, "ADL4"), (3, "ADL5")})
"""The challenge's own: runs 4 and 5 of people 2 and 3; the rest of people 1 to 3 is trained on."""


def opportunity(folder: Path, split: str) -> list[Recording]:
    """The recordings of one split of the challenge, [rows, 113]. Raises DataError.

    Values are those of the archive, in its own units. A missing value is interpolated linearly in
    time, at the ends the nearest one is held; a channel that is silent throughout is 0.
    """
    if split not in SPLITS:
        raise DataError(f"split is {split!r}, must be one of {', '.join(SPLITS)}")
    for root in (folder / "dataset", folder / "OpportunityUCIDataset" / "dataset"):
        if root.is_dir():
            break
    else:
        raise DataError(f"{folder} does not hold the folder 'dataset' of OPPORTUNITY")
    return [
        _recording(root / f"S{person}-{run}.dat", person)
        for person in (1, 2, 3)
        for run in _RUNS
        if ((person, run) in _TEST) == (split == "test")
    ]


def _recording(path: Path, person: int) -> Recording:
    rows = table(path, columns=_COLUMNS)
    codes = rows[:, _COLUMNS - 1].astype(np.int64)
    unknown = set(codes.tolist()) - _GESTURES.keys()
    if unknown:
        raise DataError(f"{path}: gestures {sorted(unknown)} are not of the archive's legend")
    order = list(_GESTURES)
    labels = np.array([order.index(code) for code in codes.tolist()], np.int64)
    signal = np.column_stack([_filled(rows[:, column]) for column in _CHANNELS])
    return Recording(person, signal.astype(np.float32), tuple(runs(labels)))


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros_like(values)
    return np.interp(np.arange(len(values)), known, values[known])
