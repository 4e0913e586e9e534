"""Recordings that the tests send, and the labels that `har run` makes of them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from libhar.datasets import data_folder, hapt_recordings
from numpy.typing import NDArray

from examples.live.session import Label

ROOT = Path(__file__).resolve().parents[2]
HAPT_TEST_EXPERIMENTS = (3, 7)
"""Of persons 2 and 4."""

AXES = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")

ShownLabel = tuple[str, float, int]
"""Name, confidence, end of the window in nanoseconds."""


@cache
def simulated() -> NDArray[np.float32]:
    """The simulated recording of the tree: [rows, 6] in g and rad/s, 50 Hz."""
    path = ROOT / "examples" / "recordings" / "simulated.csv"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return np.array([[row[axis] for axis in AXES] for row in csv.DictReader(lines)], np.float32)


def labels_of(labels: Iterable[Label]) -> list[ShownLabel]:
    events = [label.event for label in labels]
    return [(event.name, event.confidence, event.t_end_ns) for event in events]


def har_labels(program: Path, model: Path, recording: Path, preset: str) -> list[ShownLabel]:
    """What `har run --source` makes of a recorded session."""
    words = [program, "run", model, recording, "--source", preset, "--json"]
    shown = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    events = [json.loads(line) for line in shown.stdout.splitlines()]
    return [
        (event["name"], float(np.float32(event["confidence"])), event["t_end_ns"])
        for event in events
    ]


def walked(people: int) -> list[NDArray[np.float32]]:
    """Two minutes of each of some people no model was trained on, [rows, 6] as `simulated`.

    Raw HAPT where HAR_DATA_DIR is set; else pieces of the simulated recording.
    """
    if not os.environ.get("HAR_DATA_DIR"):
        return [np.roll(simulated(), 900 * number, axis=0) for number in range(people)]
    every = hapt_recordings(data_folder(None))
    return [every[HAPT_TEST_EXPERIMENTS[number]][4000:10_000] for number in range(people)]
