"""That every contender computes the network, before any of them is timed."""

from __future__ import annotations

import numpy as np
import torch

from bench.contender import Contender, Floats, Network, Precision, Runner
from bench.timer import Timer

WINDOWS = 64
FP32_BOUND = 1e-4
"""Largest difference of a probability from PyTorch's."""
INT8_LABELS = 0.75
"""Least share of windows with PyTorch's label: random networks decide narrowly."""


def probabilities(network: Network, windows: Floats) -> Floats:
    """PyTorch's, [windows, classes]."""
    with torch.inference_mode():
        logits = network.module(torch.from_numpy(windows.transpose(0, 2, 1).copy()))
        return np.asarray(torch.softmax(logits, dim=1).numpy(), np.float32)


def outputs(timer: Timer, contender: Contender, runner: Runner, windows: Floats) -> Floats:
    """Probabilities that the contender computes, [windows, classes]."""
    found = []
    for window in windows:
        runner.set_input(window)
        timer.times(runner.call, 1, cold=False)
        found.append(runner.output())
    values = np.stack(found).astype(np.float64)
    if contender.gives == "logits":
        values = np.exp(values - values.max(axis=1, keepdims=True))
        values /= values.sum(axis=1, keepdims=True)
    return values.astype(np.float32)


def problem(found: Floats, wanted: Floats, precision: Precision) -> str | None:
    """What is wrong with the outputs, None where they are the network's."""
    if not np.isfinite(found).all():
        return "an output is not finite"
    worst = float(np.abs(found - wanted).max())
    same = float((found.argmax(axis=1) == wanted.argmax(axis=1)).mean())
    if precision == "fp32" and worst > FP32_BOUND:
        return f"a probability is off by {worst:.2g}, allowed {FP32_BOUND:g}"
    if precision == "int8" and same < INT8_LABELS:
        return f"{same:.0%} of the labels are PyTorch's, must be {INT8_LABELS:.0%}"
    return None
