"""Folding affines into the convolution or dense layer before them, as the C plan does."""

from __future__ import annotations

import numpy as np

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.reference.network import Network


def fold_affines(graph: schema.Graph, buffers: list[schema.Buffer]) -> GraphBuilder:
    """A copy of an FP32 graph without the affines that could be folded.

    An affine folds where it is the only reader of a convolution or dense layer.
    """
    network = Network(graph, buffers)
    builder = GraphBuilder()
    renamed: dict[int, int] = {}
    folded = foldable_affines(graph)

    def taken(tensor: int) -> int:
        if tensor not in renamed:
            source = graph.tensors[tensor]
            renamed[tensor] = (
                builder.constant(source.name, network.constants[tensor])
                if tensor in network.constants
                else builder.computed(source.name, *network.shape(tensor))
            )
        return renamed[tensor]

    builder.graph.input = taken(graph.input)
    for index, op in enumerate(graph.ops):
        output = int(op.outputs[0])
        if index in folded.values():
            continue
        if index not in folded:
            builder.op(op.name, op.params, [taken(int(t)) for t in op.inputs], taken(output))
            continue
        affine = graph.ops[folded[index]]
        weight, bias = _folded_weights(network, op, affine)
        names = [graph.tensors[int(op.inputs[1])].name, f"{op.name}.bias"]
        inputs = [
            taken(int(op.inputs[0])),
            builder.constant(names[0], weight),
            builder.constant(names[1], bias),
        ]
        builder.op(op.name, op.params, inputs, taken(int(affine.outputs[0])))
    builder.graph.output = taken(graph.output)
    return builder


def foldable_affines(graph: schema.Graph) -> dict[int, int]:
    """For each weighted op with one, the affine that folds into it; by number."""
    readers: dict[int, list[int]] = {graph.output: [-1]}
    for index, op in enumerate(graph.ops):
        for tensor in op.inputs:
            readers.setdefault(int(tensor), []).append(index)
    pairs = {}
    for index, op in enumerate(graph.ops):
        if isinstance(op.params, schema.Conv1d | schema.Dense):
            following = readers.get(int(op.outputs[0]), [])
            if len(following) == 1 and following[0] >= 0:
                after = graph.ops[following[0]]
                if isinstance(after.params, schema.Affine):
                    pairs[index] = following[0]
    return pairs


def _folded_weights(
    network: Network, op: schema.Op, affine: schema.Op
) -> tuple[np.ndarray, np.ndarray]:
    """w * scale and b * scale + offset, in binary64, rounded once."""
    constants = [network.constants[int(t)].astype(np.float64) for t in op.inputs[1:]]
    scale, offset = (network.constants[int(t)].astype(np.float64) for t in affine.inputs[1:])
    bias = constants[1] if len(constants) > 1 else np.zeros(len(scale))
    weight = constants[0] * scale.reshape(-1, *[1] * (constants[0].ndim - 1))
    return weight.astype(np.float32), (bias * scale + offset).astype(np.float32)
