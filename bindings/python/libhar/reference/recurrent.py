"""Recurrent layers: RNN, LSTM (S. Hochreiter, J. Schmidhuber, 1997), GRU (K. Cho et al., 2014)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from libhar import schema
from libhar.reference.call import Call, converted, matrix_product, scale_of, scales_of, zero_of
from libhar.reference.codes import F32, Array, quantize
from libhar.reference.functions import gate_sigmoid, gate_tanh

GATES = {schema.CellKind.RNN: 1, schema.CellKind.LSTM: 4, schema.CellKind.GRU: 3}
Product = Callable[[Array, slice], Array]
"""A binary32 state and the gate columns wanted, to the recurrent part of these gates."""


@dataclass
class _State:
    """`h` and `c` [windows, H] in binary32; `c` of the LSTM alone."""

    h: Array
    c: Array


def recurrent(call: Call) -> Array:
    """The states [windows, n, H] in binary32, or their codes; one row where `last`."""
    params = call.op.params
    assert isinstance(params, schema.Recurrent)
    projected = _input_part(call)
    product = _state_product(call)
    units = call.value(2).shape[1]
    zeros = np.zeros((len(projected), units), F32)
    state = _State(zeros, zeros)
    order = range(projected.shape[1])
    states = np.zeros((*projected.shape[:2], units), F32)
    for t in reversed(order) if params.reverse else order:
        state = _STEPS[params.cell](params, state, projected[:, t], product)
        states[:, t] = state.h
    if params.last:
        states = state.h[:, None]
    if call.tensor(0).dtype is schema.DType.F32:
        return states
    return quantize(states, scale_of(call.out), zero_of(call.out), 0, 255)


def _input_part(call: Call) -> Array:
    """`p` of the contract, of all rows: the input's products with the bias, in binary32."""
    sums = matrix_product(call.shifted(0), call.value(1))
    if call.count > 3:
        sums = sums + call.value(3)
    if sums.dtype == F32:
        return sums
    return converted(sums) * (scale_of(call.tensor(0)) * scales_of(call.tensor(1)))


def _state_product(call: Call) -> Product:
    """`r` of the contract; integer networks multiply the codes of the state."""
    weight = call.value(2)
    units = weight.shape[1]
    bias = np.zeros(len(weight), np.float64)
    if call.count > 4:
        bias[-units:] = call.value(4)
    if call.tensor(0).dtype is schema.DType.F32:
        return lambda h, gates: matrix_product(h, weight[gates]) + bias[gates].astype(F32)
    scale, zero = scale_of(call.out), zero_of(call.out)
    multiplier = scale * scales_of(call.tensor(2))

    def of_codes(h: Array, gates: slice) -> Array:
        codes = quantize(h, scale, zero, 0, 255) - np.int32(zero)
        sums = matrix_product(codes, weight[gates]) + bias[gates].astype(np.int64)
        return converted(sums) * multiplier[gates]

    return of_codes


def _rnn(params: schema.Recurrent, state: _State, p: Array, product: Product) -> _State:
    total = p + product(state.h, slice(None))
    relu = params.activation is schema.ActivationKind.RELU
    return _State(np.maximum(total, F32(0)) if relu else gate_tanh(total), state.c)


def _lstm(params: schema.Recurrent, state: _State, p: Array, product: Product) -> _State:
    i, f, g, o = np.split(p + product(state.h, slice(None)), 4, axis=-1)
    c = gate_sigmoid(f) * state.c + gate_sigmoid(i) * gate_tanh(g)
    return _State(gate_sigmoid(o) * gate_tanh(c), c)


def _gru(params: schema.Recurrent, state: _State, p: Array, product: Product) -> _State:
    units = state.h.shape[-1]
    first, candidate = slice(0, 2 * units), slice(2 * units, 3 * units)
    r, z = np.split(gate_sigmoid(p[..., first] + product(state.h, first)), 2, axis=-1)
    if params.reset_after:
        n = gate_tanh(p[..., candidate] + r * product(state.h, candidate))
    else:
        n = gate_tanh(p[..., candidate] + product(r * state.h, candidate))
    return _State((F32(1) - z) * n + z * state.h, state.c)


_STEPS = {schema.CellKind.RNN: _rnn, schema.CellKind.LSTM: _lstm, schema.CellKind.GRU: _gru}
