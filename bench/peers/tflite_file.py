"""A `.tflite` file of a network, FP32 or INT8, from the graph of its `.har` file.

Convolutions over time become 2-D ones over one line, [1, 1, rows, columns]; ReLU goes into the op
before it, as LiteRT's own converter does.
"""

from __future__ import annotations

from pathlib import Path

import ai_edge_litert.schema_py_generated as tfl
from libhar import schema
from libhar.quantize.fold import fold_affines
from libhar.reference.network import Network

from bench.contender import Floats, Precision
from bench.peers.tflite_builder import Range, TfliteBuilder, range_of


class TfliteFile(TfliteBuilder):
    """Translates op by op."""

    def __init__(self, model: schema.Model, samples: Floats, precision: Precision) -> None:
        super().__init__(precision)
        assert model.graph is not None
        folded = fold_affines(model.graph, model.buffers)
        self._graph = folded.graph
        self._network = Network(folded.graph, folded.buffers)
        self._values = self._network.run_all(samples) if self._is_int8 else {}
        self._names: dict[int, int] = {}
        self._skip = self._fused_activations()

    def save(self, path: Path) -> None:
        """Writes the file."""
        source = self._graph.input
        rows, columns = self._network.shape(source)
        self._names[source] = self._begin(rows, columns, self._range(source))
        for index, op in enumerate(self._graph.ops):
            if index not in self._skip:
                self._translate(index, op)
        self._finish(self._names[self._graph.output], path)

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
                weighted = [x, *self._weighted(inputs, line=True)]
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
                weighted = [x, *self._weighted(inputs, line=False)]
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
                axes = self._integers(1, 2)
                self._op(tfl.BuiltinOperator.MEAN, [x, axes], [y], "ReducerOptions")
            case schema.Flatten():
                if rows * columns == self._tensors[x].shape[-1]:
                    self._names[result] = x
                    return
                y = self._computed(result, [1, columns], codes_of=inputs[0])
                shape = self._integers(1, columns)
                kind = tfl.BuiltinOperator.RESHAPE
                self._op(kind, [x, shape], [y], "ReshapeOptions", newShape=[1, columns])
            case other:
                raise NotImplementedError(f"{type(other).__name__} has no translation")

    def _range(self, tensor: int) -> Range:
        return range_of(self._values[tensor]) if self._is_int8 else (0.0, 0.0)

    def _computed(self, tensor: int, shape: list[int], codes_of: int | None = None) -> int:
        name = f"t{tensor}"
        if codes_of is None:
            number = self._activation(name, shape, self._range(tensor))
        else:
            number = self._same_codes(name, shape, self._names[codes_of])
        self._names[tensor] = number
        return number

    def _weighted(self, inputs: list[int], line: bool) -> list[int]:
        weight = self._network.constants[inputs[1]]
        bias = self._network.constants[inputs[2]] if len(inputs) > 2 else None
        shaped = weight[:, None] if line else weight
        return self._weights(self._names[inputs[0]], shaped, bias)
