"""Nodes computed at conversion, by ONNX's reference: constants, and what only moves elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator


class NodeRunner:
    """Runs single nodes; a node in a loop is prepared once."""

    def __init__(self, opset: int) -> None:
        self.opset = opset
        self._prepared: dict[int, tuple[onnx.NodeProto, ReferenceEvaluator]] = {}

    def run(self, node: onnx.NodeProto, inputs: Sequence[NDArray[Any] | None]) -> list[Any]:
        """The node's outputs for its inputs, None for an absent one.

        Raises what the reference raises where it cannot compute the node.
        """
        if id(node) not in self._prepared:
            self._prepared[id(node)] = node, self._prepare(node)
        names = [name for name in node.input if name]
        values = [_whole(value) for value in inputs if value is not None]
        feeds = dict(zip(names, values, strict=True))
        with np.errstate(all="ignore"):
            return list(self._prepared[id(node)][1].run(None, feeds))

    def _prepare(self, node: onnx.NodeProto) -> ReferenceEvaluator:
        unknown = onnx.TensorProto.UNDEFINED
        graph = helper.make_graph(
            [node],
            "node",
            [
                helper.make_tensor_value_info(n, unknown, None)
                for n in dict.fromkeys(node.input)
                if n
            ],
            [helper.make_empty_tensor_value_info(n) for n in node.output if n],
        )
        opset = helper.make_opsetid("", self.opset)
        return ReferenceEvaluator(helper.make_model(graph, opset_imports=[opset]))


def _whole(value: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(value).reshape(value.shape)
