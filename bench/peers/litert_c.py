"""LiteRT's C interface, libLiteRt.so: a compiled model on the CPU accelerator, which is TensorFlow
Lite with the XNNPACK delegate. Functions, structures and numbers as in the headers of
https://github.com/google-ai-edge/LiteRT/tree/main/litert/c.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import numpy as np

from bench.contender import CLASSES, Absent, Floats, NativeCall
from bench.held import load_library

CPU, FLOAT32, INTEGER, ERRORS, FIRST_SIGNATURE = 1, 1, 2, 3, 0
ACCELERATORS, LEAST_SEVERITY = 24, 25
"""Options of an environment: what it looks for, what it prints."""
ALIGNMENT = 64  # LITERT_HOST_MEMORY_BUFFER_ALIGNMENT
BEYOND = 128
"""Bytes after a tensor that XNNPACK may read (XNN_EXTRA_BYTES)."""
MAX_RANK = 8
CPU_OPTIONS, ONE_THREAD = b"xnnpack", b"num_threads = 1\n"  # the options' name; their text is TOML


class _TensorType(ctypes.Structure):
    """LiteRtRankedTensorType"""

    _fields_ = (
        ("element_type", ctypes.c_int32),
        ("rank", ctypes.c_uint32, 7),
        ("has_strides", ctypes.c_uint32, 1),
        ("dimensions", ctypes.c_int32 * MAX_RANK),
        ("strides", ctypes.c_uint32 * MAX_RANK),
    )


class _Integer(ctypes.Structure):
    """LiteRtAny with an integer"""

    _fields_ = (("type", ctypes.c_int), ("value", ctypes.c_int64))


class _Option(ctypes.Structure):
    """LiteRtEnvOption"""

    _fields_ = (("tag", ctypes.c_int), ("value", _Integer))


class Library:
    """A loaded libLiteRt.so and one environment, which looks for no other processor."""

    def __init__(self, path: Path) -> None:
        self._loaded = load_library(path)
        pairs = ((ACCELERATORS, CPU), (LEAST_SEVERITY, ERRORS))
        options = (_Option * 2)(*(_Option(tag, (INTEGER, value)) for tag, value in pairs))
        create = "LiteRtCreateEnvironment"
        self.environment = self.create(create, len(pairs), ctypes.addressof(options))

    def address(self, name: str) -> int:
        """Where a function is."""
        return _address(self._loaded[name])

    def call(self, name: str, *arguments: int) -> None:
        """Calls what returns a LiteRtStatus; raises RuntimeError with its number."""
        status = self._loaded[name](*(ctypes.c_void_p(argument) for argument in arguments))
        if status:
            raise RuntimeError(f"{name}: status {status}")

    def create(self, name: str, *arguments: int) -> int:
        """Calls what writes a new object to its last argument."""
        made = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.addressof(made))
        assert made.value is not None
        return made.value

    def destroy(self, kind: str, made: int) -> None:
        """Calls LiteRtDestroy<kind>, which returns nothing."""
        self._loaded[f"LiteRtDestroy{kind}"](ctypes.c_void_p(made))

    def options(self) -> int:
        """The CPU and one thread. LiteRT frees the copy of the text by itself."""
        libc = ctypes.CDLL(None)
        libc.strdup.restype = ctypes.c_void_p
        name = ctypes.create_string_buffer(CPU_OPTIONS)
        options = self.create("LiteRtCreateOptions")
        self.call("LiteRtSetOptionsHardwareAccelerators", options, CPU)
        text, free = libc.strdup(ONE_THREAD), _address(libc.free)
        threads = self.create("LiteRtCreateOpaqueOptions", ctypes.addressof(name), text, free)
        self.call("LiteRtAddOpaqueOptions", options, threads)
        return options


@cache
def runtime(library: Path) -> Library:
    """Loads a library once."""
    return Library(library)


class CompiledRunner:
    """A compiled model with one float32 input and one float32 output in memory of ours. Raises
    Absent where XNNPACK does not take every op."""

    def __init__(self, path: Path, rows: int, columns: int, library: Path) -> None:
        self._library = runtime(library)
        self._made: list[tuple[str, int]] = []
        file = ctypes.create_string_buffer(bytes(path))
        place, name = self._library.environment, ctypes.addressof(file)
        model = self._create("Model", "LiteRtCreateModelFromFile", place, name)
        options = self._library.options()
        self._made.append(("Options", options))
        compiled = self._create("CompiledModel", "LiteRtCreateCompiledModel", place, model, options)
        self._check(compiled)
        self._x, self._y = _aligned((1, 1, rows, columns)), _aligned((1, CLASSES))
        self._tensors = tuple((ctypes.c_void_p * 1)(self._tensor(a)) for a in (self._x, self._y))
        x, y = (ctypes.addressof(tensors) for tensors in self._tensors)
        self.call = NativeCall(
            self._library.address("LiteRtRunCompiledModel"),
            (compiled, FIRST_SIGNATURE, 1, x, 1, y),
        )

    def _create(self, kind: str, function: str, *arguments: int) -> int:
        made = self._library.create(function, *arguments)
        self._made.append((kind, made))
        return made

    def _check(self, compiled: int) -> None:
        whole = ctypes.c_bool()
        function = "LiteRtCompiledModelIsFullyAccelerated"
        self._library.call(function, compiled, ctypes.addressof(whole))
        if not whole.value:
            raise Absent("XNNPACK does not take every op of it")

    def _tensor(self, array: Floats) -> int:
        kind = _TensorType(FLOAT32, array.ndim, 0)
        kind.dimensions[: array.ndim] = array.shape
        return self._create(
            "TensorBuffer",
            "LiteRtCreateTensorBufferFromHostMemory",
            ctypes.addressof(kind),
            array.ctypes.data,
            array.nbytes,
            0,
        )

    def set_input(self, window: Floats) -> None:
        self._x[...] = window.reshape(self._x.shape)

    def output(self) -> Floats:
        return np.array(self._y[0])

    def __del__(self) -> None:
        for kind, made in reversed(self._made):
            self._library.destroy(kind, made)


def _address(function: object) -> int:
    found = ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]
    assert found is not None
    return found


def _aligned(shape: tuple[int, ...]) -> Floats:
    """Zeros at a multiple of ALIGNMENT; the memory goes on for BEYOND bytes."""
    size = int(np.prod(shape)) * 4
    memory = np.zeros(size + ALIGNMENT + BEYOND, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size].view(np.float32).reshape(shape)
