"""Adaptive average pools whose output length does not divide the input's.

PyTorch's dynamo exporter writes such a pool as index arithmetic on [N, C, 1, T]: a transpose to
[1, T, N, C], a GatherND of the rows that each output row averages, a transpose back, sums or a
mean. What stands there is recognised by what it computes: the nodes are run on random rows and
compared with the pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from libhar.reference.rows import adaptive_ranges

OPS = ("Transpose", "GatherND", "Gather", "Where", "Add", "Div", "ReduceMean")
TOLERANCE = 1e-5
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class AdaptiveRegion:
    """Nodes that are one pool: `output` is its value, `inside` the other values they compute."""

    rows: int
    output: str
    inside: tuple[str, ...]


def adaptive_regions(model: onnx.ModelProto, shapes: Shapes) -> dict[str, AdaptiveRegion]:
    """The pools of a network by the output of their first node."""
    regions = {}
    for first in model.graph.node:
        if first.op_type != "Transpose" or len(shapes.get(first.input[0], ())) != 4:
            continue
        nodes = _reached(model.graph, first)
        output = nodes[-1].output[0]
        found = shapes.get(output, ())
        if any(n.op_type == "GatherND" for n in nodes) and _is_pool(model, nodes, shapes):
            inside = tuple(n.output[0] for n in nodes[:-1])
            regions[first.output[0]] = AdaptiveRegion(found[3], output, inside)
    return regions


def _reached(graph: onnx.GraphProto, first: onnx.NodeProto) -> list[onnx.NodeProto]:
    """The nodes of OPS that the first one leads to through nodes of OPS, in their order."""
    values: set[str] = set()
    nodes = []
    for node in graph.node:
        leads = any(name in values for name in node.input)
        if node.output[0] == first.output[0] or (leads and node.op_type in OPS):
            values.add(node.output[0])
            nodes.append(node)
    return nodes


def _is_pool(model: onnx.ModelProto, nodes: list[onnx.NodeProto], shapes: Shapes) -> bool:
    entry, exit_ = nodes[0].input[0], nodes[-1].output[0]
    before, after = shapes[entry], shapes.get(exit_, ())
    inside = {n.output[0] for n in nodes[:-1]}
    read_outside = {i for n in model.graph.node if n not in nodes for i in n.input}
    if len(after) != 4 or before[:3] != after[:3] or before[2] != 1 or inside & read_outside:
        return False
    x = np.random.default_rng(0).normal(size=before).astype(np.float32)
    found = _run(model, nodes, entry, exit_, x)
    ranges = adaptive_ranges(before[3], after[3])
    wanted = np.stack([x[..., a:b].mean(axis=-1) for a, b in ranges], axis=-1)
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() < TOLERANCE)


def _run(
    model: onnx.ModelProto, nodes: list[onnx.NodeProto], entry: str, exit_: str, x: np.ndarray
) -> np.ndarray:
    constants = [n for n in model.graph.node if n.op_type == "Constant"]
    graph = helper.make_graph(
        [*constants, *nodes],
        "pool",
        [helper.make_tensor_value_info(entry, onnx.TensorProto.FLOAT, x.shape)],
        [helper.make_empty_tensor_value_info(exit_)],
        model.graph.initializer,
    )
    pool = helper.make_model(graph, opset_imports=list(model.opset_import))
    return np.asarray(ReferenceEvaluator(pool).run([exit_], {entry: x})[0])
