"""What an ONNX value is to the importer.

A value that the network computes is an array of element numbers in the value's ONNX shape: each
number stands for one element of one tensor of the graph (elements.py). Whatever only moves numbers
(Reshape, Transpose, Slice, Concat, ...) is done on these arrays; an op that computes asks for the
rows x columns that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

Elements = NDArray[np.int64]
"""Element numbers; 0 is the number zero, as padding adds it."""


@dataclass(frozen=True, eq=False)
class Computed:
    """A value that the network computes: element numbers in its ONNX shape."""

    elements: Elements

    @property
    def shape(self) -> tuple[int, ...]:
        return self.elements.shape


@dataclass(frozen=True, eq=False)
class Constant:
    """A value known at conversion; `name` is the initializer's or the ONNX value's."""

    name: str
    array: NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape


@dataclass(frozen=True, eq=False)
class Expression:
    """An elementwise op that was not made yet: what it is part of may be one op of the file.

    All that it computes from is `base`, beside constants (expressions.py).
    """

    node: onnx.NodeProto
    operands: tuple[Operand, ...]
    base: Computed
    shape: tuple[int, ...]
    size: int
    """Nodes in the tree."""


@dataclass(frozen=True, eq=False)
class Product:
    """Computed `a` [..., n, k] times computed `b` [..., m, k], transposed; perhaps an attention.

    `rows` is the shape [..., n, m]; `scale` multiplies, `softmax` is whether one over the last axis
    was taken (attention.py). `view` are positions in that shape, in the value's ONNX shape.
    """

    node: onnx.NodeProto
    a: Elements
    b: Elements
    view: Elements
    scale: float = 1.0
    softmax: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return self.view.shape


Operand = Computed | Constant | Expression
Value = Computed | Constant | Expression | Product


@dataclass
class Scope:
    """The values of a graph, or of a loop's body inside it, by their ONNX names."""

    values: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None

    def find(self, name: str) -> Value | None:
        """The value here or outside; None where there is none."""
        if name in self.values:
            return self.values[name]
        return self.outer.find(name) if self.outer else None
