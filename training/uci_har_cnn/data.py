"""The training windows of UCI HAR.

What is loaded here are the official *training* windows and nothing else: `Windows` refuses to hold
one of a test person.

Source: Anguita et al., "A Public Domain Dataset for Human Activity Recognition Using
Smartphones", ESANN 2013 (UCI HAR Dataset v1.0, CC BY 4.0).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from libhar import Model, datasets, flat, schema
from libhar.convert.spec import load_spec
from libhar.datasets import WINDOW, Preprocess
from numpy.typing import NDArray

CHANNELS = (
    *("total_acc_x", "total_acc_y", "total_acc_z"),
    *("body_acc_x", "body_acc_y", "body_acc_z"),
    *("body_gyro_x", "body_gyro_y", "body_gyro_z"),
)
LABELS = datasets.UCI_LABELS
TEST_PEOPLE = frozenset({2, 4, 9, 10, 12, 13, 18, 20, 24})
TRAINING_PEOPLE = frozenset(range(1, 31)) - TEST_PEOPLE


@dataclass(frozen=True)
class Windows:
    """Labelled windows of training people.

    signal: float32 [N, 128, 9] in the order of CHANNELS; accelerations in g, rates in rad/s.
    labels: int64 [N], 0..5, the index into LABELS.
    subjects: int64 [N], the person of each window, one of TRAINING_PEOPLE.
    """

    signal: NDArray[np.float32]
    labels: NDArray[np.int64]
    subjects: NDArray[np.int64]

    def __post_init__(self) -> None:
        count = len(self.labels)
        if self.signal.shape != (count, WINDOW, len(CHANNELS)) or self.subjects.shape != (count,):
            raise ValueError(
                f"signal {self.signal.shape}, labels {self.labels.shape} and subjects "
                f"{self.subjects.shape} do not describe the same windows of "
                f"{WINDOW} samples of {len(CHANNELS)} channels"
            )
        if not np.isfinite(self.signal).all():
            raise ValueError("signal holds NaN or infinity")
        if count and not (self.labels.min() >= 0 and self.labels.max() < len(LABELS)):
            raise ValueError(
                f"labels span {self.labels.min()}..{self.labels.max()}, not 0..{len(LABELS) - 1}"
            )
        strangers = set(self.subjects.tolist()) - TRAINING_PEOPLE
        if strangers:
            raise ValueError(f"subjects {sorted(strangers)} are not training people")

    def __len__(self) -> int:
        return len(self.labels)

    def crc32(self) -> int:
        """A fingerprint, so that a run is only ever resumed on the windows it began with."""
        crc = 0
        for part in (self.signal, self.labels, self.subjects):
            crc = zlib.crc32(np.ascontiguousarray(part).tobytes(), crc)
        return crc

    def split_people(self, held_out: Sequence[int]) -> tuple[Windows, Windows]:
        """The windows without the people `held_out`, and theirs."""
        absent = set(held_out) - set(self.subjects.tolist())
        if absent:
            raise ValueError(f"holdout {sorted(absent)} are not people of these windows")
        theirs = np.isin(self.subjects, list(held_out))
        return self._where(~theirs), self._where(theirs)

    def _where(self, chosen: NDArray[np.bool_]) -> Windows:
        return Windows(self.signal[chosen], self.labels[chosen], self.subjects[chosen])


def training_windows(folder: Path, preprocess: Preprocess | None = None) -> Windows:
    """The official training windows below `folder`, which is laid out as `libhar.datasets` says.

    With `preprocess` they are computed by those signal steps from the raw recordings, one whole
    recording at a time, where the folder holds them; the original archive holds windows alone.
    """
    has_recordings = (folder / "hapt.npz").is_file()
    found = datasets.uci_har(folder, "train", preprocess if has_recordings else None)
    return Windows(found.signal, found.labels, found.people)


def signal_steps(spec: Path) -> Preprocess:
    """The signal steps of a spec, run by the C library."""
    description = load_spec(spec)
    front = Model(flat.encode(schema.Model(name=description.name, signal=description.signal)))
    return front.preprocess
