"""Functions of one number, recognised by what they compute.

Exporters write one activation in many ways: GELU as Erf or as Tanh with seven ops around it, SiLU
as x * Sigmoid(x), a hard swish by clipping. What stands there is evaluated and compared.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from libhar import schema

Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]
TOLERANCE = 2e-6
GRID = np.concatenate([np.linspace(-9, 9, 361), [-80.0, -30.0, -15.0, 15.0, 30.0, 80.0]])
Kind = schema.ActivationKind


def _hard_sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(x / 6 + 0.5, 0, 1)


KNOWN: dict[Kind, Function] = {
    Kind.RELU: lambda x: np.maximum(x, 0),
    Kind.RELU6: lambda x: np.clip(x, 0, 6),
    Kind.SIGMOID: special.expit,
    Kind.TANH: np.tanh,
    Kind.GELU: lambda x: x * special.ndtr(x),
    Kind.GELU_TANH: lambda x: x * special.expit(np.sqrt(8 / np.pi) * (x + 0.044715 * x**3)),
    Kind.HARD_SIGMOID: _hard_sigmoid,
    Kind.HARD_SWISH: lambda x: x * _hard_sigmoid(x),
    Kind.SILU: lambda x: x * special.expit(x),
}


def activation_of(function: Function) -> schema.Activation | None:
    """The activation that a function is, to 2e-6 of its size; None where it is none."""
    found = function(GRID)
    if not np.isfinite(found).all():
        return None
    for kind, known in KNOWN.items():
        if _equal(found, known(GRID)):
            return schema.Activation(kind)
    slope = float(-function(np.array([-1.0]))[0])
    if _equal(found, np.where(GRID < 0, slope * GRID, GRID)):
        return schema.Activation(Kind.LEAKY_RELU, slope)
    return None


def line_of(function: Function) -> tuple[float, float] | None:
    """Slope and offset of a function that is a line; None where it is none."""
    offset, one = (float(function(np.array([v]))[0]) for v in (0.0, 1.0))
    if not np.isfinite([offset, one]).all():
        return None
    line = (one - offset) * GRID + offset
    return (one - offset, offset) if _equal(function(GRID), line, 1e-12) else None


def _equal(a: NDArray[np.float64], b: NDArray[np.float64], tolerance: float = TOLERANCE) -> bool:
    return bool(np.all(np.abs(a - b) <= tolerance * np.maximum(1, np.abs(b))))
