"""The networks of the small models that hold recurrent layers and attention."""

from __future__ import annotations

import numpy as np
from libhar import schema
from libhar.convert.builder import GraphBuilder

ROWS, COLUMNS, CLASSES, WIDTH = 16, 3, 4, 6
GATES = {schema.CellKind.RNN: 1, schema.CellKind.LSTM: 4, schema.CellKind.GRU: 3}
Kind, Pool = schema.ActivationKind, schema.PoolKind


class Network:
    """Grows a graph of random weights, [ROWS, COLUMNS] to [1, CLASSES]; methods give tensors."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.build = rng, GraphBuilder()
        self.x = self.build.graph.input = self.build.computed("input", ROWS, COLUMNS)

    def columns(self, tensor: int) -> int:
        return self.build.shape(tensor)[1]

    def weight(self, *shape: int) -> int:
        values = self.rng.normal(size=shape) / np.sqrt(shape[-1] if len(shape) > 1 else 1)
        return self.build.constant(f"c{len(self.build.graph.tensors)}", values.astype("<f4"))

    def op(self, params: schema.OpParams, inputs: list[int], rows: int, columns: int) -> int:
        name = f"{type(params).__name__.lower()}{len(self.build.graph.ops)}"
        return self.build.op(name, params, inputs, self.build.computed(name, rows, columns))

    def same(self, params: schema.OpParams, *inputs: int) -> int:
        """An op whose output has the shape of its first input."""
        return self.op(params, list(inputs), *self.build.shape(inputs[0]))

    def activated(self, kind: schema.ActivationKind, x: int) -> int:
        return self.same(schema.Activation(kind, 0.1), x)

    def per_column(self, params: schema.OpParams, x: int) -> int:
        return self.same(params, x, *(self.weight(self.columns(x)) for _ in range(2)))

    def recurrent(self, params: schema.Recurrent, x: int) -> int:
        gates = GATES[params.cell] * WIDTH
        inputs = [x, self.weight(gates, self.columns(x)), self.weight(gates, WIDTH)]
        inputs.append(self.weight(gates))
        if params.reset_after:
            inputs.append(self.weight(WIDTH))
        rows = 1 if params.last else self.build.shape(x)[0]
        return self.op(params, inputs, rows, WIDTH)

    def joined(self, a: int, b: int) -> int:
        rows, columns = self.build.shape(a)
        return self.op(schema.Concat(1), [a, b], rows, columns + self.columns(b))

    def pooled(self, kind: schema.PoolKind, axis: int, x: int) -> int:
        rows, columns = self.build.shape(x)
        shape = (1, columns) if axis == 0 else (rows, 1)
        return self.op(schema.GlobalPool(kind, axis), [x], *shape)

    def finished(self, x: int) -> GraphBuilder:
        weights = [self.weight(CLASSES, self.columns(x)), self.weight(CLASSES)]
        self.build.graph.output = self.op(schema.Dense(), [x, *weights], 1, CLASSES)
        return self.build


def recurrent(rng: np.random.Generator) -> GraphBuilder:
    """Every cell, both resets of the GRU, both directions, sequences and last states."""
    net, layer, cell = Network(rng), schema.Recurrent, schema.CellKind
    backwards = net.recurrent(layer(cell.RNN, reverse=True), net.x)
    both = net.joined(net.recurrent(layer(cell.LSTM), net.x), backwards)
    x = net.recurrent(layer(cell.GRU), both)
    x = net.recurrent(layer(cell.GRU, reset_after=True, reverse=True), x)
    positive = net.recurrent(layer(cell.RNN, Kind.RELU, last=True), x)
    last = net.recurrent(layer(cell.LSTM, reverse=True, last=True), x)
    return net.finished(net.joined(positive, last))


def attention(rng: np.random.Generator) -> GraphBuilder:
    """Attention in heads and over time, norms, gates, constants, parts, the later activations."""
    net = Network(rng)
    same = schema.Conv1d(padding=schema.Padding.SAME)
    weights = [net.weight(WIDTH, 3, COLUMNS), net.weight(WIDTH)]
    x = net.activated(Kind.GELU, net.op(same, [net.x, *weights], ROWS, WIDTH))
    x = net.per_column(schema.LayerNorm(1e-3), x)
    x = net.same(schema.Add(), x, net.weight(ROWS, WIDTH))
    queries = net.per_column(schema.Affine(), x)
    keys = net.activated(Kind.SILU, x)
    y = net.same(schema.Attention(2, 0.5), queries, keys, x)
    x = net.same(schema.Add(), x, net.activated(Kind.LEAKY_RELU, y))
    x = net.op(schema.Slice(0, 2, ROWS - 4), [x], ROWS - 4, WIDTH)
    gate = net.activated(Kind.HARD_SIGMOID, net.pooled(Pool.AVERAGE, 0, x))
    x = net.same(schema.Multiply(), x, gate)
    weights_of_steps = net.same(schema.Softmax(0), net.pooled(Pool.MAX, 1, x))
    summed = net.pooled(Pool.SUM, 0, net.same(schema.Multiply(), x, weights_of_steps))
    scaled = net.same(schema.Multiply(), net.activated(Kind.HARD_SWISH, summed), net.weight(WIDTH))
    part = net.op(schema.Slice(1, 1, 2), [net.pooled(Pool.MAX, 0, x)], 1, 2)
    return net.finished(net.joined(scaled, net.activated(Kind.GELU_TANH, part)))
