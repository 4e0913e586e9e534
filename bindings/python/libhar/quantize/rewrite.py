"""The integer graph: an FP32 graph rewritten op by op."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.quantize.ranges import Codes, codes_of, range_of
from libhar.quantize.weights import IntegerWeights, quantize_weights
from libhar.reference.codes import Array, quantize
from libhar.reference.network import Network

F32, I16, U8 = schema.DType.F32, schema.DType.I16, schema.DType.U8
WEIGHTED = (schema.Conv1d, schema.Dense)
PAIRS = (schema.Add, schema.Multiply)
MOST_PRODUCTS = 1 << 24
"""The contract's bound of an attention's products of codes: their sums are exact in binary32."""


class Rewriter:
    """Makes the integer graph. Tensors are F32 until a weighted op reads them, U8 afterwards.

    The first weighted ops read I16, which keeps quiet sensor channels; softmaxes, and the ops
    named in `keep`, run in F32 between a dequantize and a quantize; the output is F32.
    """

    def __init__(
        self,
        network: Network,
        codes: Mapping[int, Codes],
        values: Mapping[int, Array],
        keep: Collection[str] = (),
    ) -> None:
        self.network, self.codes, self.values, self.keep = network, codes, values, keep
        self.builder = GraphBuilder()
        self.made: dict[tuple[int, schema.DType], int] = {}
        """For a tensor of the FP32 graph and a type, the tensor of the integer graph."""
        self.early: set[int] = set()
        """Tensors that no weighted op stands before: what computes them stays F32."""

    def rewrite(self) -> GraphBuilder:
        graph = self.network.graph
        self.builder.graph.input = self._computed(graph.input, F32)
        self.early.add(graph.input)
        for op in graph.ops:
            if self._stays_float(op):
                self._plain(op, F32)
            elif isinstance(op.params, WEIGHTED):
                self._weighted(op)
            elif isinstance(op.params, schema.Recurrent):
                self._recurrent(op)
            else:
                self._plain(op, U8)
        self.builder.graph.output = self._as(graph.output, F32)
        return self.builder

    def _stays_float(self, op: schema.Op) -> bool:
        if op.name in self.keep or isinstance(op.params, schema.Softmax):
            return True
        if isinstance(op.params, schema.Attention) and not self._sums_are_exact(op):
            return True
        if isinstance(op.params, (*WEIGHTED, schema.Recurrent, schema.Attention)):
            return False
        constants = self.network.constants
        if all(int(t) in self.early or int(t) in constants for t in op.inputs):
            self.early.add(int(op.outputs[0]))
            return True
        return False

    def _sums_are_exact(self, op: schema.Op) -> bool:
        assert isinstance(op.params, schema.Attention)
        reach = [_reach(self.codes[int(t)].zero) for t in op.inputs[:2]]
        columns = self.network.shape(int(op.inputs[0]))[1] // op.params.heads
        return reach[0] * reach[1] * columns <= MOST_PRODUCTS

    def _computed(self, tensor: int, dtype: schema.DType) -> int:
        name = self.network.graph.tensors[tensor].name
        quantization = None
        if dtype is U8:
            codes = self.codes[tensor]
            quantization = schema.Quantization(np.array([codes.scale], "<f4"), codes.zero)
        elif dtype is I16:
            largest = float(np.abs(self.values[tensor]).max())
            scale = np.float32(largest / 32767 if largest > 0 else 1.0)
            quantization = schema.Quantization(np.array([scale], "<f4"), 0)
        suffix = "" if dtype is F32 else f".{dtype.name.lower()}"
        rows, columns = self.network.shape(tensor)
        made = self.builder.computed(name + suffix, rows, columns, dtype, quantization)
        self.made[tensor, dtype] = made
        return made

    def _as(self, tensor: int, dtype: schema.DType) -> int:
        """The tensor in that type; converts it where it is not there yet."""
        if (tensor, dtype) in self.made:
            return self.made[tensor, dtype]
        if dtype is F32:
            source = self.made[tensor, U8]
            params: schema.OpParams = schema.Dequantize()
        else:
            source = self._as(tensor, F32)
            params = schema.Quantize()
        output = self._computed(tensor, dtype)
        name = self.builder.graph.tensors[output].name
        kind = type(params).__name__.lower()
        return self.builder.op(f"{kind}.{name}", params, [source], output)

    def _plain(self, op: schema.Op, dtype: schema.DType) -> None:
        of_inputs = dtype if isinstance(op.params, PAIRS) else F32
        inputs = [
            self._constant(int(t), of_inputs)
            if int(t) in self.network.constants
            else self._as(int(t), dtype)
            for t in op.inputs
        ]
        self.builder.op(op.name, op.params, inputs, self._computed(int(op.outputs[0]), dtype))

    def _constant(self, tensor: int, dtype: schema.DType) -> int:
        """A constant as it is, or as codes of the range that it has."""
        name, values = self.network.graph.tensors[tensor].name, self.network.constants[tensor]
        if dtype is F32:
            return self.builder.constant(name, values)
        codes = constant_codes(values)
        array = quantize(values, codes.scale, codes.zero, 0, 255).astype(np.uint8)
        quantization = schema.Quantization(np.array([codes.scale], "<f4"), codes.zero)
        return self.builder.constant(name, array, dtype, quantization)

    def _constants(self, op: schema.Op) -> list[Array]:
        return [self.network.constants[int(t)] for t in op.inputs[1:]]

    def _source(self, op: schema.Op) -> int:
        """The first input in U8, or in I16 where it is F32."""
        source = int(op.inputs[0])
        return self._as(source, U8 if (source, U8) in self.made else I16)

    def _integers(self, tensor: int, weight: Array, bias: Array | None) -> IntegerWeights:
        """Weights that are multiplied with the codes of a tensor of the integer graph."""
        return integer_weights(self.builder.graph.tensors[tensor], weight, bias)

    def _weight(self, op: schema.Op, position: int, integers: IntegerWeights) -> int:
        name = self.network.graph.tensors[int(op.inputs[position])].name
        quantization = schema.Quantization(integers.scales)
        return self.builder.constant(name, integers.weight, schema.DType.I8, quantization)

    def _weighted(self, op: schema.Op) -> None:
        x = self._source(op)
        weight, bias = (*self._constants(op), None)[:2]
        assert weight is not None
        integers = self._integers(x, weight, bias)
        inputs = [x, self._weight(op, 1, integers)]
        inputs.append(self.builder.constant(f"{op.name}.bias", integers.bias, schema.DType.I32))
        output = int(op.outputs[0])
        made = self._computed(output, F32 if output == self.network.graph.output else U8)
        self.builder.op(op.name, op.params, inputs, made)

    def _recurrent(self, op: schema.Op) -> None:
        x, output = self._source(op), self._computed(int(op.outputs[0]), U8)
        weight, state, bias, candidate = (*self._constants(op), None, None)[:4]
        assert weight is not None and state is not None
        own = self._integers(x, weight, bias)
        units = state.shape[1]
        state_bias = np.zeros(len(state), np.float32)
        if candidate is not None:
            state_bias[-units:] = candidate
        fed_back = self._integers(output, state, state_bias)
        inputs = [x, self._weight(op, 1, own), self._weight(op, 2, fed_back)]
        inputs.append(self.builder.constant(f"{op.name}.bias", own.bias, schema.DType.I32))
        if candidate is not None:
            offsets = fed_back.bias[-units:]
            name = f"{op.name}.candidate_bias"
            inputs.append(self.builder.constant(name, offsets, schema.DType.I32))
        self.builder.op(op.name, op.params, inputs, output)


def constant_codes(values: Array) -> Codes:
    """Codes of a constant that is added or multiplied: of its whole range."""
    return codes_of(*range_of(values, 100))


def integer_weights(source: schema.Tensor, weight: Array, bias: Array | None) -> IntegerWeights:
    """Weights that are multiplied with the codes of `source`, U8 or I16."""
    assert source.quantization is not None
    largest = _reach(source.quantization.zero_point) if source.dtype is U8 else 32767
    return quantize_weights(weight, bias, np.float32(source.quantization.scales[0]), largest)


def _reach(zero: int) -> int:
    """The largest |code - zero point| of U8."""
    return max(zero, 255 - zero)
