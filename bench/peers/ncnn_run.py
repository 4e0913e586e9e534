"""ncnn through its Python binding, one thread, FP32."""

from __future__ import annotations

from pathlib import Path

import ncnn
import numpy as np

from bench.contender import Floats, PythonCall


def runtime() -> object:
    """What the import loads."""
    return ncnn


def parameters_file(path: Path) -> Path:
    """The layers; the file of a network has its weights."""
    return path.with_suffix(".param")


def trivial_file(path: Path) -> Path:
    """Lies beside a network's file and takes the same input."""
    return path.with_name(f"trivial_{path.name}")


def _net(path: Path) -> ncnn.Net:
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    for half in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{half}", False)
    net.load_param(str(parameters_file(path)))
    net.load_model(str(path))
    return net


class NcnnRunner:
    """A network; every call makes an extractor, as its users do."""

    def __init__(self, path: Path, rows: int, columns: int) -> None:
        self._path, self._trivial = path, trivial_file(path)
        self._nets = {path: _net(path)}
        self.set_input(np.zeros((rows, columns), np.float32))
        self._output = np.zeros(0, np.float32)
        self.call = PythonCall(self._run, lambda: self._extract(self._trivial))

    def _extract(self, path: Path) -> ncnn.Mat:
        if path not in self._nets:
            self._nets[path] = _net(path)
        extractor = self._nets[path].create_extractor()
        extractor.input("in0", self._input)
        return extractor.extract("out0")[1]

    def _run(self) -> None:
        self._output = self._extract(self._path)

    def set_input(self, window: Floats) -> None:
        self._columns_first = window.T.copy()  # a Mat does not keep the array that it lies over
        self._input = ncnn.Mat(self._columns_first)

    def output(self) -> Floats:
        return np.array(self._output, np.float32).reshape(-1)
