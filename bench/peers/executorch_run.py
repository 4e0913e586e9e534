"""ExecuTorch's C++ runtime, by way of the functions of executorch.cpp."""

from __future__ import annotations

import ctypes
import subprocess
from functools import cache
from pathlib import Path

import numpy as np

from bench.contender import CLASSES, Floats, NativeCall

LIBRARIES = ("_backend_xnnpack", "_kernels_optimized", "_threadpool", "")
"""What of the wheel the networks need: libexecutorch<these>.so. The first two only register."""
DEFINITIONS = ("C10_USING_CUSTOM_GENERATED_MACROS", "ET_EVENT_TRACER_ENABLED", "ET_USE_THREADPOOL")
"""EXECUTORCH_COMPILE_DEFINITIONS of the wheel's executorch-config.cmake."""
C10 = Path("executorch/runtime/core/portable_type/c10")


def compile_entry(package: Path, folder: Path) -> Path:
    """Compiles executorch.cpp into `folder` against the wheel's package. Raises
    subprocess.CalledProcessError."""
    library = folder / "libbench_executorch.so"
    headers, libraries = package / "include", package / "lib"
    command = ["c++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC"]
    command += [f"-D{name}" for name in DEFINITIONS]
    command += [f"-isystem{place}" for place in (headers, headers / C10)]
    command += [str(Path(__file__).with_name("executorch.cpp")), "-o", str(library)]
    command += [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-Wl,--no-as-needed"]
    subprocess.run([*command, *(f"-lexecutorch{name}" for name in LIBRARIES)], check=True)
    return library


@cache
def runtime(library: Path) -> ctypes.CDLL:
    """Loads the library once; one thread, where by itself ExecuTorch takes one for each core."""
    loaded = ctypes.CDLL(str(library))
    loaded.bench_executorch_open.restype = ctypes.c_void_p
    for function in (loaded.bench_executorch_input, loaded.bench_executorch_output):
        function.restype = ctypes.POINTER(ctypes.c_float)
    loaded.bench_executorch_start()
    return loaded


class ExecutorchRunner:
    """A loaded method."""

    def __init__(self, path: Path, rows: int, columns: int, library: Path) -> None:
        self._library, error = runtime(library), ctypes.c_uint32()
        made = self._library.bench_executorch_open(bytes(path), ctypes.byref(error))
        self._model = ctypes.c_void_p(made)
        if made is None:
            raise RuntimeError(f"{path.name}: ExecuTorch's error {error.value:#x}")
        place = self._library.bench_executorch_input(self._model)
        self._x = np.ctypeslib.as_array(place, (columns, rows))
        run = ctypes.cast(self._library.bench_executorch_run, ctypes.c_void_p).value
        assert run is not None
        self.call = NativeCall(run, (made,))

    def set_input(self, window: Floats) -> None:
        self._x[...] = window.T

    def output(self) -> Floats:
        """Raises RuntimeError where the method fails."""
        error = self._library.bench_executorch_run(self._model)
        if error:
            raise RuntimeError(f"ExecuTorch's error {error:#x}")
        place = self._library.bench_executorch_output(self._model)
        return np.array(np.ctypeslib.as_array(place, (CLASSES,)))

    def __del__(self) -> None:
        self._library.bench_executorch_close(self._model)
