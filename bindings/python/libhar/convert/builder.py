"""Putting a graph together: tensors, constants and ops of a model file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import schema


class GraphBuilder:
    """Collects the tensors, buffers and ops of one network.

    A computed tensor is named by its index; its shape is (rows, columns).
    """

    def __init__(self) -> None:
        self.graph = schema.Graph()
        self.buffers: list[schema.Buffer] = []
        self._constants: dict[tuple[str, bytes], int] = {}

    def shape(self, tensor: int) -> tuple[int, int]:
        """Rows and columns of a computed tensor."""
        rows, columns = self.graph.tensors[tensor].shape
        return int(rows), int(columns)

    def computed(
        self,
        name: str,
        rows: int,
        columns: int,
        dtype: schema.DType = schema.DType.F32,
        quantization: schema.Quantization | None = None,
    ) -> int:
        """A tensor that an op will write."""
        return self._add(schema.Tensor(name, dtype, _shape(rows, columns), quantization, -1))

    def constant(
        self,
        name: str,
        values: NDArray[Any],
        dtype: schema.DType = schema.DType.F32,
        quantization: schema.Quantization | None = None,
    ) -> int:
        """A tensor with values, of the NumPy type of `dtype`. Equal constants are kept once."""
        data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        key = (name, data.tobytes())
        if key not in self._constants:
            self.buffers.append(schema.Buffer(data))
            self._constants[key] = self._add(
                schema.Tensor(
                    name, dtype, _shape(*values.shape), quantization, len(self.buffers) - 1
                )
            )
        return self._constants[key]

    def values(self, tensor: int) -> NDArray[np.float32]:
        """A binary32 constant in its shape."""
        source = self.graph.tensors[tensor]
        data = self.buffers[source.buffer].data
        return np.frombuffer(data.tobytes(), "<f4").reshape(source.shape)

    def op(self, name: str, params: schema.OpParams, inputs: list[int], output: int) -> int:
        """Adds an op; returns its output."""
        self.graph.ops.append(
            schema.Op(name, params, np.array(inputs, "<i4"), np.array([output], "<i4"))
        )
        return output

    def copied(self, tensor: schema.Tensor, buffers: list[schema.Buffer]) -> int:
        """A tensor of another graph, with its constant where it has one."""
        if tensor.buffer < 0:
            return self._add(replace(tensor))
        self.buffers.append(buffers[tensor.buffer])
        return self._add(replace(tensor, buffer=len(self.buffers) - 1))

    def _add(self, tensor: schema.Tensor) -> int:
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1


def _shape(*dims: int) -> NDArray[np.int32]:
    return np.array(dims, "<i4")
