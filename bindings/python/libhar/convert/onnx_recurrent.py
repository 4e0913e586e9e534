"""ONNX's RNN, LSTM and GRU nodes as recurrent layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.expressions import computed
from libhar.convert.importer import Importer, attributes, name_of, refuse
from libhar.convert.values import Computed, Constant, Elements, Value

CELLS = {
    "RNN": schema.CellKind.RNN,
    "LSTM": schema.CellKind.LSTM,
    "GRU": schema.CellKind.GRU,
}
ORDERS = {"RNN": (0,), "LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2)}
"""ONNX's places of our gates: its LSTM has i o f c, its GRU z r h."""
ACTIVATIONS = {
    "RNN": (b"tanh",),
    "LSTM": (b"sigmoid", b"tanh", b"tanh"),
    "GRU": (b"sigmoid", b"tanh"),
}
DIRECTIONS = {b"forward": (False,), b"reverse": (True,), b"bidirectional": (False, True)}


@dataclass(frozen=True)
class Weights:
    """One direction's constants in our order of gates; `candidate` of a GRU that resets after."""

    inputs: NDArray[Any]  # [gates * H, k]
    state: NDArray[Any]  # [gates * H, H]
    bias: NDArray[Any] | None = None  # [gates * H]
    candidate: NDArray[Any] | None = None  # [H]


def recurrent(importer: Importer, node: onnx.NodeProto) -> list[Value]:
    """The states of all steps and the last states, in the node's layout."""
    given = attributes(node)
    _check(importer, node, given)
    batch_first = given.get("layout", 0) == 1
    x = computed(importer, node, 0).elements
    x = x.swapaxes(0, 1) if batch_first else x
    if x.shape[1] != 1:
        raise refuse(node, f"its batch has {x.shape[1]} sequences", "keep time on its own axis")
    directions = DIRECTIONS[given.get("direction", b"forward")]
    activations = _activations(node, given, len(directions))
    states, last = [], []
    for d, reverse in enumerate(directions):
        params = schema.Recurrent(
            CELLS[node.op_type],
            activations[d],
            reset_after=bool(given.get("linear_before_reset", 0)),
            reverse=reverse,
        )
        name = name_of(node) + ("" if len(directions) == 1 else (".forward", ".backward")[d])
        rows = layer(importer, node, name, params, x[:, 0], _weights(importer, node, d))
        states.append(rows)
        last.append(rows[0 if reverse else -1])
    all_states = np.stack(states, axis=1)[:, :, None]  # [T, D, N, H]
    last_states = np.stack(last)[:, None]  # [D, N, H]
    if batch_first:
        all_states, last_states = all_states.transpose(2, 0, 1, 3), last_states.swapaxes(0, 1)
    return [Computed(all_states), Computed(last_states)]


def layer(
    importer: Importer,
    node: onnx.NodeProto,
    name: str,
    params: schema.Recurrent,
    x: Elements,
    weights: Weights,
) -> Elements:
    """One layer over rows [T, k]; returns its states [T, H] in the order of these rows."""
    backwards = x[::-1]
    costs = [importer.table.cost(rows, columns_free=True) for rows in (x, backwards)]
    turned = costs[1] < costs[0]  # rows in the other order are read in the other direction
    params.reverse ^= turned
    tensor, _, columns = importer.rows(node, backwards if turned else x, columns_free=True)
    inputs = [
        tensor,
        importer.weight(f"{name}.weight", weights.inputs[:, columns]),
        importer.weight(f"{name}.recurrent_weight", weights.state),
    ]
    bias = weights.bias
    if bias is None and weights.candidate is not None:
        bias = np.zeros(len(weights.inputs))
    if bias is not None:
        inputs.append(importer.weight(f"{name}.bias", bias))
    if weights.candidate is not None:
        inputs.append(importer.weight(f"{name}.candidate_bias", weights.candidate))
    shape = (len(x), weights.state.shape[1])
    rows = importer.emit_named(name, f"{name}.states", params, inputs, shape)
    return rows[::-1] if turned else rows


def _check(importer: Importer, node: onnx.NodeProto, given: dict[str, Any]) -> None:
    if given.get("clip"):
        raise refuse(node, f"it clips its gates to {given['clip']}", "train without clipping gates")
    if given.get("input_forget"):
        raise refuse(node, "it couples input and forget gate", "use a plain LSTM")
    inputs = [*importer.inputs(node), *[None] * 8][:8]
    names = (None, None, None, None, "sequence lengths", "state", "cell state", "peepholes")
    for value, name in zip(inputs, names, strict=True):
        if value is None or name is None:
            continue
        if not isinstance(value, Constant):
            raise refuse(node, f"its {name} are computed", "start from a state of zeros")
        if name == "sequence lengths":
            steps = value.array.ravel()
            x = inputs[0]
            assert x is not None
            if (steps != x.shape[1 if given.get("layout", 0) else 0]).any():
                raise refuse(
                    node, f"its sequence lengths are {steps.tolist()}", "use whole windows"
                )
        elif value.array.any():
            advice = "start from a state of zeros" if name != "peepholes" else "use a plain LSTM"
            raise refuse(node, f"its {name} are not zeros", advice)


def _activations(
    node: onnx.NodeProto, given: dict[str, Any], directions: int
) -> list[schema.ActivationKind]:
    """TANH, or RELU of an RNN, for every direction."""
    usual = ACTIVATIONS[node.op_type]
    found = [bytes(a).lower() for a in given.get("activations", usual * directions)]
    kinds = []
    for d in range(directions):
        own = tuple(found[d * len(usual) : (d + 1) * len(usual)])
        if own == (b"relu",):
            kinds.append(schema.ActivationKind.RELU)
        elif own == usual:
            kinds.append(schema.ActivationKind.TANH)
        else:
            names = ", ".join(a.decode() for a in own)
            raise refuse(node, f"its activations are {names}", "use sigmoid and tanh")
    return kinds


def _weights(importer: Importer, node: onnx.NodeProto, direction: int) -> Weights:
    inputs, state = (importer.constant(node, i).array[direction] for i in (1, 2))
    bias = importer.optional(node, 3)
    order = ORDERS[node.op_type]
    if bias is None:
        return Weights(_ordered(inputs, order), _ordered(state, order))
    both = bias.array[direction].astype(np.float64)
    w, r = (_ordered(b, order) for b in np.split(both, 2))
    if not attributes(node).get("linear_before_reset", 0):
        return Weights(_ordered(inputs, order), _ordered(state, order), w + r)
    units = state.shape[1]
    candidate = r[-units:].copy()
    r[-units:] = 0
    return Weights(_ordered(inputs, order), _ordered(state, order), w + r, candidate)


def _ordered(values: NDArray[Any], order: tuple[int, ...]) -> NDArray[Any]:
    """The gates of the first axis, [gates * H, ...], in that order."""
    gates = np.split(values, len(order))
    return np.concatenate([gates[i] for i in order])
