"""ncnn, one thread, FP32 by way of pnnx: no INT8 tools in the wheel. Through its Python binding."""

from __future__ import annotations

import importlib.metadata
import subprocess
from pathlib import Path

import ncnn
import numpy as np
import pnnx
import torch

from bench.contender import Absent, Contender, Floats, Network, Precision, PythonCall


def _net(stem: Path) -> ncnn.Net:
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    for half in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{half}", False)
    net.load_param(f"{stem}.ncnn.param")
    net.load_model(f"{stem}.ncnn.bin")
    return net


class NcnnRunner:
    """A network; every call makes an extractor, as its users do."""

    def __init__(self, stem: Path, trivial: Path, rows: int, columns: int) -> None:
        self._nets = (_net(stem), _net(trivial))
        self.set_input(np.zeros((rows, columns), np.float32))
        self._output = np.zeros(0, np.float32)
        self.call = PythonCall(self._run, lambda: self._extract(1))

    def _extract(self, which: int) -> ncnn.Mat:
        extractor = self._nets[which].create_extractor()
        extractor.input("in0", self._input)
        return extractor.extract("out0")[1]

    def _run(self) -> None:
        self._output = self._extract(0)

    def set_input(self, window: Floats) -> None:
        self._columns_first = window.T.copy()  # a Mat does not keep the array that it lies over
        self._input = ncnn.Mat(self._columns_first)

    def output(self) -> Floats:
        return np.array(self._output, np.float32).reshape(-1)


def _convert(module: torch.nn.Module, rows: int, columns: int, stem: Path) -> Path:
    """Writes `stem`.ncnn.param and .bin; FP32 weights. The program is called because the wheel's
    Python function also runs code that it generates, which does not know numbered layers."""
    if not Path(f"{stem}.ncnn.bin").exists():
        torch.jit.trace(module, torch.zeros(1, columns, rows)).save(f"{stem}.pt")
        program = Path(pnnx.__file__).parent / "pnnx"
        shape = f"inputshape=[1,{columns},{rows}]f32"
        command = [str(program), f"{stem.name}.pt", shape, "fp16=0"]
        subprocess.run(command, cwd=stem.parent, check=False, capture_output=True)
    if not Path(f"{stem}.ncnn.bin").exists():
        raise Absent("pnnx did not convert it")
    return stem


def _file(network: Network, precision: Precision, folder: Path) -> Path:
    return folder / f"{network.name}_pnnx.ncnn.bin"


def _load(network: Network, precision: Precision, folder: Path) -> NcnnRunner:
    if precision == "int8":
        raise Absent("the wheels have no INT8 tools")
    rows, columns = network.rows, network.columns
    stem = _convert(network.module, rows, columns, folder / f"{network.name}_pnnx")
    trivial = _convert(torch.nn.AvgPool1d(2), rows, columns, folder / f"trivial_{rows}x{columns}")
    return NcnnRunner(stem, trivial, rows, columns)


def contenders() -> list[Contender]:
    """One."""
    version = importlib.metadata.version("ncnn")
    library = next(Path(ncnn.__file__).parent.glob("*.so"))
    return [Contender("ncnn", version, _load, model_file=_file, libraries=(library,))]
