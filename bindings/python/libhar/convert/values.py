"""What an ONNX value is to the importer.

ONNX lays a batch of sequences out as [N, C, T]; model files keep rows x columns, a row a time
step. The importer therefore follows, for every value, which axes its shape has and in which order
a flattened one was read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Layout(Enum):
    """The axes of an ONNX value after the batch."""

    CHANNELS_TIME = "[N, C, T]"
    TIME_CHANNELS = "[N, T, C]"
    FEATURES = "[N, F]"
    CHANNELS_ONE_TIME = "[N, C, 1, T]"
    """What torch's exporter makes of [N, C, T] on the way through a 2-D pool."""


@dataclass(frozen=True)
class Computed:
    """A value that the network computes.

    `flattened` is (channels, rows) where [N, F] came from flattening [N, C, T]: feature c * T + t
    of ONNX is value t * C + c of ours.
    """

    tensor: int
    layout: Layout
    flattened: tuple[int, int] | None = None

    def with_layout(self, layout: Layout) -> Computed:
        return replace(self, layout=layout)


@dataclass(frozen=True)
class Constant:
    """A value known at conversion; `name` is the initializer's."""

    name: str
    array: NDArray[Any]


class ShapeArithmetic:
    """A value computed from shapes; reshapes are read from the shapes themselves."""


Value = Computed | Constant | ShapeArithmetic


def feature_order(flattened: tuple[int, int] | None) -> NDArray[np.int64] | None:
    """For each of our features the ONNX feature it is; None where they agree."""
    if flattened is None or 1 in flattened:
        return None
    channels, rows = flattened
    return np.arange(channels * rows).reshape(channels, rows).T.ravel()
