"""What one-row tensors of a graph are of others: linear forms, and sums of products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.builder import GraphBuilder

Array = NDArray[Any]
Row = tuple[int, int]
"""A tensor of several rows, and one of them."""
Atom = int | Row
"""A one-row tensor, or a row of another."""


@dataclass(frozen=True)
class Linear:
    """sum(weights[atom] @ atom) + bias."""

    weights: dict[Atom, Array]
    bias: Array


Polynomial = dict[tuple[int, ...], Array]
"""For sorted tensors that are multiplied elementwise, the coefficient of every column."""


class Forms:
    """Reads the ops of a graph backwards; `states` are tensors that are not read through."""

    def __init__(self, builder: GraphBuilder) -> None:
        self.builder, self.graph = builder, builder.graph
        self.producer = {int(op.outputs[0]): op for op in self.graph.ops}
        self.states: set[int] = set()
        self._linear: dict[Atom, Linear] = {}
        self._multiplied = {
            int(op.inputs[0]) for op in self.graph.ops if isinstance(op.params, schema.Dense)
        }

    def constant(self, tensor: int) -> Array:
        """A binary32 constant in binary64, in its shape."""
        return self.builder.values(tensor).astype(np.float64)

    def linear(self, tensor: int) -> Linear:
        """A one-row tensor as a linear form of atoms."""
        if tensor not in self._linear:
            self._linear[tensor] = self._read(tensor)
        return self._linear[tensor]

    def _read(self, tensor: int) -> Linear:
        op = self.producer.get(tensor)
        if op is None or tensor in self.states:
            return self._atom(tensor)
        inputs, params = [int(t) for t in op.inputs], op.params
        if isinstance(params, schema.Slice) and params.axis == 0 and params.count == 1:
            return self._row(inputs[0], params.begin)
        if isinstance(params, schema.Add) and self._same_shape(inputs):
            return _sum(self.linear(inputs[0]), self.linear(inputs[1]))
        if isinstance(params, schema.Concat) and params.axis == 1:
            return self._joined(inputs)
        return self._through(op, lambda: self.linear(inputs[0])) or self._atom(tensor)

    def _row(self, tensor: int, row: int) -> Linear:
        """A row of a tensor of several, read through what works on every row alone."""
        key = (tensor, row)
        if key not in self._linear:
            op = self.producer.get(tensor)
            found = None
            if op is not None:
                source = int(op.inputs[0])
                found = self._through(op, lambda: self._row(source, row))
            columns = self.builder.shape(tensor)[1]
            self._linear[key] = found or Linear({key: np.eye(columns)}, np.zeros(columns))
        return self._linear[key]

    def _through(self, op: schema.Op, source: Any) -> Linear | None:
        """Ops that make a linear form of a linear form."""
        inputs, params = [int(t) for t in op.inputs], op.params
        if isinstance(params, schema.Dense):
            x, weight = source(), self.constant(inputs[1])
            bias = weight @ x.bias
            if len(inputs) > 2:
                bias = bias + self.constant(inputs[2])
            return Linear({a: weight @ w for a, w in x.weights.items()}, bias)
        if isinstance(params, schema.Affine):
            x = source()
            scale, offset = self.constant(inputs[1]), self.constant(inputs[2])
            weights = {a: scale[:, None] * w for a, w in x.weights.items()}
            return Linear(weights, x.bias * scale + offset)
        if isinstance(params, schema.Slice) and params.axis == 1:
            x = source()
            part = slice(params.begin, params.begin + params.count)
            return Linear({a: w[part] for a, w in x.weights.items()}, x.bias[part])
        return None

    def _joined(self, inputs: list[int]) -> Linear:
        parts = [self.linear(t) for t in inputs]
        sizes = [len(p.bias) for p in parts]
        weights: dict[Atom, Array] = {}
        for i, part in enumerate(parts):
            first = sum(sizes[:i])
            for atom, weight in part.weights.items():
                whole = weights.setdefault(atom, np.zeros((sum(sizes), weight.shape[1])))
                whole[first : first + sizes[i]] = weight
        return Linear(weights, np.concatenate([p.bias for p in parts]))

    def _atom(self, tensor: int) -> Linear:
        columns = self.builder.shape(tensor)[1]
        return Linear({tensor: np.eye(columns)}, np.zeros(columns))

    def _same_shape(self, tensors: list[int]) -> bool:
        return len({self.builder.shape(t) for t in tensors}) == 1

    def is_multiplied(self, tensor: int) -> bool:
        """Whether a dense layer reads the tensor, as the next step reads a state."""
        return tensor in self._multiplied

    def polynomial(self, tensor: int) -> Polynomial:
        """A one-row tensor as a sum of products of tensors; () is the key of a constant."""
        op = self.producer.get(tensor)
        columns = self.builder.shape(tensor)[1]
        plain: Polynomial = {(tensor,): np.ones(columns)}
        if op is None or tensor in self.states:
            return plain
        inputs, params = [int(t) for t in op.inputs], op.params
        if isinstance(params, schema.Add) and self._same_shape(inputs):
            a, b = (self.polynomial(t) for t in inputs)
            zero = np.zeros(columns)
            return {k: a.get(k, zero) + b.get(k, zero) for k in {**a, **b}}
        if isinstance(params, schema.Multiply) and self._same_shape(inputs):
            a, b = (self.polynomial(t) for t in inputs)
            if len(a) * len(b) > 8:
                return plain
            total: Polynomial = {}
            for ka, va in a.items():
                for kb, vb in b.items():
                    key = tuple(sorted((*ka, *kb)))
                    total[key] = total.get(key, 0) + va * vb
            return total
        if isinstance(params, schema.Affine):
            scale, offset = self.constant(inputs[1]), self.constant(inputs[2])
            found = {k: v * scale for k, v in self.polynomial(inputs[0]).items()}
            found[()] = found.get((), 0) + offset
            return {k: v for k, v in found.items() if np.any(v)}
        return plain

    def curve(self, tensor: int, kind: schema.ActivationKind) -> int | None:
        """What the tensor is that curve of; None where it is none."""
        op = self.producer.get(tensor)
        if op is None or not isinstance(op.params, schema.Activation) or op.params.kind is not kind:
            return None
        return int(op.inputs[0])


def _sum(a: Linear, b: Linear) -> Linear:
    weights = dict(a.weights)
    for atom, weight in b.weights.items():
        weights[atom] = weights[atom] + weight if atom in weights else weight
    return Linear(weights, a.bias + b.bias)
