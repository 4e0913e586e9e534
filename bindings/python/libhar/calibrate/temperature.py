"""Calibrated confidence: one temperature for all logits, and how far confidence is from accuracy.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from libhar import flat, schema
from libhar.model import Model

BINS = 15
"""Of equal width from confidence 0 to 1, as in the source."""
BOUNDS = (0.05, 20.0)
"""Of the temperature."""
READING = 4.0
"""Temperature at which logits are read back from probabilities: none of up to 300 between logits
is lost to the smallest number of binary32."""

Logits = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Windows whose confidence lies above `low` and at most at `high`."""

    low: float
    high: float
    windows: int
    confidence: float
    accuracy: float


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


def log_loss(logits: Logits, labels: NDArray[np.int64], temperature: float = 1.0) -> float:
    """Mean negative log-likelihood of the true classes."""
    likelihood = log_softmax(logits / temperature, axis=1)
    return float(-likelihood[np.arange(len(labels)), labels].mean())


def fit_temperature(logits: Logits, labels: NDArray[np.int64]) -> float:
    """The temperature of least log loss, which has one minimum over 1 / temperature.

    Raises ValueError where it would lie outside BOUNDS: then what is given is no set to fit on.
    """
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
    """Confidence against accuracy at a temperature: the largest probability of each window, in
    BINS bins of equal width; the error is the mean over windows of the bins' distances."""
    probabilities = np.exp(log_softmax(logits / temperature, axis=1))
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    numbers = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for number in np.unique(numbers):
        inside = numbers == number
        bins.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                windows=int(inside.sum()),
                confidence=float(confidence[inside].mean()),
                accuracy=float(right[inside].mean()),
            )
        )
    error = sum(b.windows * abs(b.accuracy - b.confidence) for b in bins) / len(labels)
    return Reliability(error, log_loss(logits, labels, temperature), tuple(bins))
