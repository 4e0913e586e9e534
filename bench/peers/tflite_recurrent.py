"""A `.tflite` file of an LSTM or GRU and a dense layer, FP32 or INT8.

The steps are written out one after the other: XNNPACK then takes the whole. LiteRT's own op for an
LSTM keeps its state from one call to the next, and there is none for a GRU. What a step
computes from the window alone is one layer for all steps. Formulas: torch.nn.LSTM and torch.nn.GRU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ai_edge_litert.schema_py_generated as tfl
import numpy as np
from torch import nn

from bench.contender import Floats, Network, Precision
from bench.networks import Recurrent
from bench.peers.tflite_builder import TfliteBuilder, range_of

UNITS = 64
OP = tfl.BuiltinOperator


@dataclass(frozen=True)
class _Value:
    """A tensor, and what it is for every sample: [samples, ...]."""

    tensor: int
    values: Floats


class RecurrentFile(TfliteBuilder):
    """Writes what the layers compute; every method adds an op."""

    def __init__(self, network: Network, precision: Precision) -> None:
        super().__init__(precision)
        assert isinstance(network.module, Recurrent)
        self._network = network
        self._cell, self._dense = network.module.cell, network.module.dense

    def save(self, path: Path) -> None:
        """Writes the file."""
        rows, columns, samples = self._network.rows, self._network.columns, self._network.samples
        entry = self._begin(rows, columns, range_of(samples))
        lines = self._same_codes("lines", [rows, columns], entry)
        shape = self._integers(rows, columns)
        self._op(OP.RESHAPE, [entry, shape], [lines], "ReshapeOptions", newShape=[rows, columns])
        steps = self._lstm if isinstance(self._cell, nn.LSTM) else self._gru
        weight, bias = (p.detach().numpy() for p in (self._dense.weight, self._dense.bias))
        self._finish(self._layer(steps(_Value(lines, samples)), weight, bias).tensor, path)

    def _parameters(self, order: Sequence[int]) -> list[Floats]:
        """Weights of the input and of the state, and their biases, gates in another order."""
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        found = (getattr(self._cell, name).detach().numpy() for name in names)
        return [np.concatenate([np.split(p, len(order))[gate] for gate in order]) for p in found]

    def _lstm(self, window: _Value) -> _Value:
        """i, f, o = sigmoid, g = tanh; c = f c + i g; h = o tanh(c)."""
        of_input, of_state, bias, more = self._parameters((0, 1, 3, 2))
        given = self._layer(window, of_input, bias + more)
        state: _Value | None = None
        memory: _Value | None = None
        for step in range(self._network.rows):
            sums = self._at(given, step)
            if state:
                sums = self._arithmetic(OP.ADD, sums, self._layer(state, of_state, None))
            gates = self._curve(OP.LOGISTIC, self._part(sums, 0, 3 * UNITS))
            i, f, o = self._split(gates, 3)
            g = self._curve(OP.TANH, self._part(sums, 3 * UNITS, UNITS))
            added = self._arithmetic(OP.MUL, i, g)
            kept = self._arithmetic(OP.MUL, f, memory) if memory else None
            memory = self._arithmetic(OP.ADD, kept, added) if kept else added
            state = self._arithmetic(OP.MUL, o, self._curve(OP.TANH, memory))
        assert state is not None
        return state

    def _gru(self, window: _Value) -> _Value:
        """r, z = sigmoid; n = tanh(x + r (h W + b)); h = n + z (h - n)."""
        of_input, of_state, bias, more = self._parameters((0, 1, 2))
        two = 2 * UNITS
        early = self._layer(window, of_input[:two], bias[:two] + more[:two])
        late = self._layer(window, of_input[two:], bias[two:])
        zeros = np.zeros((len(window.values), 1, UNITS), np.float32)
        state = _Value(self._zeros(), zeros)
        for step in range(self._network.rows):
            sums = self._layer(state, of_state[:two], None)
            gates = self._curve(OP.LOGISTIC, self._arithmetic(OP.ADD, self._at(early, step), sums))
            r, z = self._split(gates, 2)
            turned = self._arithmetic(OP.MUL, r, self._layer(state, of_state[two:], more[two:]))
            n = self._curve(OP.TANH, self._arithmetic(OP.ADD, self._at(late, step), turned))
            moved = self._arithmetic(OP.MUL, z, self._arithmetic(OP.SUB, state, n))
            state = self._arithmetic(OP.ADD, n, moved)
        return state

    def _zeros(self) -> int:
        """A state, as a constant."""
        if not self._is_int8:
            return self._constant(np.zeros((1, UNITS), np.float32), tfl.TensorType.FLOAT32)
        number = self._constant(np.zeros((1, UNITS), np.int8), tfl.TensorType.INT8)
        self._quantize(number, [1 / 128], [0])
        return number

    def _new(self, values: Floats) -> _Value:
        name, shape = f"t{len(self._tensors)}", list(values.shape[1:])
        bounds = range_of(values) if values.any() else (-1.0, 1.0)  # of a state of zeros
        return _Value(self._activation(name, shape, bounds), values)

    def _taken(self, values: Floats, source: _Value) -> _Value:
        name, shape = f"t{len(self._tensors)}", list(values.shape[1:])
        return _Value(self._same_codes(name, shape, source.tensor), values)

    def _layer(self, x: _Value, weight: Floats, bias: Floats | None) -> _Value:
        y = self._new(x.values @ weight.T + (0 if bias is None else bias))
        weighted = [x.tensor, *self._weights(x.tensor, weight, bias)]
        self._op(OP.FULLY_CONNECTED, weighted, [y.tensor], "FullyConnectedOptions")
        return y

    def _slice(self, x: _Value, values: Floats, begin: tuple[int, int]) -> _Value:
        y = self._taken(values, x)
        places = [self._integers(*begin), self._integers(*values.shape[1:])]
        self._op(OP.SLICE, [x.tensor, *places], [y.tensor], "SliceOptions")
        return y

    def _at(self, x: _Value, step: int) -> _Value:
        return self._slice(x, x.values[:, step : step + 1], (step, 0))

    def _part(self, x: _Value, start: int, count: int) -> _Value:
        return self._slice(x, x.values[:, :, start : start + count], (0, start))

    def _split(self, x: _Value, count: int) -> list[_Value]:
        parts = [self._taken(values, x) for values in np.split(x.values, count, axis=2)]
        axis = self._constant(np.array(1, np.int32), tfl.TensorType.INT32)
        results = [part.tensor for part in parts]
        self._op(OP.SPLIT, [axis, x.tensor], results, "SplitOptions", numSplits=count)
        return parts

    def _curve(self, code: int, x: _Value) -> _Value:
        """Sigmoid or tanh: the scales of their codes are LiteRT's own."""
        is_tanh = code == OP.TANH
        found = np.tanh(x.values) if is_tanh else 1 / (1 + np.exp(-x.values))
        values = np.asarray(found, np.float32)
        scale, zero = (1 / 128, 0) if is_tanh else (1 / 256, -128)
        name = f"t{len(self._tensors)}"
        y = _Value(self._coded(name, list(values.shape[1:]), scale, zero), values)
        self._op(code, [x.tensor], [y.tensor], "")
        return y

    def _arithmetic(self, code: int, a: _Value, b: _Value) -> _Value:
        kinds = {OP.ADD: ("AddOptions", np.add), OP.MUL: ("MulOptions", np.multiply)}
        options, function = kinds.get(code, ("SubOptions", np.subtract))
        y = self._new(function(a.values, b.values))
        self._op(code, [a.tensor, b.tensor], [y.tensor], options)
        return y
