"""What an ONNX value is to the importer.

ONNX lays a batch of sequences out as [N, C, T]; model files keep rows x columns, a row a time
step. The importer therefore follows, for every value, which axes its shape has and in which order
its features lie.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Order = tuple[int, ...]
"""For each of our features the ONNX feature it is."""


class Layout(Enum):
    """The axes of an ONNX value after the batch."""

    CHANNELS_TIME = "[N, C, T]"
    TIME_CHANNELS = "[N, T, C]"
    FEATURES = "[N, F]"
    CHANNELS_ONE_TIME = "[N, C, 1, T]"
    """What torch's exporter makes of [N, C, T] on the way through a 2-D pool."""

    @property
    def rank(self) -> int:
        return len(self._axes)

    @property
    def channel_axis(self) -> int:
        """The axis of channels or features."""
        return next(i for i, name in enumerate(self._axes) if name in ("C", "F"))

    @property
    def time_axis(self) -> int | None:
        return self._axes.index("T") if "T" in self._axes else None

    @property
    def _axes(self) -> list[str]:
        return self.value.strip("[]").split(", ")


@dataclass(frozen=True)
class Computed:
    """A value that the network computes. `order` is None where features lie as in ONNX."""

    tensor: int
    layout: Layout
    order: Order | None = None

    def with_layout(self, layout: Layout) -> Computed:
        return replace(self, layout=layout)

    def sorted(self, features: NDArray[Any]) -> NDArray[Any]:
        """Values per ONNX feature, in the last axis, in our order."""
        return features if self.order is None else features[..., list(self.order)]


@dataclass(frozen=True)
class Constant:
    """A value known at conversion; `name` is the initializer's."""

    name: str
    array: NDArray[Any]


class ShapeArithmetic:
    """A value computed from shapes; reshapes are read from the shapes themselves."""


Value = Computed | Constant | ShapeArithmetic


def flattened_order(channels: int, rows: int) -> Order | None:
    """The order after flattening [N, C, T], where feature c * T + t is value t * C + c of ours."""
    if 1 in (channels, rows):
        return None
    return tuple(np.arange(channels * rows).reshape(channels, rows).T.ravel().tolist())


def joined_order(parts: list[tuple[Computed, int]]) -> Order | None:
    """The order of features joined from parts of so many columns each."""
    if all(part.order is None for part, _ in parts):
        return None
    joined: list[int] = []
    for part, columns in parts:
        first = len(joined)
        joined += [first + i for i in part.order or range(columns)]
    return tuple(joined)
