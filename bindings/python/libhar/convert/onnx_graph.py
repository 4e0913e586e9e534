"""From an ONNX network to the graph of a model file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.errors import ConvertError, UnsupportedOp
from libhar.convert.values import Computed, Constant, Layout, ShapeArithmetic, Value


@dataclass
class Importer:
    """The state of one import: what every ONNX value became."""

    builder: GraphBuilder
    values: dict[str, Value]
    shapes: dict[str, tuple[int, ...]]

    def inputs(self, node: onnx.NodeProto) -> list[Value | None]:
        """The node's inputs; None for an absent optional one."""
        return [self.values[name] if name else None for name in node.input]

    def computed(self, node: onnx.NodeProto, position: int) -> Computed:
        """Input `position`, which must be computed by the network."""
        value = self.inputs(node)[position]
        if not isinstance(value, Computed):
            raise refuse(node, f"input {position} is a constant", "fold it into the network")
        return value

    def constant(self, node: onnx.NodeProto, position: int) -> Constant:
        """Input `position`, which must be known at conversion."""
        value = self.inputs(node)[position]
        if not isinstance(value, Constant):
            raise refuse(node, f"input {position} is not a constant", "export it as a weight")
        return value

    def optional(self, node: onnx.NodeProto, position: int) -> Constant | None:
        """Input `position` where it is given."""
        if len(node.input) <= position or not node.input[position]:
            return None
        return self.constant(node, position)


def refuse(node: onnx.NodeProto, reason: str, advice: str) -> UnsupportedOp:
    return UnsupportedOp(node.name or node.output[0], node.op_type, reason, advice)


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The node's attributes as Python values."""
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def import_onnx(
    path: str | Path, window: int, columns: int
) -> tuple[schema.Graph, list[schema.Buffer]]:
    """The graph of an ONNX file whose input is [1, columns, window] or [1, window, columns].

    A softmax at the end is left out: the file's decision makes probabilities of logits, with
    its temperature. Raises OSError, ConvertError.
    """
    from libhar.convert.onnx_ops import HANDLERS

    model = _load(path)
    importer = _start(model, window, columns)
    last = _without_final_softmax(model)
    for node in model.graph.node:
        if len(node.output) > 1 and any(node.output[1:]):
            raise refuse(node, "it has several outputs", "libhar takes ops with one output")
        importer.values[node.output[0]] = _import_node(importer, node, HANDLERS)
        if node.output[0] == last:
            break
    return _finish(importer, last), importer.builder.buffers


def _import_node(importer: Importer, node: onnx.NodeProto, handlers: dict[str, Any]) -> Value:
    if node.op_type == "Constant":
        return Constant(node.output[0], _constant_value(attributes(node)))
    inputs = importer.inputs(node)
    if not any(isinstance(value, Computed) for value in inputs) or node.op_type == "Shape":
        if node.op_type in ("Identity", "Cast") and isinstance(inputs[0], Constant):
            return inputs[0]
        return ShapeArithmetic()
    handler = handlers.get(node.op_type)
    if handler is None:
        raise refuse(
            node,
            "libhar does not have this op",
            f"use one of {', '.join(sorted(handlers))}, or move it before the export",
        )
    value: Value = handler(importer, node)
    return value


def _constant_value(given: dict[str, Any]) -> Any:
    """The value of a Constant node: a tensor, or numbers."""
    value = next(iter(given.values()))
    return (
        numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)
    )


def _load(path: str | Path) -> onnx.ModelProto:
    try:
        model = onnx.load(str(path))
    except OSError:
        raise
    except Exception as error:  # onnx raises what protobuf raises, of many types
        raise ConvertError(f"{path} is not an ONNX file: {error}") from error
    for graph_input in model.graph.input:
        dims = graph_input.type.tensor_type.shape.dim
        if dims and not dims[0].dim_value:
            dims[0].dim_value = 1
    return shape_inference.infer_shapes(model, data_prop=True)


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
        (1, columns, window): Layout.CHANNELS_TIME,
        (1, window, columns): Layout.TIME_CHANNELS,
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
    return Importer(builder, values, shapes)


def _without_final_softmax(model: onnx.ModelProto) -> str:
    """The name of the value that holds the logits."""
    if len(model.graph.output) != 1:
        raise ConvertError(f"the network has {len(model.graph.output)} outputs, must have 1")
    output = model.graph.output[0].name
    last = next(node for node in model.graph.node if output in node.output)
    return str(last.input[0]) if last.op_type in ("Softmax", "Identity") else str(output)


def _finish(importer: Importer, last: str) -> schema.Graph:
    value = importer.values[last]
    if not isinstance(value, Computed):
        raise ConvertError("the network's output does not depend on its input")
    rows, columns = importer.builder.shape(value.tensor)
    if rows != 1:
        raise ConvertError(
            f"the network's output has {rows} rows of {columns} values, must be one row"
        )
    graph = importer.builder.graph
    graph.output = value.tensor
    used = {int(t) for op in graph.ops for t in (*op.inputs, *op.outputs)}
    assert {graph.input, graph.output} <= used
    return graph


def as_float32(array: Any) -> Any:
    """Weights in binary32; other floating types are rounded once."""
    return np.asarray(array, np.float32)
