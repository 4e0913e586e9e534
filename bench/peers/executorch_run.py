"""ExecuTorch through its Python binding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from executorch.extension.pybindings import portable_lib
from executorch.runtime import Method, Runtime

from bench.contender import Floats, PythonCall


def runtime() -> Runtime:
    """What the import loads; one thread, where by itself it takes one for each core."""
    if portable_lib._threadpool_get_thread_count() != 1:
        portable_lib._unsafe_reset_threadpool(1)
    return Runtime.get()


def trivial_file(path: Path) -> Path:
    """Lies beside a network's file and takes the same input."""
    return path.with_name(f"trivial_{path.name}")


class ExecutorchRunner:
    """A loaded method."""

    def __init__(self, path: Path, rows: int, columns: int) -> None:
        self._methods = {path: _method(path)}
        self._trivial = trivial_file(path)
        sizes = self._methods[path].metadata.input_tensor_meta(0).sizes()
        self._input = torch.zeros(sizes)
        self._output = torch.zeros(0)
        self._path = path
        self.call = PythonCall(self._run, lambda: self._execute(self._trivial))

    def _execute(self, path: Path) -> torch.Tensor:
        if path not in self._methods:
            self._methods[path] = _method(path)
        found: torch.Tensor = self._methods[path].execute([self._input])[0]
        return found

    def _run(self) -> None:
        self._output = self._execute(self._path)

    def set_input(self, window: Floats) -> None:
        self._input.copy_(torch.from_numpy(window.T.copy()).reshape(self._input.shape))

    def output(self) -> Floats:
        return np.array(self._output[0], np.float32)


def _method(path: Path) -> Method:
    method = runtime().load_program(path).load_method("forward")
    assert method is not None
    return method
