"""Builds a `.tflite` file of one subgraph, tensor by tensor, FP32 or full-integer INT8.

INT8 follows LiteRT's quantization specification: S8 activations with a zero point from their range
over the samples, S8 weights with one scale for each output, I32 bias; input and output stay FP32.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ai_edge_litert.schema_py_generated as tfl
import flatbuffers
import numpy as np
from numpy.typing import NDArray

from bench.contender import CLASSES, Floats, Precision

Range = tuple[float, float]


def range_of(values: Floats) -> Range:
    """Lowest and highest value, with 0 between."""
    return min(float(values.min()), 0.0), max(float(values.max()), 0.0)


class TfliteBuilder:
    """Tensors and buffers are numbers."""

    def __init__(self, precision: Precision) -> None:
        self._is_int8 = precision == "int8"
        self._tensors: list[Any] = []
        self._buffers: list[Any] = [tfl.BufferT()]
        self._places: dict[bytes, int] = {}
        """Of what is in the buffers: equal constants share one."""
        self._shared: dict[bytes, int] = {}
        self._operators: list[Any] = []
        self._codes: list[int] = []

    def _begin(self, rows: int, columns: int, bounds: Range) -> int:
        """The input, [1, 1, rows, columns], as what the ops compute with."""
        shape = [1, 1, rows, columns]
        self._entry = self._tensor("input", shape, tfl.TensorType.FLOAT32)
        if not self._is_int8:
            return self._entry
        codes = self._activation("input codes", shape, bounds)
        self._op(tfl.BuiltinOperator.QUANTIZE, [self._entry], [codes], "QuantizeOptions")
        return codes

    def _finish(self, last: int, path: Path) -> None:
        """Writes the file whose output, [1, CLASSES], is `last`."""
        exit_ = last
        if self._is_int8:
            exit_ = self._tensor("output", [1, CLASSES], tfl.TensorType.FLOAT32)
            self._op(tfl.BuiltinOperator.DEQUANTIZE, [last], [exit_], "DequantizeOptions")
        path.write_bytes(self._pack(self._entry, exit_))

    def _pack(self, entry: int, exit_: int) -> bytes:
        graph = tfl.SubGraphT()
        graph.tensors, graph.operators = self._tensors, self._operators
        graph.inputs, graph.outputs, graph.name = [entry], [exit_], "main"
        model = tfl.ModelT()
        model.version, model.subgraphs, model.buffers = 3, [graph], self._buffers
        model.operatorCodes = []
        for number in self._codes:
            code = tfl.OperatorCodeT()
            code.builtinCode = code.deprecatedBuiltinCode = number
            code.version = _version(number) if self._is_int8 else 1
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _tensor(self, name: str, shape: list[int], kind: int, buffer: int = 0) -> int:
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, kind, buffer
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def _activation(self, name: str, shape: list[int], bounds: Range) -> int:
        """What an op computes, within `bounds`."""
        low, high = bounds
        scale = max((high - low) / 255, 1e-9)
        return self._coded(name, shape, scale, int(np.clip(round(-128 - low / scale), -128, 127)))

    def _coded(self, name: str, shape: list[int], scale: float, zero: int) -> int:
        """What an op computes, with a scale and a zero point where it is INT8."""
        kind = tfl.TensorType.INT8 if self._is_int8 else tfl.TensorType.FLOAT32
        number = self._tensor(name, shape, kind)
        if self._is_int8:
            self._quantize(number, [scale], [zero])
        return number

    def _same_codes(self, name: str, shape: list[int], source: int) -> int:
        """What an op passes on of another tensor."""
        number = self._tensor(name, shape, self._tensors[source].type)
        self._tensors[number].quantization = self._tensors[source].quantization
        return number

    def _quantize(self, number: int, scales: list[float], zeros: list[int]) -> None:
        quantization = tfl.QuantizationParametersT()
        quantization.scale, quantization.zeroPoint = scales, zeros
        quantization.quantizedDimension = 0
        self._tensors[number].quantization = quantization

    def _constant(self, values: NDArray[Any], kind: int) -> int:
        content = values.tobytes()
        if content not in self._places:
            buffer = tfl.BufferT()
            buffer.data = np.frombuffer(content, np.uint8)
            self._places[content] = len(self._buffers)
            self._buffers.append(buffer)
        shape, place = list(values.shape), self._places[content]
        return self._tensor(f"c{len(self._tensors)}", shape, kind, place)

    def _integers(self, *values: int) -> int:
        """A shape, axes, or places."""
        return self._constant(np.array(values, np.int32), tfl.TensorType.INT32)

    def _weights(self, source: int, weight: Floats, bias: Floats | None) -> list[int]:
        """Weight, its first axis the outputs, and bias, if any, of an op that reads `source`."""
        number = self._shared_weight(weight)
        if bias is None:
            return [number]
        if not self._is_int8:
            return [number, self._constant(bias, tfl.TensorType.FLOAT32)]
        input_scale = self._tensors[source].quantization.scale[0]
        scales = [scale * input_scale for scale in self._tensors[number].quantization.scale]
        codes = np.rint(bias / np.array(scales)).astype(np.int32)
        added = self._constant(codes, tfl.TensorType.INT32)
        self._quantize(added, scales, [0] * len(scales))
        return [number, added]

    def _shared_weight(self, weight: Floats) -> int:
        """One tensor for all ops that it is a weight of."""
        content = weight.tobytes()
        if content not in self._shared:
            self._shared[content] = self._weight(weight)
        return self._shared[content]

    def _weight(self, weight: Floats) -> int:
        if not self._is_int8:
            return self._constant(weight, tfl.TensorType.FLOAT32)
        scales = np.maximum(np.abs(weight.reshape(len(weight), -1)).max(axis=1), 1e-9) / 127
        of_column = scales.reshape(-1, *([1] * (weight.ndim - 1)))
        codes = np.clip(np.rint(weight / of_column), -127, 127).astype(np.int8)
        number = self._constant(codes, tfl.TensorType.INT8)
        self._quantize(number, [float(s) for s in scales], [0] * len(scales))
        return number

    def _op(
        self, code: int, inputs: list[int], outputs: list[int], options: str, **values: Any
    ) -> None:
        operator = tfl.OperatorT()
        if code not in self._codes:
            self._codes.append(code)
        operator.opcodeIndex = self._codes.index(code)
        operator.inputs, operator.outputs = inputs, outputs
        if options:
            operator.builtinOptionsType = getattr(tfl.BuiltinOptions, options)
            operator.builtinOptions = getattr(tfl, f"{options}T")()
        for name, value in values.items():
            setattr(operator.builtinOptions, name, value)
        self._operators.append(operator)


def _version(code: int) -> int:
    """The version of an op that takes S8 tensors."""
    versions = {
        tfl.BuiltinOperator.CONV_2D: 3,
        tfl.BuiltinOperator.FULLY_CONNECTED: 5,
        tfl.BuiltinOperator.RESHAPE: 1,
    }
    return versions.get(code, 2)
