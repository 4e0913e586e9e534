"""From an ONNX network to the graph of a model file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from libhar import schema
from libhar.convert import control
from libhar.convert.adaptive import AdaptiveRegion, adaptive_regions
from libhar.convert.builder import GraphBuilder
from libhar.convert.constants import NodeRunner
from libhar.convert.elements import ElementTable
from libhar.convert.errors import ADVICE, ConvertError
from libhar.convert.expressions import computed, force
from libhar.convert.finish import finished
from libhar.convert.handlers import HANDLERS
from libhar.convert.importer import Importer, name_of, refuse
from libhar.convert.values import Computed, Constant, Scope, Value

CONTROL = {"Loop": control.loop, "Scan": control.scan, "If": control.branch}
KEEPING = ("Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Dropout", "Cast")
"""Ops that may stand between a softmax and the output."""


def import_onnx(
    path: str | Path, window: int, columns: int
) -> tuple[schema.Graph, list[schema.Buffer]]:
    """The graph of an ONNX file whose input is [1, columns, window] or [1, window, columns].

    The batch may be of any length. Where window and columns are equal, channels come first. A
    softmax at the end is left out: the file's decision makes probabilities of logits, with its
    temperature. A computed tensor bears the name of the ONNX value it is. Raises OSError,
    ConvertError.
    """
    model = _load(path)
    importer = _start(model, window, columns)
    _run(importer, _only_what_counts(model.graph), _final_softmax(model.graph), _regions(model))
    value = importer.scope.values[model.graph.output[0].name]
    if isinstance(value, Constant):
        raise ConvertError("the network's output does not depend on its input")
    return _finish(importer, force(importer, value))


def _run(
    importer: Importer,
    graph: onnx.GraphProto,
    left_out: set[str] | None = None,
    regions: dict[str, AdaptiveRegion] | None = None,
) -> None:
    """Imports the nodes of a graph into the importer's scope."""
    for initializer in graph.initializer:
        array = numpy_helper.to_array(initializer)
        importer.scope.values[initializer.name] = Constant(initializer.name, array)
    importer.readers.update(name for node in graph.node for name in set(node.input))
    inside = {name for region in (regions or {}).values() for name in region.inside}
    outputs = {region.output for region in (regions or {}).values()}
    for node in graph.node:
        name = node.output[0]
        if regions and name in regions:
            _import_region(importer, node, regions[name])
        elif name in inside or name in outputs:
            continue
        elif name in (left_out or ()):
            value = importer.inputs(node)[0]
            assert value is not None
            importer.scope.values[name] = value
        else:
            values = _import_node(importer, node)
            importer.scope.values.update(
                {n: v for n, v in zip(node.output, values, strict=False) if n}
            )


def _import_region(importer: Importer, node: onnx.NodeProto, region: AdaptiveRegion) -> None:
    """One op for all nodes of the region, `node` being the first; its input is [N, C, 1, T]."""
    x = computed(importer, node, 0).elements
    tensor, _, columns = importer.rows(node, x[0, :, 0].T, columns_free=True)
    params = schema.AdaptivePool(region.rows)
    shape = (region.rows, x.shape[1])
    after = importer.emit_named(name_of(node), region.output, params, [tensor], shape)
    result = np.empty_like(after)
    result[:, columns] = after
    importer.scope.values[region.output] = Computed(result.T[None, :, None])


def _import_node(importer: Importer, node: onnx.NodeProto) -> list[Value]:
    if node.domain not in ("", "ai.onnx"):
        raise refuse(node, f"it is of {node.domain}", "export with the ops of ONNX alone")
    if node.op_type in CONTROL:
        return CONTROL[node.op_type](importer, node, _run)
    inputs = importer.inputs(node)
    known = [v.array for v in inputs if isinstance(v, Constant)]
    if len(known) == sum(v is not None for v in inputs):
        arrays = [v.array if isinstance(v, Constant) else None for v in inputs]
        try:
            found = importer.runner.run(node, arrays)
        except Exception as error:  # the reference raises whatever its op raises
            advice = "export the network with its constants folded"
            raise refuse(node, f"its constant cannot be computed ({error})", advice) from error
        return [Constant(n, np.asarray(v)) for n, v in zip(node.output, found, strict=False)]
    handler = HANDLERS.get(node.op_type)
    if handler is None:
        default = f"use one of {', '.join(sorted(HANDLERS))}, or move it before the export"
        raise refuse(node, "model files lack this op", ADVICE.get(node.op_type, default))
    return handler(importer, node)


