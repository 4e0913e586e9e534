"""Calibrated confidence: one temperature for all logits, and how far confidence is from accuracy.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from libhar import flat, schema
from libhar.model import Model
from libhar.reliability import Bin, bins_of, calibration_error

BOUNDS = (0.05, 20.0)
"""Of the temperature."""
READING = 4.0
"""Temperature at which logits are read back from probabilities: none of up to 300 between logits
is lost to the smallest number of binary32."""

Logits = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """How well confidence tells accuracy: expected calibration error, mean log loss, the bins."""

    error: float
    log_loss: float
    bins: tuple[Bin, ...]


def logits_of(model: schema.Model, windows: NDArray[np.float32]) -> Logits:
    """[windows, classes] by the C library, each window's less its log sum of exponentials.

    Raises ValueError for a network that puts out probabilities, HarError.
    """
    decision = model.decision or schema.Decision()
    if decision.output is not schema.ScoreKind.LOGITS:
        raise ValueError("the network puts out probabilities, which no temperature changes")
    read = copy.copy(model)
    read.decision = schema.Decision(temperature=READING)
    read.golden, read.gate = [], None
    scores, _ = Model(flat.encode(read)).classify(windows)
    smallest = np.finfo(np.float32).tiny
    return READING * np.log(np.maximum(scores.astype(np.float64), smallest))


def _log_probabilities(logits: Logits, temperature: float) -> NDArray[np.float64]:
    from scipy.special import log_softmax

    return np.asarray(log_softmax(logits / temperature, axis=1))


def log_loss(logits: Logits, labels: NDArray[np.int64], temperature: float = 1.0) -> float:
    """Mean negative log-likelihood of the true classes."""
    likelihood = _log_probabilities(logits, temperature)
    return float(-likelihood[np.arange(len(labels)), labels].mean())


def fit_temperature(logits: Logits, labels: NDArray[np.int64]) -> float:
    """The temperature of least log loss, which has one minimum over 1 / temperature.

    Raises ValueError where it would lie outside BOUNDS: then what is given is no set to fit on.
    """
    from scipy.optimize import (
        minimize_scalar,
    )  # the command runs without it where nothing is fitted

    low, high = np.log(BOUNDS)
    found = minimize_scalar(
        lambda t: log_loss(logits, labels, float(np.exp(t))),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-6},
    )
    if not low + 1e-3 < found.x < high - 1e-3:
        raise ValueError(
            f"the temperature of least log loss is {np.exp(found.x):.3g}, which is at the bounds "
            f"{BOUNDS[0]:g} to {BOUNDS[1]:g}"
        )
    return float(np.exp(found.x))


def reliability(logits: Logits, labels: NDArray[np.int64], temperature: float) -> Reliability:
    """Confidence against accuracy at a temperature."""
    bins = bins_of(np.exp(_log_probabilities(logits, temperature)), labels)
    return Reliability(calibration_error(bins), log_loss(logits, labels, temperature), bins)
