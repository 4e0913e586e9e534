"""Arrays that a command is given: .npz files, as numpy.savez writes them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class ArraysError(ValueError):
    """The file holds other arrays than it must, or none."""


class Npz:
    """An .npz file; `names` are those of its arrays, which are read one at a time. What is wrong
    with one is told with the names of the file and the array. Raises OSError, ArraysError."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self.path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ArraysError(f"{path} is no whole .npz file, as numpy.savez writes it")
            with zipfile.ZipFile(file) as members:
                stored = [name for name in members.namelist() if name.endswith(".npy")]
        if not stored:
            raise ArraysError(f"{path} holds no array")
        self.names = tuple(name.removesuffix(".npy") for name in stored)

    def array(self, name: str) -> NDArray[Any]:
        """An array of numbers or of texts."""
        if name not in self.names:
            raise ArraysError(f"{self.path} lacks {name!r}, it holds {', '.join(self.names)}")
        try:
            with np.load(self.path, allow_pickle=False) as stored:
                return np.asarray(stored[name])
        except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            text = f"{self.path}: {name} is damaged, or holds objects where numbers must be"
            raise ArraysError(text) from error

    def numbers(self, name: str, shape: Sequence[int | str]) -> NDArray[np.float32]:
        """An array of numbers; `shape` gives its lengths, those that are free as words."""
        found = self.array(name)
        if found.dtype.kind not in "biuf":
            raise ArraysError(f"{self.path}: {name} holds {found.dtype}, must hold numbers")
        wrong = [n for n, m in zip(found.shape, shape) if isinstance(m, int) and n != m]
        if found.ndim != len(shape) or wrong:
            wanted = ", ".join(map(str, shape))
            raise ArraysError(f"{self.path}: {name} has shape {found.shape}, must be [{wanted}]")
        return found.astype(np.float32)
