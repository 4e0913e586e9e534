"""What is timed: a network loaded by one runtime, ready to be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Precision = Literal["fp32", "int8"]


class Absent(Exception):
    """A contender that cannot take part; the text says why."""


@dataclass(frozen=True)
class Network:
    """One network of the bench, with random weights, and inputs for calibration and checks."""

    name: str
    module: torch.nn.Module
    """Takes float32 [1, columns, rows], gives [1, 6]; in eval mode."""
    rows: int
    columns: int
    onnx: Path
    samples: Floats
    """[n, rows, columns], standard normal."""


@dataclass(frozen=True)
class NativeCall:
    """A C function and up to eight arguments, pointers or sizes: timed without Python."""

    function: int
    arguments: tuple[int, ...]


@dataclass(frozen=True)
class PythonCall:
    """A call that has no C entry. `trivial` makes the same call on a network that only passes its
    input on: what it takes is the binding's own and is subtracted, in the peer's favour."""

    function: Callable[[], object]
    trivial: Callable[[], object]


class Runner(Protocol):
    """A loaded network. Inputs and outputs are the caller's order: rows are time steps."""

    @property
    def call(self) -> NativeCall | PythonCall:
        """What is timed."""

    def set_input(self, window: Floats) -> None:
        """[rows, columns]"""

    def output(self) -> Floats:
        """[6]: what the last call computed; logits or probabilities, as `gives` says."""


@dataclass(frozen=True)
class Contender:
    """A runtime. `load` may raise Absent; files it makes go to the folder it is given."""

    name: str
    version: str
    load: Callable[[Network, Precision, Path], Runner]
    gives: Literal["logits", "probabilities"] = "logits"
    model_file: Callable[[Network, Precision, Path], Path] | None = None
    """The file that `load` made, for its size."""
    libraries: tuple[Path, ...] = field(default=())
    """The shared libraries that an app would ship."""
