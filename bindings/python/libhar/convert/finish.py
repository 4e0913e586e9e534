"""What is done to a whole graph: steps become recurrent layers, what nothing reads goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.unrolled import rolled


def finished(builder: GraphBuilder) -> GraphBuilder:
    """The graph with recurrent layers for their steps, without what the output does not need."""
    result = pruned(builder)
    while (found := rolled(result)) is not None:
        result = pruned(found)
    return pruned(_last_states(_parted(_biased(result))))


def pruned(builder: GraphBuilder) -> GraphBuilder:
    """A copy without the ops, tensors and buffers that the output does not need."""
    graph = builder.graph
    wanted = {graph.output}
    kept: list[schema.Op] = []
    for op in reversed(graph.ops):
        if int(op.outputs[0]) in wanted:
            wanted.update(int(t) for t in op.inputs)
            kept.append(op)
    result, renamed = GraphBuilder(), {}

    def taken(tensor: int) -> int:
        if tensor not in renamed:
            renamed[tensor] = result.copied(graph.tensors[tensor], builder.buffers)
        return renamed[tensor]

    result.graph.input = taken(graph.input)
    for op in reversed(kept):
        inputs = [taken(int(t)) for t in op.inputs]
        result.op(op.name, op.params, inputs, taken(int(op.outputs[0])))
    result.graph.output = taken(graph.output)
    return result


def _readers(graph: schema.Graph) -> dict[int, list[schema.Op]]:
    readers: dict[int, list[schema.Op]] = {}
    for op in graph.ops:
        for tensor in set(map(int, op.inputs)):
            readers.setdefault(tensor, []).append(op)
    return readers


def _last_states(builder: GraphBuilder) -> GraphBuilder:
    """Recurrent layers of which only the state after the last step is read put out that alone."""
    graph, readers = builder.graph, _readers(builder.graph)
    for op in graph.ops:
        output = int(op.outputs[0])
        following = readers.get(output, [])
        if not isinstance(op.params, schema.Recurrent) or output == graph.output or not following:
            continue
        row = 0 if op.params.reverse else builder.shape(output)[0] - 1
        if all(
            isinstance(r.params, schema.Slice)
            and (r.params.axis, r.params.begin, r.params.count) == (0, row, 1)
            for r in following
        ):
            op.params = replace(op.params, last=True)
            op.outputs = following[0].outputs
            graph.ops = [other for other in graph.ops if other is not following[0]]
            _renamed(graph, following[1:], int(op.outputs[0]))
    return builder


def _renamed(graph: schema.Graph, copies: list[schema.Op], tensor: int) -> None:
    """Readers of the copies' outputs read the tensor instead."""
    same = {int(op.outputs[0]) for op in copies}
    graph.ops = [op for op in graph.ops if not any(op is copy for copy in copies)]
    for op in graph.ops:
        op.inputs = np.array([tensor if int(t) in same else t for t in op.inputs], "<i4")
    graph.output = tensor if graph.output in same else graph.output


def _biased(builder: GraphBuilder) -> GraphBuilder:
    """Offsets after a dense layer or a convolution, as exporters write its bias, as its bias."""
    graph, readers = builder.graph, _readers(builder.graph)
    for op in graph.ops:
        following = readers.get(int(op.outputs[0]), [])
        if not isinstance(op.params, (schema.Dense, schema.Conv1d)) or len(following) != 1:
            continue
        (after,) = following
        if op.outputs[0] == graph.output or not isinstance(after.params, schema.Affine):
            continue
        scale, offset = (builder.values(int(t)) for t in after.inputs[1:])
        if np.any(scale != 1):
            continue
        if len(op.inputs) > 2:
            offset = offset + builder.values(int(op.inputs[2]))
        bias = builder.constant(f"{after.name}.offset", offset)
        op.inputs = np.array([*op.inputs[:2], bias], "<i4")
        op.outputs = after.outputs
        graph.ops = [other for other in graph.ops if other is not after]
    return builder


def _parted(builder: GraphBuilder) -> GraphBuilder:
    """Dense layers of which only slices of columns are read, as one layer a slice.

    An attention's queries, keys and values often come of one layer; by themselves they have their
    own ranges when they are quantized.
    """
    graph, readers = builder.graph, _readers(builder.graph)
    ops: list[schema.Op] = []
    whole: dict[int, schema.Op] = {}
    for op in graph.ops:
        output = int(op.outputs[0])
        following = readers.get(output, [])
        if (
            isinstance(op.params, schema.Dense)
            and output != graph.output
            and all(isinstance(r.params, schema.Slice) and r.params.axis == 1 for r in following)
        ):
            whole[output] = op
        elif int(op.inputs[0]) in whole:
            ops.append(_part(builder, whole[int(op.inputs[0])], op))
        else:
            ops.append(op)
    graph.ops = ops
    return builder


def _part(builder: GraphBuilder, layer: schema.Op, part: schema.Op) -> schema.Op:
    """The layer with only the outputs that a slice takes."""
    params = part.params
    assert isinstance(params, schema.Slice)
    chosen = slice(params.begin, params.begin + params.count)
    inputs = [int(layer.inputs[0])]
    for tensor in map(int, layer.inputs[1:]):
        name = f"{builder.graph.tensors[tensor].name}.{params.begin}"
        inputs.append(builder.constant(name, builder.values(tensor)[chosen]))
    return schema.Op(part.name, layer.params, np.array(inputs, "<i4"), part.outputs)
