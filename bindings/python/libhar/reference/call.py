"""One op at work: its inputs, and the scale and zero point of its tensors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from libhar import schema
from libhar.reference.codes import F32, Array, code


class Call:
    """An op of a graph with the values of its inputs, [windows, rows, columns] or constants."""

    def __init__(
        self,
        graph: schema.Graph,
        constants: Mapping[int, Array],
        op: schema.Op,
        values: Mapping[int, Array],
    ) -> None:
        self.graph, self.constants, self.op, self.values = graph, constants, op, values

    @property
    def count(self) -> int:
        """How many inputs there are."""
        return len(self.op.inputs)

    def tensor(self, position: int) -> schema.Tensor:
        return self.graph.tensors[int(self.op.inputs[position])]

    @property
    def out(self) -> schema.Tensor:
        return self.graph.tensors[int(self.op.outputs[0])]

    def value(self, position: int) -> Array:
        index = int(self.op.inputs[position])
        return self.values[index] if index in self.values else self.constants[index]

    def shifted(self, position: int) -> Array:
        """Codes minus their zero point, int32; float32 as it is."""
        x = self.value(position)
        return (
            x if x.dtype == F32 else x.astype(np.int32) - np.int32(zero_of(self.tensor(position)))
        )

    def requantized(self, value: Array) -> Array:
        """`v` of the contract to the codes of the output."""
        return code(value, zero_of(self.out), 0, 255)


def scale_of(tensor: schema.Tensor) -> np.float32:
    assert tensor.quantization is not None
    return F32(tensor.quantization.scales[0])


def scales_of(tensor: schema.Tensor) -> Array:
    """Of a weight: one per output channel."""
    assert tensor.quantization is not None
    return tensor.quantization.scales.astype(F32)


def zero_of(tensor: schema.Tensor) -> int:
    return tensor.quantization.zero_point if tensor.quantization else 0


def matrix_product(x: Array, weight: Array) -> Array:
    """x [..., k] times weight [out, k]; integers exactly, as products of binary64."""
    if x.dtype == F32:
        return np.asarray(x @ weight.T, F32)
    return np.rint(x.astype(np.float64) @ weight.T.astype(np.float64)).astype(np.int64)


def converted(sums: Array) -> Array:
    """fl(acc) of accumulators, which the contract keeps within 32 bits."""
    assert np.abs(sums).max(initial=0) < 2**31
    return sums.astype(np.int32).astype(F32)
