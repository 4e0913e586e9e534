"""One step of a recurrent layer, read from elementwise ops.

A step is known by its algebra: h = o * tanh(f * c + i * g) of an LSTM, h = z * h + (1 - z) * n of a
GRU however it is written, h = tanh(W x + U h + b) of an RNN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from libhar import schema
from libhar.convert.forms import Array, Forms, Linear, Polynomial

Kind = schema.ActivationKind
Cell = schema.CellKind
TOLERANCE = 1e-6


@dataclass
class Gate:
    """W x + U h + b before its curve; `state` is None where h does not occur (it is zero)."""

    inputs: Array
    state: Array | None
    bias: Array


@dataclass
class Step:
    """One step: h (and c) from row `row` of the tensors `x` and the step before, -1 for none."""

    cell: schema.CellKind
    h: int
    x: tuple[int, ...]
    row: int
    gates: list[Gate | None]
    before: int
    c: int = -1
    c_before: int = -1
    activation: schema.ActivationKind = Kind.TANH
    reset_after: bool | None = None
    candidate: Array | None = None
    """Of a GRU that resets after the product: the bias of the state's part."""


class Reader:
    """Finds the step that a tensor is the end of."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms

    def step(self, h: int) -> Step | None:
        if self.forms.builder.shape(h)[0] != 1:
            return None
        return self._lstm(h) or self._gru(h) or self._rnn(h)

    def _gate(self, form: Linear, rows: tuple[tuple[int, ...], int], h: int) -> Gate | None:
        """The form as a gate of that row and that state."""
        tensors, row = rows
        atoms = {(t, row) for t in tensors} | ({h} if h >= 0 else set())
        if not set(form.weights) <= atoms:
            return None
        size = len(form.bias)
        parts = [
            form.weights.get((t, row), np.zeros((size, self.forms.builder.shape(t)[1])))
            for t in tensors
        ]
        return Gate(np.concatenate(parts, axis=1), form.weights.get(h), form.bias)

    def _rows(self, form: Linear) -> tuple[tuple[int, ...], int] | None:
        """The tensors of which the form has a row, the same of all."""
        atoms = sorted(a for a in form.weights if isinstance(a, tuple))
        if not atoms or len({row for _, row in atoms}) != 1:
            return None
        return tuple(t for t, _ in atoms), atoms[0][1]

    def _rnn(self, h: int) -> Step | None:
        for kind in (Kind.TANH, Kind.RELU):
            source = self.forms.curve(h, kind)
            if source is None:
                continue
            form = self.forms.linear(source)
            rows = self._rows(form)
            states = [a for a in form.weights if not isinstance(a, tuple)]
            if rows is None or len(states) > 1:
                return None
            before = states[0] if states else -1
            gate = self._gate(form, rows, before)
            return Step(Cell.RNN, h, *rows, [gate], before, activation=kind) if gate else None
        return None

    def _lstm(self, h: int) -> Step | None:
        product = _single(self.forms.polynomial(h))
        if product is None or len(product) != 2:
            return None
        for o, tanh in (product, product[::-1]):
            c, output = self.forms.curve(tanh, Kind.TANH), self.forms.curve(o, Kind.SIGMOID)
            if c is None or output is None:
                continue
            found = self._cell(c)
            if found is None:
                continue
            (i, g), (f, c_before) = found
            forms = [self.forms.linear(t) for t in (i, f, g, output) if t >= 0]
            gates = self._gates(forms)
            if gates is None:
                continue
            rows, before, made = gates
            if f < 0:
                made.insert(1, None)
            return Step(Cell.LSTM, h, *rows, made, before, c, c_before)
        return None

    def _cell(self, c: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """What the gates of c = i * g + f * c_before read, and c_before; -1 where it is zero."""
        found = self.forms.polynomial(c)
        if len(found) > 2 or not all(len(k) == 2 and np.all(v == 1) for k, v in found.items()):
            return None
        inner, forget = None, (-1, -1)
        for pair in found:
            for a, b in (pair, pair[::-1]):
                gate = self.forms.curve(a, Kind.SIGMOID)
                candidate = self.forms.curve(b, Kind.TANH)
                if gate is None:
                    continue
                if candidate is not None:
                    inner = gate, candidate
                elif b in self.forms.states:
                    forget = gate, b
        return (inner, forget) if inner and (len(found) == 1) == (forget[0] < 0) else None

    def _gates(
        self, forms: list[Linear]
    ) -> tuple[tuple[tuple[int, ...], int], int, list[Gate | None]] | None:
        """Gates of one row and one state."""
        rows = self._rows(forms[0])
        states = {a for f in forms for a in f.weights if not isinstance(a, tuple)}
        if rows is None or len(states) > 1:
            return None
        before = states.pop() if states else -1
        gates = [self._gate(form, rows, int(before)) for form in forms]
        return None if any(g is None for g in gates) else (rows, int(before), gates)

    def _gru(self, h: int) -> Step | None:
        found = self.forms.polynomial(h)
        atoms = {t for key in found for t in key}
        before = [t for t in atoms if t in self.forms.states]
        n = [t for t in atoms if self.forms.curve(t, Kind.TANH) is not None]
        z = [t for t in atoms if self.forms.curve(t, Kind.SIGMOID) is not None]
        if len(n) != 1 or len(z) != 1 or len(before) > 1 or len(atoms) != 2 + len(before):
            return None
        candidate = self.forms.curve(n[0], Kind.TANH)
        update = self.forms.curve(z[0], Kind.SIGMOID)
        assert candidate is not None and update is not None
        names = (n[0], z[0], before[0] if before else -1)
        return self._gru_step(h, found, names, candidate, update)

    def _gru_step(
        self,
        h: int,
        found: Polynomial,
        names: tuple[int, int, int],
        candidate: int,
        update: int,
    ) -> Step | None:
        n, z, before = names
        sign = _update_sign(found, n, z, before)
        if sign is None:
            return None
        form = self.forms.linear(update)
        turned = Linear({a: sign * w for a, w in form.weights.items()}, sign * form.bias)
        rows = self._rows(turned)
        if rows is None:
            return None
        gate = self._gate(turned, rows, before)
        if gate is None:
            return None
        reset = self._reset(self.forms.linear(candidate), rows, before)
        if reset is None:
            return None
        r, own, after, bias = reset
        step = Step(Cell.GRU, h, *rows, [r, gate, own], before)
        step.reset_after, step.candidate = after, bias
        return step

    def _reset(
        self, form: Linear, rows: tuple[tuple[int, ...], int], before: int
    ) -> tuple[Gate | None, Gate, bool | None, Array | None] | None:
        """Reset gate, candidate, whether the gate multiplies after the product, the bias there."""
        others = [a for a in form.weights if not isinstance(a, tuple)]
        plain = Linear({a: w for a, w in form.weights.items() if isinstance(a, tuple)}, form.bias)
        own = self._gate(plain, rows, -1)
        if own is None or len(others) > 1:
            return None
        if not others:
            return None, own, None, None
        atom, weight = int(others[0]), form.weights[others[0]]
        source = self.forms.curve(atom, Kind.SIGMOID)
        if source is not None:  # the first step: r * b, of a state of zeros
            bias = np.diag(weight)
            gate = self._gate(self.forms.linear(source), rows, before)
            same = np.array_equal(weight, np.diag(bias))
            return (gate, own, True, bias) if gate and same else None
        op = self.forms.producer.get(atom)
        if op is None or not isinstance(op.params, schema.Multiply):
            return None
        for r, other in (op.inputs.tolist(), op.inputs.tolist()[::-1]):
            source = self.forms.curve(r, Kind.SIGMOID)
            gate = (
                self._gate(self.forms.linear(source), rows, before) if source is not None else None
            )
            if gate is None:
                continue
            if other == before:
                own.state = weight
                return gate, own, False, None
            inner = self.forms.linear(other)
            if set(inner.weights) == {before} and np.array_equal(weight, np.eye(len(weight))):
                own.state = inner.weights[before]
                return gate, own, True, inner.bias
        return None


def _single(found: Polynomial) -> tuple[int, ...] | None:
    """The only product, where its coefficient is 1."""
    if len(found) != 1:
        return None
    ((key, value),) = found.items()
    return key if np.all(value == 1) else None


def _update_sign(found: Polynomial, n: int, z: int, before: int) -> int | None:
    """1 where h = (1 - z) n + z h, -1 where z and 1 - z are exchanged, which is sigmoid(-a)."""
    nz, hz = tuple(sorted((n, z))), tuple(sorted((before, z)))
    plain: dict[tuple[int, ...], int] = {(n,): 1, nz: -1}
    turned: dict[tuple[int, ...], int] = {nz: 1}
    if before >= 0:
        plain[hz] = 1
        turned |= {(before,): 1, hz: -1}
    for sign, wanted in ((1, plain), (-1, turned)):
        if set(found) == set(wanted) and all(np.all(found[k] == v) for k, v in wanted.items()):
            return sign
    return None
