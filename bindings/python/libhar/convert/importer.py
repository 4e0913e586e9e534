"""The state of an import, and what every op's import asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.errors import UnsupportedOp
from libhar.convert.values import Computed, Constant, Value


@dataclass
class Importer:
    """The state of one import: what every ONNX value became."""

    builder: GraphBuilder
    values: dict[str, Value]
    shapes: dict[str, tuple[int, ...]]
    opset: int

    def inputs(self, node: onnx.NodeProto) -> list[Value | None]:
        """The node's inputs; None for an absent optional one."""
        unknown = [name for name in node.input if name and name not in self.values]
        if unknown:
            raise refuse(node, f"its input {unknown[0]!r} is not known", "simplify the network")
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

    def weight(self, name: str, array: Any) -> int:
        """A constant tensor in binary32; other floating types are rounded once."""
        return self.builder.constant(name, np.asarray(array, np.float32))

    def emit(
        self,
        node: onnx.NodeProto,
        params: schema.OpParams,
        inputs: list[int],
        rows: int,
        columns: int,
        like: Computed,
    ) -> Computed:
        """One op with a new tensor; the result has the layout and order of `like`."""
        name = node.name or node.output[0]
        return self.emit_named(name, node.output[0], params, inputs, rows, columns, like)

    def emit_named(
        self,
        name: str,
        value: str,
        params: schema.OpParams,
        inputs: list[int],
        rows: int,
        columns: int,
        like: Computed,
    ) -> Computed:
        """As `emit`, the names of the op and of the ONNX value given."""
        output = self.builder.computed(value, rows, columns)
        self.builder.op(name, params, inputs, output)
        return Computed(output, like.layout, like.order)


def refuse(node: onnx.NodeProto, reason: str, advice: str) -> UnsupportedOp:
    return UnsupportedOp(node.name or node.output[0], node.op_type, reason, advice)


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The node's attributes as Python values."""
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
