"""The recordings of HAPT packed in hapt.npz, as a folder named by HAR_DATA_DIR may hold them.

Arrays: data [rows, 6] float32 in the order of CHANNELS; exp [experiments, 4]: experiment, person,
first row, row after the last; labels [stretches, 5]: experiment, person, activity 1 to 12, first
and last sample within the recording (from 1, both inside).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.recordings.layout import (
    CHANNELS,
    Recording,
    Stretch,
    choose_experiment,
    spread_labels,
)


def read_recording(path: Path, experiment: int | None = None) -> Recording:
    """Experiment number `experiment`, by default the first one of a test person."""
    with np.load(path) as arrays:
        table, labels = arrays["exp"].tolist(), arrays["labels"].tolist()
        rows = {(number, person): (first, end) for number, person, first, end in table}
        chosen = choose_experiment(rows, experiment)
        first, end = rows[chosen]
        data = arrays["data"][first:end]
    if data.dtype != np.float32 or data.shape != (end - first, len(CHANNELS)):
        raise ValueError(
            f"{path}: data of experiment {chosen[0]} is {data.dtype} {data.shape}, "
            f"not float32 {(end - first, len(CHANNELS))}"
        )
    # The shortest text that reads back as the same float32.
    samples = [[str(value) for value in row] for row in data]
    stretches = [
        Stretch(activity, begin, last)
        for number, person, activity, begin, last in labels
        if (number, person) == chosen
    ]
    return Recording(*chosen, samples, spread_labels(len(samples), stretches, str(path)))
