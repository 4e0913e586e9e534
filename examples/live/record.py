"""A session in a file: every reading as it was given to the stream, in that order.

    # what `har run` needs to make the same labels, and what was refused: comments
    t_ns,sensor,x,y,z
    12000000,accelerometer,0.1,9.7,0.3

The values are the float32 that the stream got, in digits that give the same float32 back;
docs/csv-format.md describes the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from examples.live.readings import Reading

HEADER = ("t_ns", "sensor", "x", "y", "z")


class Recorder:
    """Writes one session. Raises FileExistsError where the file is there: nothing is lost."""

    def __init__(self, path: Path, about: str) -> None:
        self._file = path.open("x", encoding="utf-8", buffering=1 << 16)
        self._comment(about)
        self._file.write(",".join(HEADER) + "\n")

    def write(self, reading: Reading) -> None:
        """One row."""
        self._file.write(_row(reading) + "\n")

    def note(self, text: str, reading: Reading | None = None) -> None:
        """What the stream did not get: a comment, with the reading where there is one."""
        self._comment(f"refused: {text}" + (f": {_row(reading)}" if reading is not None else ""))

    def flush(self) -> None:
        """What was written so far is on its way to the disk."""
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _comment(self, text: str) -> None:
        self._file.write("# " + " ".join(text.split()) + "\n")


def path_for(path: Path, name: str, first: bool) -> Path:
    """The first phone's session is at `path`, each other one's beside it under the phone's name."""
    if first:
        return path
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)
    return path.with_name(f"{path.stem}.{safe}{path.suffix}")


def _row(reading: Reading) -> str:
    values = (str(np.float32(value)) for value in reading.values)
    return f"{reading.time_ns},{reading.sensor}," + ",".join(values)
