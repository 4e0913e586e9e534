"""The integer graph: an FP32 graph rewritten op by op."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.quantize.ranges import Codes
from libhar.quantize.weights import quantize_weights
from libhar.reference.codes import Array
from libhar.reference.network import Network

F32, I16, U8 = schema.DType.F32, schema.DType.I16, schema.DType.U8
WEIGHTED = (schema.Conv1d, schema.Dense)
FLOAT_ONLY = (schema.Affine, schema.Softmax)


class Rewriter:
    """Makes the integer graph. Tensors are F32 until a weighted op reads them, U8 afterwards.

    The first weighted ops read I16, which keeps quiet sensor channels; affines and softmaxes that
    are left run in F32; the output is F32.
    """

    def __init__(
        self, network: Network, codes: Mapping[int, Codes], values: Mapping[int, Array]
    ) -> None:
        self.network, self.codes, self.values = network, codes, values
        self.builder = GraphBuilder()
        self.made: dict[tuple[int, schema.DType], int] = {}
        """For a tensor of the FP32 graph and a type, the tensor of the integer graph."""

    def rewrite(self) -> GraphBuilder:
        graph = self.network.graph
        self.builder.graph.input = self._computed(graph.input, F32)
        for op in graph.ops:
            if isinstance(op.params, WEIGHTED):
                self._weighted(op)
            elif isinstance(op.params, FLOAT_ONLY) or self._all_float(op):
                self._plain(op, F32)
            else:
                self._plain(op, U8)
        self.builder.graph.output = self._as(graph.output, F32)
        return self.builder

    def _all_float(self, op: schema.Op) -> bool:
        return all((int(t), F32) in self.made for t in op.inputs)

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
        inputs = [
            self._constant(int(t)) if int(t) in self.network.constants else self._as(int(t), dtype)
            for t in op.inputs
        ]
        self.builder.op(op.name, op.params, inputs, self._computed(int(op.outputs[0]), dtype))

    def _constant(self, tensor: int) -> int:
        name = self.network.graph.tensors[tensor].name
        return self.builder.constant(name, self.network.constants[tensor])

    def _weighted(self, op: schema.Op) -> None:
        source, output = int(op.inputs[0]), int(op.outputs[0])
        x = self._as(source, U8 if (source, U8) in self.made else I16)
        quantization = self.builder.graph.tensors[x].quantization
        assert quantization is not None
        zero = quantization.zero_point
        largest = max(zero, 255 - zero) if self.builder.graph.tensors[x].dtype is U8 else 32767
        constants = [self.network.constants[int(t)] for t in op.inputs[1:]]
        bias = constants[1] if len(constants) > 1 else None
        integers = quantize_weights(constants[0], bias, np.float32(quantization.scales[0]), largest)
        name = self.network.graph.tensors[int(op.inputs[1])].name
        weight = self.builder.constant(
            name, integers.weight, schema.DType.I8, schema.Quantization(integers.scales)
        )
        offsets = self.builder.constant(f"{op.name}.bias", integers.bias, schema.DType.I32)
        dtype = F32 if output == self.network.graph.output else U8
        made = self._computed(output, dtype)
        self.builder.op(op.name, op.params, [x, weight, offsets], made)
