"""Steps of recurrent layers put together to one op.

torch's dynamo exporter writes an RNN, Keras an unrolled layer, step by step; loops are run at
conversion. Steps that follow each other with the same weights over the rows of one tensor, first
to last or last to first, are one Recurrent op: its rows replace the states.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.forms import Array, Forms
from libhar.convert.steps import TOLERANCE, Cell, Gate, Reader, Step


@dataclass
class Chain:
    """Steps in the order in which they run."""

    steps: list[Step] = field(default_factory=list)

    @property
    def direction(self) -> int:
        return self.steps[1].row - self.steps[0].row if len(self.steps) > 1 else 0


def rolled(builder: GraphBuilder) -> GraphBuilder | None:
    """The graph with one chain of steps as one op; None where there is none."""
    for chain in sorted(_chains(builder), key=lambda c: -len(c.steps)):
        if len(chain.steps) > 1 and not _cell_is_read(builder, chain):
            return _replaced(builder, chain)
    return None


def _chains(builder: GraphBuilder) -> list[Chain]:
    forms = Forms(builder)
    reader = Reader(forms)
    by_state: dict[int, Chain] = {}
    chains: list[Chain] = []
    for op in builder.graph.ops:
        output = int(op.outputs[0])
        if not isinstance(op.params, (schema.Add, schema.Multiply, schema.Activation)):
            continue
        step = reader.step(output)
        if step is None:
            continue
        if step.before >= 0:
            chain = by_state.get(step.before)
            if chain is None or not _follows(chain, step):
                continue
            chain.steps.append(step)
        elif forms.is_multiplied(output):
            chain = Chain([step])
            chains.append(chain)
        else:
            continue
        by_state[output] = chain
        if step.cell is not Cell.RNN:  # whose state is a curve, which is not read through
            forms.states |= {output, step.c} - {-1}
    return chains


def _follows(chain: Chain, step: Step) -> bool:
    """Whether the step continues the chain: its state, its weights, the next row."""
    last = chain.steps[-1]
    if (step.cell, step.x, step.before, step.c_before) != (last.cell, last.x, last.h, last.c):
        return False
    if step.activation is not last.activation or abs(step.row - last.row) != 1:
        return False
    if chain.direction not in (0, step.row - last.row):
        return False
    if None not in (last.reset_after, step.reset_after) and last.reset_after != step.reset_after:
        return False
    pairs = zip(last.gates, step.gates, strict=True)
    return all(_same_gate(a, b) for a, b in pairs) and _same(last.candidate, step.candidate)


def _same_gate(a: Gate | None, b: Gate | None) -> bool:
    """Equal where both are known: a state of zeros leaves weights, or a whole gate, unknown."""
    if a is None or b is None:
        return True
    return _same(a.inputs, b.inputs) and _same(a.bias, b.bias) and _same(a.state, b.state)


def _same(a: Array | None, b: Array | None) -> bool:
    if a is None or b is None:
        return True
    return a.shape == b.shape and bool(np.allclose(a, b, TOLERANCE, TOLERANCE))


def _cell_is_read(builder: GraphBuilder, chain: Chain) -> bool:
    """Whether something outside the chain reads the cell state of an LSTM."""
    cells = {step.c for step in chain.steps if step.c >= 0}
    readers = sum(int(t) in cells for op in builder.graph.ops for t in op.inputs)
    return readers > 2 * len(cells) - 1 if cells else False


def _replaced(builder: GraphBuilder, chain: Chain) -> GraphBuilder:
    """A copy of the graph in which the chain's states are rows of one op's output."""
    graph, steps = builder.graph, chain.steps
    states = {step.h: step.row for step in steps}
    result, renamed = GraphBuilder(), {}

    def taken(tensor: int) -> int:
        if tensor not in renamed:
            renamed[tensor] = result.copied(graph.tensors[tensor], builder.buffers)
        return renamed[tensor]

    result.graph.input = taken(graph.input)
    joins = _joins(graph, states)
    made = -1
    first = min(s.row for s in steps)
    for op in graph.ops:
        output = int(op.outputs[0])
        if output in states:
            if made < 0:
                made = _layer(result, chain, [taken(t) for t in steps[0].x], op.name)
            params = schema.Slice(0, states[output] - first, 1)
            result.op(f"{op.name}.row", params, [made], taken(output))
        elif output in joins and made >= 0 and joins[output] == sorted(states.values()):
            renamed[output] = made
        else:
            inputs = [taken(int(t)) for t in op.inputs]
            result.op(op.name, op.params, inputs, taken(output))
    result.graph.output = taken(graph.output)
    return result


def _joins(graph: schema.Graph, states: dict[int, int]) -> dict[int, list[int]]:
    """Tensors that join rows of states, through joins of joins, and the rows."""
    found: dict[int, list[int]] = {}
    for op in graph.ops:
        if not isinstance(op.params, schema.Concat) or op.params.axis != 0:
            continue
        rows: list[int] = []
        for tensor in map(int, op.inputs):
            part = [states[tensor]] if tensor in states else found.get(tensor)
            if part is None:
                break
            rows += part
        else:
            found[int(op.outputs[0])] = rows
    return found


def _layer(result: GraphBuilder, chain: Chain, x: list[int], name: str) -> int:
    """The Recurrent op over the rows that the steps read."""
    steps, last = chain.steps, chain.steps[-1]
    rows, first = len(steps), min(s.row for s in steps)
    x = [_rows(result, t, first, rows) for t in x]
    if len(x) > 1:
        columns = sum(result.shape(t)[1] for t in x)
        joined = result.computed(f"{name}.inputs", rows, columns)
        x = [result.op(f"{name}.join", schema.Concat(1), x, joined)]
    gates = [gate for gate in last.gates if gate is not None]
    units = len(gates[0].bias)
    state = [np.zeros((units, units)) if g.state is None else g.state for g in gates]
    params = schema.Recurrent(
        last.cell, last.activation, bool(last.reset_after), reverse=chain.direction < 0
    )
    values = {
        "weight": np.concatenate([g.inputs for g in gates]),
        "recurrent_weight": np.concatenate(state),
        "bias": np.concatenate([g.bias for g in gates]),
    }
    if last.cell is Cell.GRU and last.reset_after and last.candidate is not None:
        values["candidate_bias"] = last.candidate
    inputs = [
        result.constant(f"{name}.{key}", value.astype(np.float32)) for key, value in values.items()
    ]
    output = result.computed(f"{name}.states", rows, units)
    return result.op(name, params, [*x, *inputs], output)


def _rows(result: GraphBuilder, tensor: int, first: int, count: int) -> int:
    rows, columns = result.shape(tensor)
    if count == rows:
        return tensor
    name = f"{result.graph.tensors[tensor].name}.rows{first}"
    output = result.computed(name, count, columns)
    return result.op(name, schema.Slice(0, first, count), [tensor], output)
