"""LiteRT with its XNNPACK delegate, one thread, through its Python binding: the wheel exports no C
entry of the interpreter."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import ai_edge_litert
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from libhar import flat

from bench.contender import Contender, Floats, Network, Precision, PythonCall
from bench.ours import har_file
from bench.peers.tflite_file import TfliteFile, trivial_file


def library() -> Path:
    """The shared library with the runtime that the wheel ships."""
    return Path(ai_edge_litert.__file__).parent / "libpywrap_litert_common.so"


def _interpreter(path: Path) -> Interpreter:
    made = Interpreter(model_path=str(path), num_threads=1)
    made.allocate_tensors()
    return made


class LitertRunner:
    """An interpreter; its delegate is on by default."""

    def __init__(self, path: Path, trivial: Path) -> None:
        self._made = _interpreter(path)
        self._trivial = _interpreter(trivial)
        self._entry = self._made.get_input_details()[0]["index"]
        self._exit = self._made.get_output_details()[0]["index"]
        self.call = PythonCall(self._made.invoke, self._trivial.invoke)

    def set_input(self, window: Floats) -> None:
        self._made.set_tensor(self._entry, window[None, None])

    def output(self) -> Floats:
        return np.array(self._made.get_tensor(self._exit)[0], np.float32)


def _file(network: Network, precision: Precision, folder: Path) -> Path:
    path = folder / f"{network.name}_{precision}.tflite"
    if not path.exists():
        model = flat.load(har_file(network, "fp32", folder))
        TfliteFile(model, network.samples, precision).save(path)
    return path


def _load(network: Network, precision: Precision, folder: Path) -> LitertRunner:
    trivial = folder / f"trivial_{network.rows}x{network.columns}.tflite"
    if not trivial.exists():
        trivial_file(trivial, network.rows, network.columns)
    return LitertRunner(_file(network, precision, folder), trivial)


def contenders() -> list[Contender]:
    """One: its choice of kernels is its own."""
    version = importlib.metadata.version("ai-edge-litert")
    return [Contender("LiteRT", version, _load, model_file=_file, libraries=(library(),))]
