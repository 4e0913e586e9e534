"""Nodes whose inputs are all known at conversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

from libhar.convert.importer import refuse
from libhar.convert.values import Constant


def computed_constant(
    node: onnx.NodeProto, inputs: Mapping[str, NDArray[Any]], opset: int
) -> Constant:
    """The node's value. Raises UnsupportedOp where ONNX's reference cannot compute it."""
    graph = helper.make_graph(
        [node],
        "constant",
        [helper.make_tensor_value_info(n, dtype_of(a), a.shape) for n, a in inputs.items()],
        [helper.make_empty_tensor_value_info(node.output[0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        (value,) = ReferenceEvaluator(model).run([node.output[0]], dict(inputs))
    except Exception as error:  # the reference raises whatever its op raises
        advice = "export the network with its constants folded"
        raise refuse(node, f"its constant cannot be computed ({error})", advice) from error
    return Constant(node.output[0], value)


def dtype_of(array: NDArray[Any]) -> int:
    return int(helper.np_dtype_to_tensor_dtype(array.dtype))
