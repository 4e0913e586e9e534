"""What the students learn from: changed copies of the training windows, and the teachers' logits.

A lesson is one copy of all training windows, every window changed and mixed as in
`training.common.augment`, with what the teachers say of exactly these windows. Lessons are made
once and kept, as the teachers cost far more than a student; epoch e is taught lesson e modulo
their number, shuffled anew.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from libhar.datasets import Windows
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

from training.common.augment import Augmentation, augment, mix
from training.common.windows import crc32
from training.uci_har_cnn.data import LAYOUT
from training.uci_har_cnn.network import UciHarCnn, channels_last_logits

PART = 256
"""Windows that go through a teacher at once."""


@dataclass(frozen=True)
class Lesson:
    """One copy of all training windows."""

    signal: Tensor
    """float32 [N, 9, 128]."""
    targets: Tensor
    """float32 [N, 6]: shares of the labels, as mixed."""
    teacher: Tensor
    """float32 [N, 6]: the mean of the teachers' logits."""


def load_teacher(path: Path) -> UciHarCnn:
    """The trained network of training/uci_har_cnn in an ONNX file."""
    weights = {
        weight.name: torch.from_numpy(numpy_helper.to_array(weight).copy())
        for weight in onnx.load(path).graph.initializer
    }
    network = UciHarCnn()
    for name, value in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            weights[name] = value
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{path} is no UciHarCnn: {error}") from error
    return network.eval()


class Lessons:
    """`count` lessons, their teachers' logits kept in `folder`."""

    def __init__(
        self,
        windows: Windows,
        teachers: Sequence[Path],
        strength: Augmentation,
        count: int,
        folder: Path,
    ) -> None:
        self.windows, self.strength, self.count, self.folder = windows, strength, count, folder
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.signal = torch.from_numpy(windows.signal).transpose(1, 2).contiguous().to(device)
        labels = torch.from_numpy(windows.labels).to(device)
        self.targets = functional.one_hot(labels, len(windows.names)).to(self.signal.dtype)
        self.teachers = list(teachers)
        self.crc32 = zlib.crc32(repr((crc32(windows), asdict(strength))).encode())
        for path in self.teachers:
            self.crc32 = zlib.crc32(path.read_bytes(), self.crc32)
        folder.mkdir(parents=True, exist_ok=True)

    def prepare(self) -> None:
        """Makes the lessons that are not there yet."""
        absent = [n for n in range(self.count) if not self._path(n).exists()]
        teachers = [load_teacher(path).to(self.signal.device) for path in self.teachers]
        for done, number in enumerate(absent, 1):
            signal, _ = self._copy(number)
            with torch.inference_mode():
                logits = torch.cat(
                    [
                        torch.stack([channels_last_logits(t, part) for t in teachers]).mean(0)
                        for part in torch.split(signal, PART)
                    ]
                )
            fresh = self._path(number).with_suffix(".part.npy")
            np.save(fresh, logits.cpu().numpy())
            os.replace(fresh, self._path(number))
            print(f"lesson {number} ({done} of {len(absent)})", flush=True)

    def __getitem__(self, number: int) -> Lesson:
        signal, targets = self._copy(number)
        teacher = torch.from_numpy(np.load(self._path(number))).to(signal.device)
        return Lesson(signal, targets, teacher)

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.crc32:08x}_{number:03d}.npy"

    def _copy(self, number: int) -> tuple[Tensor, Tensor]:
        """The changed windows of a lesson, always the same, and their targets."""
        rng = np.random.default_rng(number)
        signal = augment(self.signal, LAYOUT, self.strength, rng)
        return mix(signal, self.targets, self.strength.mixup, rng)
