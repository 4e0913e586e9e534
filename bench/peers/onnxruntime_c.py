"""ONNX Runtime's C API, one thread."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_int, c_int64, c_size_t, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.contender import CLASSES, Floats, NativeCall
from bench.held import load_library

ORT_API_VERSION = 17
# Places in OrtApi, which grows at its end alone: onnxruntime_c_api.h of ONNX Runtime.
GET_ERROR_MESSAGE = 2
CREATE_ENV = 3
CREATE_SESSION = 7
RUN = 9
CREATE_SESSION_OPTIONS = 10
SET_OPTIMIZATION_LEVEL = 23
SET_INTRA_OP_THREADS = 24
SET_INTER_OP_THREADS = 25
CREATE_TENSOR = 49
CREATE_CPU_MEMORY_INFO = 69
ALL_OPTIMIZATIONS, WARNINGS, FLOAT, DEVICE_ALLOCATOR = 99, 2, 1, 0


class _ApiBase(ctypes.Structure):
    _fields_ = [("GetApi", ctypes.CFUNCTYPE(c_void_p, ctypes.c_uint32)), ("version", c_void_p)]


class _Api:
    """The functions of OrtApi by their places, and an environment."""

    def __init__(self, library: Path) -> None:
        lib = load_library(library)
        lib.OrtGetApiBase.restype = ctypes.POINTER(_ApiBase)
        table = lib.OrtGetApiBase().contents.GetApi(ORT_API_VERSION)
        self._table = (c_void_p * (CREATE_CPU_MEMORY_INFO + 1)).from_address(table)
        self.environment = c_void_p()
        self.call(CREATE_ENV, c_int(WARNINGS), c_char_p(b"bench"), byref(self.environment))

    def address(self, place: int) -> int:
        found = self._table[place]
        assert found is not None
        return int(found)

    def call(self, place: int, *arguments: Any) -> None:
        """Raises RuntimeError with the text of a failure."""
        status = ctypes.CFUNCTYPE(c_void_p)(self.address(place))(*arguments)
        if status:
            message = ctypes.CFUNCTYPE(c_char_p, c_void_p)(self.address(GET_ERROR_MESSAGE))
            raise RuntimeError(message(status).decode())


@cache
def runtime(library: Path) -> _Api:
    """Loads a library once."""
    return _Api(library)


class OrtRunner:
    """A session over memory of ours. The names are those that the networks are exported with."""

    def __init__(self, path: Path, rows: int, columns: int, library: Path) -> None:
        api = self._api = runtime(library)
        self._x = np.zeros((1, columns, rows), np.float32)
        self._y = np.zeros((1, CLASSES), np.float32)
        options, session, memory = (c_void_p() for _ in range(3))
        api.call(CREATE_SESSION_OPTIONS, byref(options))
        api.call(SET_OPTIMIZATION_LEVEL, options, c_int(ALL_OPTIMIZATIONS))
        api.call(SET_INTRA_OP_THREADS, options, c_int(1))
        api.call(SET_INTER_OP_THREADS, options, c_int(1))
        place, file = api.environment, c_char_p(str(path).encode())
        api.call(CREATE_SESSION, place, file, options, byref(session))
        api.call(CREATE_CPU_MEMORY_INFO, c_int(DEVICE_ALLOCATOR), c_int(0), byref(memory))
        self._values = [self._tensor(memory, array) for array in (self._x, self._y)]
        self._input, self._output = (c_char_p * 1)(b"input"), (c_char_p * 1)(b"logits")
        x, y = ((c_void_p * 1)(value) for value in self._values)
        self._keep = (options, session, memory, x, y)
        assert session.value is not None
        self.call = NativeCall(
            api.address(RUN),
            (
                session.value,
                0,
                ctypes.addressof(self._input),
                ctypes.addressof(x),
                1,
                ctypes.addressof(self._output),
                1,
                ctypes.addressof(y),
            ),
        )

    def _tensor(self, memory: c_void_p, array: Floats) -> c_void_p:
        value = c_void_p()
        shape = (c_int64 * array.ndim)(*array.shape)
        self._api.call(
            CREATE_TENSOR,
            memory,
            c_void_p(array.ctypes.data),
            c_size_t(array.nbytes),
            shape,
            c_size_t(array.ndim),
            c_int(FLOAT),
            byref(value),
        )
        return value

    def set_input(self, window: Floats) -> None:
        self._x[0] = window.T

    def output(self) -> Floats:
        return self._y[0].copy()
