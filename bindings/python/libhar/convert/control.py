"""Loop, Scan and If, run at conversion: every step becomes ops of its own.

Steps of a recurrent layer become one op again where the graph is finished (unrolled.py).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx

from libhar.convert.expressions import computed, force
from libhar.convert.importer import Importer, attributes, refuse
from libhar.convert.values import Computed, Constant, Scope, Value

MOST_STEPS = 4096
Run = Callable[[Importer, onnx.GraphProto], None]
"""Imports the nodes of a graph into the scope that the importer has."""


def loop(importer: Importer, node: onnx.NodeProto, run: Run) -> list[Value]:
    """States and stacked outputs of a Loop whose number of steps is known."""
    trips, condition, *states = importer.inputs(node)
    limit = MOST_STEPS
    if trips is not None:
        limit = int(importer.constant(node, 0).array)
    going = condition is None or bool(importer.constant(node, 1).array)
    body = attributes(node)["body"]
    stacked: list[list[Value]] = []
    step = 0
    while going and step < limit:
        if step >= MOST_STEPS:
            raise refuse(node, f"it runs {limit} steps", f"run at most {MOST_STEPS}")
        number = Constant("step", np.asarray(step, np.int64))
        outputs = _step(
            importer, node, body, run, [number, Constant("go", np.asarray(True)), *states]
        )
        if not isinstance(outputs[0], Constant):
            raise refuse(node, "it stops by what it computes", "run a fixed number of steps")
        going = bool(outputs[0].array)
        states = list(outputs[1 : 1 + len(states)])
        stacked.append(outputs[1 + len(states) :])
        step += 1
    count = len(body.output) - 1 - len(states)
    return [
        *[s for s in states if s is not None],
        *[_stack(importer, node, [outputs[i] for outputs in stacked], 0) for i in range(count)],
    ]


def scan(importer: Importer, node: onnx.NodeProto, run: Run) -> list[Value]:
    """States and stacked outputs of a Scan."""
    given = attributes(node)
    body, count = given["body"], given["num_scan_inputs"]
    values = importer.inputs(node)
    first = len(values) - count
    states = values[:first]
    outs = len(body.output) - len(states)
    axes = given.get("scan_input_axes", [0] * count)
    turned = given.get("scan_input_directions", [0] * count)
    parts: list[list[Value]] = []
    for i, (axis, reverse) in enumerate(zip(axes, turned, strict=True)):
        value = values[first + i]
        made: list[Value] = []
        if isinstance(value, Constant):
            made += [Constant("part", s) for s in np.moveaxis(value.array, axis, 0)]
        else:
            elements = computed(importer, node, first + i).elements
            made += [Computed(s) for s in np.moveaxis(elements, axis, 0)]
        parts.append(made[::-1] if reverse else made)
    stacked: list[list[Value]] = []
    for step in zip(*parts, strict=True):
        outputs = _step(importer, node, body, run, [*states, *step])
        stacked.append(outputs[first:])
        states = [*outputs[:first]]
    out_axes = given.get("scan_output_axes", [0] * outs)
    out_turned = given.get("scan_output_directions", [0] * outs)
    results: list[Value] = []
    for i in range(outs):
        line = [outputs[i] for outputs in stacked]
        line = line[::-1] if out_turned[i] else line
        results.append(_stack(importer, node, line, out_axes[i]))
    return [*[s for s in states if s is not None], *results]


def branch(importer: Importer, node: onnx.NodeProto, run: Run) -> list[Value]:
    """The branch of an If whose condition is known."""
    taken = bool(importer.constant(node, 0).array)
    body = attributes(node)["then_branch" if taken else "else_branch"]
    return _step(importer, node, body, run, [])


def _step(
    importer: Importer,
    node: onnx.NodeProto,
    body: onnx.GraphProto,
    run: Run,
    inputs: list[Value | None],
) -> list[Value]:
    scope = Scope(outer=importer.scope)
    for given, value in zip(body.input, inputs, strict=True):
        if value is not None:
            scope.values[given.name] = value
    importer.scope = scope
    run(importer, body)
    importer.scope = scope.outer or scope
    outputs = [scope.find(output.name) for output in body.output]
    if any(value is None for value in outputs):
        raise refuse(node, "an output of its body is not known", "simplify the network")
    return [value for value in outputs if value is not None]


def _stack(importer: Importer, node: onnx.NodeProto, parts: list[Value], axis: int) -> Value:
    if not parts:
        raise refuse(node, "it runs no step", "remove it")
    if all(isinstance(p, Constant) for p in parts):
        return Constant(
            "stacked", np.stack([p.array for p in parts if isinstance(p, Constant)], axis)
        )
    if any(isinstance(p, Constant) for p in parts):
        raise refuse(node, "it puts out constants and computed values", "put out computed ones")
    elements = [force(importer, p).elements for p in parts if not isinstance(p, Constant)]
    return Computed(np.stack(elements, axis))