def _load(path: str | Path) -> onnx.ModelProto:
    try:
        model = onnx.load(str(path))
    except OSError:
        raise
    except Exception as error:  # onnx raises what protobuf raises, of many types
        raise ConvertError(f"{path} is not an ONNX file: {error}") from error
    if len(model.graph.output) != 1:
        raise ConvertError(f"the network has {len(model.graph.output)} outputs, must have 1")
    for graph_input in model.graph.input:
        dims = graph_input.type.tensor_type.shape.dim
        if dims and not dims[0].dim_value:
            dims[0].dim_value = 1
    return model


def _only_what_counts(graph: onnx.GraphProto) -> onnx.GraphProto:
    """The graph without the nodes whose values nothing reads."""
    wanted = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            wanted.update(_read_inside(node))
            kept.append(node)
    result = onnx.GraphProto()
    result.CopyFrom(graph)
    del result.node[:]
    result.node.extend(reversed(kept))
    return result


def _read_inside(node: onnx.NodeProto) -> set[str]:
    """What the bodies of a node read."""
    bodies = [a.g for a in node.attribute if a.type == onnx.AttributeProto.GRAPH]
    names = {name for body in bodies for inner in body.node for name in inner.input}
    names |= {output.name for body in bodies for output in body.output}
    return names.union(*(_read_inside(inner) for body in bodies for inner in body.node))


def _final_softmax(graph: onnx.GraphProto) -> set[str]:
    """The output of a softmax or log-softmax that only shapes stand behind."""
    made_by = {name: node for node in graph.node for name in node.output}
    name = graph.output[0].name
    while name in made_by and made_by[name].op_type in KEEPING:
        name = made_by[name].input[0]
    node = made_by.get(name)
    return {name} if node is not None and node.op_type in ("Softmax", "LogSoftmax") else set()


def _regions(model: onnx.ModelProto) -> dict[str, AdaptiveRegion]:
    """Adaptive pools written as index arithmetic."""
    if not any(node.op_type == "GatherND" for node in model.graph.node):
        return {}
    inferred = shape_inference.infer_shapes(model, data_prop=True)
    graph = inferred.graph
    shapes = {
        value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    return adaptive_regions(inferred, shapes)


def _start(model: onnx.ModelProto, window: int, columns: int) -> Importer:
    initializers = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initializers]
    if len(inputs) != 1:
        raise ConvertError(f"the network has {len(inputs)} inputs, must have 1")
    found = tuple(d.dim_value for d in inputs[0].type.tensor_type.shape.dim)
    builder = GraphBuilder()
    builder.graph.input = builder.computed("input", window, columns)
    table = ElementTable(builder)
    elements = table.add(builder.graph.input)
    layouts = {(1, window, columns): elements[None], (1, columns, window): elements.T[None]}
    if found not in layouts:
        raise ConvertError(
            f"the network's input {inputs[0].name!r} has shape {list(found)}, must be "
            f"[1, {columns}, {window}] or [1, {window}, {columns}]: {columns} columns after the "
            f"signal steps, a window of {window} samples"
        )
    opset = next((i.version for i in model.opset_import if i.domain in ("", "ai.onnx")), 1)
    scope = Scope({inputs[0].name: Computed(layouts[found])})
    return Importer(builder, table, scope, NodeRunner(opset))


def _finish(importer: Importer, output: Computed) -> tuple[schema.Graph, list[schema.Buffer]]:
    shape = [n for n in output.shape if n > 1] or [1]
    if len(shape) > 1:
        raise ConvertError(
            f"the network's output has shape {list(output.shape)}, must be one row of scores"
        )
    found = importer.table.arrange(output.elements.reshape(1, -1))
    if found is None:
        raise ConvertError("the network's output cannot be brought into one row")
    importer.builder.graph.output = found.tensor
    result = finished(importer.builder)
    if not result.graph.ops:
        raise ConvertError("the network does nothing to its input")
    return result.graph, result.buffers
