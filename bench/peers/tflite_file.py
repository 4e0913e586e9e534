"""A `.tflite` file of a network, FP32 or full-integer INT8, from the graph of its `.har` file.

Convolutions over time become 2-D ones over one line, [1, 1, rows, columns]; ReLU goes into the op
before it, as LiteRT's own converter does. INT8 follows LiteRT's quantization specification: S8
activations with a zero point from their range over the samples, S8 weights with one scale for each
output, I32 bias; input and output stay FP32.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ai_edge_litert.schema_py_generated as tfl
import flatbuffers
import numpy as np
from libhar import schema
from libhar.quantize.fold import fold_affines
from libhar.reference.network import Network
from numpy.typing import NDArray

from bench.contender import Floats, Precision

Range = tuple[float, float]


class TfliteFile:
    """Builds one subgraph, tensor by tensor."""

    def __init__(self, model: schema.Model, samples: Floats, precision: Precision) -> None:
        assert model.graph is not None
        folded = fold_affines(model.graph, model.buffers)
        self._graph = folded.graph
        self._network = Network(folded.graph, folded.buffers)
        self._is_int8 = precision == "int8"
        self._values = self._network.run_all(samples) if self._is_int8 else {}
        self._tensors: list[Any] = []
        self._buffers: list[Any] = [tfl.BufferT()]
        self._operators: list[Any] = []
        self._codes: list[int] = []
        self._names: dict[int, int] = {}
        self._skip = self._fused_activations()

    def save(self, path: Path) -> None:
        """Writes the file."""
        rows, columns = self._network.shape(self._graph.input)
        entry = self._tensor("input", [1, 1, rows, columns], tfl.TensorType.FLOAT32)
        self._names[self._graph.input] = entry
        if self._is_int8:
            codes = self._computed(self._graph.input, [1, 1, rows, columns])
            self._op(tfl.BuiltinOperator.QUANTIZE, [entry], [codes], "QuantizeOptions")
        for index, op in enumerate(self._graph.ops):
            if index not in self._skip:
                self._translate(index, op)
        exit_ = self._names[self._graph.output]
        if self._is_int8:
            classes = self._network.shape(self._graph.output)[1]
            values = self._tensor("output", [1, classes], tfl.TensorType.FLOAT32)
            self._op(tfl.BuiltinOperator.DEQUANTIZE, [exit_], [values], "DequantizeOptions")
            exit_ = values
        path.write_bytes(self._pack(entry, exit_))

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

    def _fused_activations(self) -> dict[int, int]:
        """For each ReLU that goes into the op before it, that op; by number."""
        readers: dict[int, int] = {}
        for op in self._graph.ops:
            for tensor in op.inputs:
                readers[int(tensor)] = readers.get(int(tensor), 0) + 1
        found = {}
        for index, op in enumerate(self._graph.ops):
            if not isinstance(op.params, schema.Activation):
                continue
            source = int(op.inputs[0])
            makers = [i for i, o in enumerate(self._graph.ops) if int(o.outputs[0]) == source]
            if readers[source] == 1 and makers:
                found[index] = makers[0]
        return found

    def _result(self, index: int, op: schema.Op) -> tuple[int, int]:
        """The graph's tensor that an op gives, after a fused ReLU, and the ReLU's number."""
        for later, earlier in self._skip.items():
            if earlier == index:
                return int(self._graph.ops[later].outputs[0]), tfl.ActivationFunctionType.RELU
        return int(op.outputs[0]), tfl.ActivationFunctionType.NONE

    def _translate(self, index: int, op: schema.Op) -> None:
        result, relu = self._result(index, op)
        inputs = [int(t) for t in op.inputs]
        x = self._names[inputs[0]]
        rows, columns = self._network.shape(result)
        match op.params:
            case schema.Conv1d():
                y = self._computed(result, [1, 1, rows, columns])
                options = {"strideW": op.params.stride, "strideH": 1, "padding": 0}
                weighted = [x, *self._weights(inputs, line=True)]
                self._op(
                    tfl.BuiltinOperator.CONV_2D,
                    weighted,
                    [y],
                    "Conv2DOptions",
                    fusedActivationFunction=relu,
                    dilationWFactor=op.params.dilation,
                    dilationHFactor=1,
                    **options,
                )
            case schema.Dense():
                y = self._computed(result, [1, columns])
                weighted = [x, *self._weights(inputs, line=False)]
                kind = tfl.BuiltinOperator.FULLY_CONNECTED
                options = {"fusedActivationFunction": relu}
                self._op(kind, weighted, [y], "FullyConnectedOptions", **options)
            case schema.Pool():
                y = self._computed(result, [1, 1, rows, columns], codes_of=inputs[0])
                self._op(
                    tfl.BuiltinOperator.MAX_POOL_2D,
                    [x],
                    [y],
                    "Pool2DOptions",
                    padding=1,
                    strideW=op.params.stride,
                    strideH=1,
                    filterWidth=op.params.kernel,
                    filterHeight=1,
                )
            case schema.Add():
                y = self._computed(result, [1, 1, rows, columns])
                both = [x, self._names[inputs[1]]]
                options = {"fusedActivationFunction": relu}
                self._op(tfl.BuiltinOperator.ADD, both, [y], "AddOptions", **options)
            case schema.GlobalPool() | schema.AdaptivePool():
                y = self._computed(result, [1, columns])
                axes = self._constant(np.array([1, 2], np.int32), tfl.TensorType.INT32)
                self._op(tfl.BuiltinOperator.MEAN, [x, axes], [y], "ReducerOptions")
            case schema.Flatten():
                if rows * columns == self._tensors[x].shape[-1]:
                    self._names[result] = x
                    return
                y = self._computed(result, [1, columns], codes_of=inputs[0])
                shape = self._constant(np.array([1, columns], np.int32), tfl.TensorType.INT32)
                kind = tfl.BuiltinOperator.RESHAPE
                self._op(kind, [x, shape], [y], "ReshapeOptions", newShape=[1, columns])
            case other:
                raise NotImplementedError(f"{type(other).__name__} has no translation")

    def _range(self, tensor: int) -> Range:
        values = self._values[tensor]
        return min(float(values.min()), 0.0), max(float(values.max()), 0.0)

    def _tensor(self, name: str, shape: list[int], kind: int, buffer: int = 0) -> int:
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, kind, buffer
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def _computed(self, tensor: int, shape: list[int], codes_of: int | None = None) -> int:
        kind = tfl.TensorType.INT8 if self._is_int8 else tfl.TensorType.FLOAT32
        number = self._tensor(f"t{tensor}", shape, kind)
        self._names[tensor] = number
        if not self._is_int8:
            return number
        if codes_of is not None:
            self._tensors[number].quantization = self._tensors[self._names[codes_of]].quantization
        else:
            low, high = self._range(tensor)
            scale = max((high - low) / 255, 1e-9)
            self._quantize(number, [scale], [int(np.clip(round(-128 - low / scale), -128, 127))])
        return number

    def _quantize(self, number: int, scales: list[float], zeros: list[int]) -> None:
        quantization = tfl.QuantizationParametersT()
        quantization.scale, quantization.zeroPoint = scales, zeros
        quantization.quantizedDimension = 0
        self._tensors[number].quantization = quantization

    def _constant(self, values: NDArray[Any], kind: int) -> int:
        buffer = tfl.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self._buffers.append(buffer)
        shape = list(values.shape)
        return self._tensor(f"c{len(self._tensors)}", shape, kind, len(self._buffers) - 1)

    def _weights(self, inputs: list[int], line: bool) -> list[int]:
        weight = self._network.constants[inputs[1]]
        bias = (
            self._network.constants[inputs[2]]
            if len(inputs) > 2
            else np.zeros(len(weight), np.float32)
        )
        shaped = weight[:, None] if line else weight
        if not self._is_int8:
            kind = tfl.TensorType.FLOAT32
            return [self._constant(shaped, kind), self._constant(bias, kind)]
        scales = np.maximum(np.abs(weight.reshape(len(weight), -1)).max(axis=1), 1e-9) / 127
        of_column = scales.reshape(-1, *([1] * (shaped.ndim - 1)))
        codes = np.clip(np.rint(shaped / of_column), -127, 127).astype(np.int8)
        input_scale = self._tensors[self._names[inputs[0]]].quantization.scale[0]
        bias_codes = np.rint(bias / (scales * input_scale)).astype(np.int32)
        numbers = [
            self._constant(codes, tfl.TensorType.INT8),
            self._constant(bias_codes, tfl.TensorType.INT32),
        ]
        self._quantize(numbers[0], [float(s) for s in scales], [0] * len(scales))
        self._quantize(numbers[1], [float(s * input_scale) for s in scales], [0] * len(scales))
        return numbers

    def _op(
        self, code: int, inputs: list[int], outputs: list[int], options: str, **values: Any
    ) -> None:
        operator = tfl.OperatorT()
        if code not in self._codes:
            self._codes.append(code)
        operator.opcodeIndex = self._codes.index(code)
        operator.inputs, operator.outputs = inputs, outputs
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
