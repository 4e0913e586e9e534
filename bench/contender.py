"""What is timed: a network opened by one runtime, ready to be called."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float32]
Precision = Literal["fp32", "int8"]
Limit = Literal["", "avx2"]

CLASSES = 6


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
    then: NativeCall | None = None
    """Called right after it, and timed with it."""

    def once(self) -> None:
        """Calls it without taking the time."""
        kinds = [ctypes.c_size_t] * len(self.arguments)
        ctypes.CFUNCTYPE(ctypes.c_size_t, *kinds)(self.function)(*self.arguments)
        if self.then:
            self.then.once()


@dataclass(frozen=True)
class PythonCall:
    """A call that has no C entry. `trivial` makes the same call on a network that only passes its
    input on: what it takes is the binding's own and is subtracted, in the peer's favour."""

    function: Callable[[], object]
    trivial: Callable[[], object]

    def once(self) -> None:
        """Calls it without taking the time."""
        self.function()


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
    """A runtime. `make` and `open` may raise Absent. `runtime` and `open` go to a fresh process
    too: they can be pickled, and their module imports nothing that makes networks."""

    name: str
    version: str
    make: Callable[[Network, Precision, Path], tuple[Path, ...]]
    """The files of a network in a folder, written once; the first is the one to open."""
    runtime: Callable[[], object]
    """Loads the runtime without a network; again, it does nothing."""
    open: Callable[[Path, int, int], Runner]
    """Opens a file of a network of so many rows and columns."""
    gives: Literal["logits", "probabilities"] = "logits"
    libraries: tuple[Path, ...] = ()
    """The shared libraries that an app would ship."""
    limit: Limit = ""
    """What it is held to, where it does not use all that the processor has."""
    hop: int = 0
    """Samples between windows that overlap; 0: every window is a new one."""

    def load(self, network: Network, precision: Precision, folder: Path) -> Runner:
        """Makes what is missing and opens it."""
        file = self.make(network, precision, folder)[0]
        self.runtime()
        return self.open(file, network.rows, network.columns)
