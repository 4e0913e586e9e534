"""ONNX Runtime through its C API, one thread."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from bench.contender import Absent, Contender, Floats, NativeCall, Network, Precision

CLASSES = 6
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


def library() -> Path:
    """The shared library that the wheel ships."""
    return next(Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*"))


class _ApiBase(ctypes.Structure):
    _fields_ = [("GetApi", ctypes.CFUNCTYPE(c_void_p, ctypes.c_uint32)), ("version", c_void_p)]


class _Api:
    """The functions of OrtApi by their places."""

    def __init__(self) -> None:
        lib = ctypes.CDLL(str(library()))
        lib.OrtGetApiBase.restype = ctypes.POINTER(_ApiBase)
        table = lib.OrtGetApiBase().contents.GetApi(ORT_API_VERSION)
        self._table = (c_void_p * (CREATE_CPU_MEMORY_INFO + 1)).from_address(table)

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


class OrtRunner:
    """A session with one input and one output over memory of ours."""

    def __init__(self, path: Path, rows: int, columns: int) -> None:
        api = self._api = _Api()
        self._x = np.zeros((1, columns, rows), np.float32)
        self._y = np.zeros((1, CLASSES), np.float32)
        env, options, session, memory = (c_void_p() for _ in range(4))
        api.call(CREATE_ENV, c_int(WARNINGS), c_char_p(b"bench"), byref(env))
        api.call(CREATE_SESSION_OPTIONS, byref(options))
        api.call(SET_OPTIMIZATION_LEVEL, options, c_int(ALL_OPTIMIZATIONS))
        api.call(SET_INTRA_OP_THREADS, options, c_int(1))
        api.call(SET_INTER_OP_THREADS, options, c_int(1))
        api.call(CREATE_SESSION, env, c_char_p(str(path).encode()), options, byref(session))
        api.call(CREATE_CPU_MEMORY_INFO, c_int(DEVICE_ALLOCATOR), c_int(0), byref(memory))
        self._values = [self._tensor(memory, array) for array in (self._x, self._y)]
        names = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self._input = (c_char_p * 1)(names.get_inputs()[0].name.encode())
        self._output = (c_char_p * 1)(names.get_outputs()[0].name.encode())
        x, y = ((c_void_p * 1)(value) for value in self._values)
        self._keep = (env, options, session, memory, x, y)
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


class _Windows(CalibrationDataReader):
    def __init__(self, samples: Floats) -> None:
        self._left = iter([{"input": s.T[None].copy()} for s in samples])

    def get_next(self) -> dict[str, Floats] | None:
        return next(self._left, None)


def _model(network: Network, precision: Precision, folder: Path, activations: QuantType) -> Path:
    if precision == "fp32":
        return network.onnx
    path = folder / f"{network.name}_{activations.name}.int8.onnx"
    if not path.exists():
        prepared = folder / f"{network.name}.prepared.onnx"
        quant_pre_process(str(network.onnx), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(path),
            _Windows(network.samples),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=activations,
            weight_type=QuantType.QInt8,
            extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
        )
    return path


def _contender(name: str, activations: QuantType) -> Contender:
    def load(network: Network, precision: Precision, folder: Path) -> OrtRunner:
        if precision == "fp32" and activations != QuantType.QUInt8:
            raise Absent("FP32 is the same for both")
        path = _model(network, precision, folder, activations)
        return OrtRunner(path, network.rows, network.columns)

    def model_file(network: Network, precision: Precision, folder: Path) -> Path:
        return _model(network, precision, folder, activations)

    version = onnxruntime.__version__
    return Contender(name, version, load, model_file=model_file, libraries=(library(),))


def contenders() -> list[Contender]:
    """U8 and S8 activations are different kernels; both are tried."""
    kinds = {"U8": QuantType.QUInt8, "S8": QuantType.QInt8}
    return [_contender(f"ONNX Runtime ({name})", kind) for name, kind in kinds.items()]
