"""ONNX Runtime, one thread, through its C API; INT8 by its own quantizer."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from bench.contender import Absent, Contender, Floats, Limit, Network, Precision
from bench.held import hold
from bench.peers.onnxruntime_c import OrtRunner, runtime


def library() -> Path:
    """The shared library that the wheel ships."""
    return next(Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*"))


class _Windows(CalibrationDataReader):
    def __init__(self, samples: Floats) -> None:
        self._left = iter([{"input": s.T[None].copy()} for s in samples])

    def get_next(self) -> dict[str, Floats] | None:
        return next(self._left, None)


def _file(network: Network, precision: Precision, folder: Path, activations: QuantType) -> Path:
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


def _contender(name: str, activations: QuantType, loaded: Path, limit: Limit = "") -> Contender:
    def make(network: Network, precision: Precision, folder: Path) -> tuple[Path, ...]:
        if precision == "fp32" and activations != QuantType.QUInt8:
            raise Absent("FP32 is the same for both")
        return (_file(network, precision, folder, activations),)

    return Contender(
        name,
        onnxruntime.__version__,
        make,
        partial(runtime, loaded),
        partial(OrtRunner, library=loaded),
        libraries=(library(),),
        limit=limit,
    )


def contenders() -> list[Contender]:
    """U8 and S8 activations are different kernels; both are tried."""
    kinds = {"U8": QuantType.QUInt8, "S8": QuantType.QInt8}
    return [_contender(f"ONNX Runtime ({n})", kind, library()) for n, kind in kinds.items()]


def held_contender(folder: Path) -> Contender:
    """U8 on what a processor with AVX2 alone has."""
    loaded = hold(library(), folder)
    return _contender("ONNX Runtime held to AVX2 (U8)", QuantType.QUInt8, loaded, "avx2")
