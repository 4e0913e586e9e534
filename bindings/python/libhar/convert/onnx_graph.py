"""From an ONNX network to the graph of a model file."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import numpy_helper, shape_inference

from libhar import schema
from libhar.convert.adaptive import AdaptiveRegion, adaptive_regions
from libhar.convert.builder import GraphBuilder
from libhar.convert.constants import computed_constant
from libhar.convert.errors import ADVICE, ConvertError
from libhar.convert.importer import Importer, refuse
from libhar.convert.onnx_ops import HANDLERS
from libhar.convert.values import Computed, Constant, Layout, ShapeArithmetic, Value

RECURRENT = ("LSTM", "GRU", "RNN")


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
    _refuse_recurrent(model)
    importer = _start(model, window, columns)
    regions = adaptive_regions(model, importer.shapes)
    output = model.graph.output[0].name
    for node in model.graph.node:
        if node.output[0] in regions:
            _import_region(importer, node, regions[node.output[0]])
        elif node.output[0] not in importer.values:
            importer.values[node.output[0]] = _import_node(importer, node)
    return _finish(importer, output), importer.builder.buffers


def _import_region(importer: Importer, node: onnx.NodeProto, region: AdaptiveRegion) -> None:
    """One op for all nodes of the region, `node` being the first."""
    x = importer.computed(node, 0)
    _, columns = importer.builder.shape(x.tensor)
    params = schema.AdaptivePool(region.rows)
    name = node.name or node.output[0]
    pooled = importer.emit_named(name, region.output, params, [x.tensor], region.rows, columns, x)
    importer.values.update(dict.fromkeys(region.inside, ShapeArithmetic()))
    importer.values[region.output] = pooled


def _import_node(importer: Importer, node: onnx.NodeProto) -> Value:
    inputs = importer.inputs(node)
    if node.op_type == "Shape":
        return ShapeArithmetic()
    if not any(isinstance(value, Computed) for value in inputs):
        known = {v.name: v.array for v in inputs if isinstance(v, Constant)}
        if any(isinstance(value, ShapeArithmetic) for value in inputs):
            return ShapeArithmetic()
        return computed_constant(node, known, importer.opset)
    handler = HANDLERS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if handler is None:
        default = f"use one of {', '.join(sorted(HANDLERS))}, or move it before the export"
        raise refuse(node, "model files lack this op", ADVICE.get(node.op_type, default))
    if any(node.output[1:]):
        raise refuse(node, "it has several outputs", "export the network after network.eval()")
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
    try:
        return shape_inference.infer_shapes(model, data_prop=True)
    except Exception as error:  # of several types too
        raise ConvertError(f"the shapes of {path} cannot be inferred: {error}") from error


def _refuse_recurrent(model: onnx.ModelProto) -> None:
    """Names the layer itself, not the transpose that an exporter puts before it."""
    for node in model.graph.node:
        if node.op_type in RECURRENT:
            raise refuse(node, "model files lack this op", ADVICE[node.op_type])


def _start(model: onnx.ModelProto, window: int, columns: int) -> Importer:
    constants = {
        i.name: Constant(i.name, numpy_helper.to_array(i)) for i in model.graph.initializer
    }
    inputs = [i for i in model.graph.input if i.name not in constants]
    if len(inputs) != 1:
        raise ConvertError(f"the network has {len(inputs)} inputs, must have 1")
    shapes = {
        value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        for value in (*model.graph.input, *model.graph.value_info, *model.graph.output)
    }
    builder = GraphBuilder()
    found = shapes[inputs[0].name]
    layouts = {
        (1, window, columns): Layout.TIME_CHANNELS,
        (1, columns, window): Layout.CHANNELS_TIME,
    }
    if found not in layouts:
        raise ConvertError(
            f"the network's input {inputs[0].name!r} has shape {list(found)}, must be "
            f"[1, {columns}, {window}] or [1, {window}, {columns}]: {columns} columns after the "
            f"signal steps, a window of {window} samples"
        )
    builder.graph.input = builder.computed("input", window, columns)
    values: dict[str, Value] = dict(constants)
    values[inputs[0].name] = Computed(builder.graph.input, layouts[found])
    opset = next((i.version for i in model.opset_import if i.domain in ("", "ai.onnx")), 1)
    return Importer(builder, values, shapes, opset)


def _finish(importer: Importer, output: str) -> schema.Graph:
    value = importer.values[output]
    if not isinstance(value, Computed):
        raise ConvertError("the network's output does not depend on its input")
    rows, columns = importer.builder.shape(value.tensor)
    if rows != 1:
        raise ConvertError(
            f"the network's output has {rows} rows of {columns} values, must be one row"
        )
    if value.order is not None:
        raise ConvertError("the network's output is flattened over time, must be one row as it is")
    graph = importer.builder.graph
    graph.output = value.tensor
    _drop_final_softmax(graph)
    if not any(graph.output in op.outputs for op in graph.ops):
        raise ConvertError("the network does nothing to its input")
    return graph


def _drop_final_softmax(graph: schema.Graph) -> None:
    last = graph.ops[-1] if graph.ops else None
    if last and isinstance(last.params, schema.Softmax) and graph.output in last.outputs:
        graph.ops.pop()
        graph.tensors.pop()  # its output, the tensor made last
        graph.output = int(last.inputs[0])
