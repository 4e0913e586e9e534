"""The state of an import, and what every op's import asks of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.constants import NodeRunner
from libhar.convert.elements import ElementTable
from libhar.convert.errors import UnsupportedOp
from libhar.convert.values import Computed, Constant, Elements, Scope, Value


@dataclass
class Importer:
    """The state of one import: what every ONNX value became."""

    builder: GraphBuilder
    table: ElementTable
    scope: Scope
    runner: NodeRunner
    forced: dict[int, tuple[Value, Computed]] = field(default_factory=dict)
    """What a value that was put off became, by its identity."""
    readers: Counter[str] = field(default_factory=Counter)
    """How many nodes read an ONNX value."""

    def inputs(self, node: onnx.NodeProto) -> list[Value | None]:
        """The node's inputs; None for an absent optional one."""
        values = [self.scope.find(name) if name else None for name in node.input]
        for name, value in zip(node.input, values, strict=True):
            if name and value is None:
                raise refuse(node, f"its input {name!r} is not known", "simplify the network")
        return values

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
        shape: tuple[int, int],
    ) -> Elements:
        """One op with a new tensor of [rows, columns]; returns its elements."""
        return self.emit_named(name_of(node), node.output[0], params, inputs, shape)

    def emit_named(
        self,
        name: str,
        value: str,
        params: schema.OpParams,
        inputs: list[int],
        shape: tuple[int, int],
    ) -> Elements:
        """As `emit`, the names of the op and of the tensor given."""
        output = self.builder.computed(value, *shape)
        self.builder.op(name, params, inputs, output)
        return self.table.add(output)

    def rows(
        self,
        node: onnx.NodeProto,
        wanted: Elements,
        rows_free: bool = False,
        columns_free: bool = False,
    ) -> tuple[int, Elements, Elements]:
        """A tensor of the wanted [rows, columns], and the orders that its rows and columns have."""
        found = self.table.arrange(wanted, rows_free, columns_free)
        if found is None:
            advice = "keep time and channels apart, or pad in the convolution that follows"
            raise refuse(node, "its input cannot be brought into rows and columns", advice)
        return found.tensor, found.rows, found.columns

    def spread(self, node: onnx.NodeProto, elements: Elements) -> tuple[int, Elements]:
        """A tensor of just these elements in any order, and the elements as it holds them."""
        options = planes(self.table, elements)
        plane = options[self.table.cheapest(options)]
        return self.rows(node, plane)[0], plane


def planes(table: ElementTable, elements: Elements) -> list[Elements]:
    """Ways to see elements as rows x columns: as their tensor does, and by splitting the shape."""
    natural = table.natural(elements) if elements.all() else None
    options = splits(elements)
    return options if natural is None else [natural, *options, natural.reshape(1, -1)]


def splits(elements: Elements) -> list[Elements]:
    """Rows x columns of elements, the first axes in the rows and the others in the columns."""
    options: list[Elements] = []
    shape = [n for n in elements.shape if n > 1]
    for k in range(len(shape) + 1):
        plane = elements.reshape(int(np.prod(shape[:k], dtype=int)), -1)
        options += [plane, plane.T]
    return options


def moved(elements: Elements, before: Elements, after: NDArray[Any]) -> NDArray[Any]:
    """What became of elements: `after` holds it at the place that they have in `before`."""
    order = np.argsort(before, axis=None)
    places = np.searchsorted(before.ravel(), elements, sorter=order)
    return np.asarray(after.ravel()[order[places]])


def name_of(node: onnx.NodeProto) -> str:
    return str(node.name or node.output[0])


def refuse(node: onnx.NodeProto, reason: str, advice: str) -> UnsupportedOp:
    return UnsupportedOp(name_of(node), node.op_type, reason, advice)


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The node's attributes as Python values."""
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def floats(array: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(array, np.float64)
