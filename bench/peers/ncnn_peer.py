"""ncnn, one thread, FP32 by way of pnnx: no INT8 tools in the wheel."""

from __future__ import annotations

import importlib.metadata
import subprocess
from pathlib import Path

import ncnn
import pnnx
import torch

from bench.contender import Absent, Contender, Network, Precision
from bench.peers.ncnn_run import NcnnRunner, parameters_file, runtime, trivial_file


def _convert(module: torch.nn.Module, rows: int, columns: int, path: Path) -> None:
    """Writes `path`, a `.ncnn.bin` of FP32 weights, and its `.ncnn.param`. The program is called
    because the wheel's Python function also runs code that it generates, which does not know
    numbered layers."""
    if path.exists():
        return
    source = path.with_name(path.name.replace(".ncnn.bin", ".pt"))
    torch.jit.trace(module, torch.zeros(1, columns, rows)).save(str(source))
    program = Path(pnnx.__file__).parent / "pnnx"
    shape = f"inputshape=[1,{columns},{rows}]f32"
    command = [str(program), source.name, shape, "fp16=0"]
    subprocess.run(command, cwd=path.parent, check=False, capture_output=True)
    if not path.exists():
        raise Absent("pnnx did not convert it")


def _make(network: Network, precision: Precision, folder: Path) -> tuple[Path, ...]:
    if precision == "int8":
        raise Absent("the wheels have no INT8 tools")
    path = folder / f"{network.name}_pnnx.ncnn.bin"
    _convert(network.module, network.rows, network.columns, path)
    _convert(torch.nn.AvgPool1d(2), network.rows, network.columns, trivial_file(path))
    return (path, parameters_file(path))


def contenders() -> list[Contender]:
    """One."""
    version = importlib.metadata.version("ncnn")
    library = next(Path(ncnn.__file__).parent.glob("*.so"))
    return [Contender("ncnn", version, _make, runtime, NcnnRunner, libraries=(library,))]
