"""ExecuTorch with its XNNPACK backend, one thread, through its Python binding."""

from __future__ import annotations

import importlib.metadata
import warnings
from pathlib import Path
from typing import Any

import executorch
import numpy as np
import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
    XNNPACKQuantizer,
    get_symmetric_quantization_config,
)
from executorch.exir import to_edge_transform_and_lower
from executorch.runtime import Runtime
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

from bench.contender import Contender, Floats, Network, Precision, PythonCall


class ExecutorchRunner:
    """A loaded method."""

    def __init__(self, path: Path, trivial: Path, rows: int, columns: int) -> None:
        self._input = torch.zeros(1, columns, rows)
        self._programs = [Runtime.get().load_program(p) for p in (path, trivial)]
        self._methods = [program.load_method("forward") for program in self._programs]
        self._output = torch.zeros(0)
        self.call = PythonCall(self._run, lambda: self._methods[1].execute([self._input]))

    def _run(self) -> None:
        self._output = self._methods[0].execute([self._input])[0]

    def set_input(self, window: Floats) -> None:
        self._input[0] = torch.from_numpy(window.T.copy())

    def output(self) -> Floats:
        return np.array(self._output[0], np.float32)


def _quantized(exported: Any, network: Network) -> Any:
    quantizer = XNNPACKQuantizer().set_global(
        get_symmetric_quantization_config(is_per_channel=True)
    )
    prepared = prepare_pt2e(exported.module(), quantizer)
    for sample in network.samples:
        prepared(torch.from_numpy(sample.T[None].copy()))
    return torch.export.export(convert_pt2e(prepared), _shape(network.rows, network.columns))


def _shape(rows: int, columns: int) -> tuple[torch.Tensor]:
    return (torch.zeros(1, columns, rows),)


def _save(exported: Any, path: Path) -> None:
    lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
    path.write_bytes(lowered.to_executorch().buffer)


def _file(network: Network, precision: Precision, folder: Path) -> Path:
    return folder / f"{network.name}_{precision}.pte"


def _load(network: Network, precision: Precision, folder: Path) -> ExecutorchRunner:
    rows, columns = network.rows, network.columns
    path = _file(network, precision, folder)
    trivial = folder / f"trivial_{rows}x{columns}.pte"
    torch.set_num_threads(1)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        if not trivial.exists():
            _save(torch.export.export(torch.nn.ReLU(), _shape(rows, columns)), trivial)
        if not path.exists():
            exported = torch.export.export(network.module, _shape(rows, columns))
            _save(_quantized(exported, network) if precision == "int8" else exported, path)
    return ExecutorchRunner(path, trivial, rows, columns)


def contenders() -> list[Contender]:
    """One."""
    version = importlib.metadata.version("executorch")
    found = Path(executorch.__path__[0]).glob("extension/pybindings/_portable_lib*.so")
    return [Contender("ExecuTorch", version, _load, model_file=_file, libraries=tuple(found))]
