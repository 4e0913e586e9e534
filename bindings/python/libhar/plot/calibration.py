"""Reliability diagrams: whether confidence says how often a label is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from libhar.evaluate import wilson
from libhar.plot.canvas import BLUE, GREY, LIGHT, VERMILLION, new_figure, styled
from libhar.reliability import BINNING, Bin, calibration_error


@styled
def reliability_diagram(title: str, bins: Sequence[Bin]) -> Any:
    """Above, the share that was right against mean confidence, a bin a point, with Wilson's 95 %
    intervals and the distance to the diagonal; below, how many windows fall into each bin."""
    figure = new_figure(4.4, 4.9)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    confidence, accuracy = [b.confidence for b in bins], [b.accuracy for b in bins]
    _diagonal(upper)
    upper.vlines(confidence, confidence, accuracy, color=VERMILLION, linewidth=3, alpha=0.6)
    ends = np.array([wilson(b.accuracy * b.windows, b.windows) for b in bins])
    upper.errorbar(
        confidence, accuracy, np.abs(ends.T - accuracy), fmt="o", color=BLUE, ms=4, lw=0.8
    )
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share that is right", aspect="auto")
    windows, error = sum(b.windows for b in bins), calibration_error(bins)
    upper.set_title(f"ECE {error:.4f}  ({BINNING}, {windows:,} windows)")
    _counts(lower, bins)
    figure.suptitle(title)
    text = "thin bars: 95 % intervals (Wilson); thick bars: how far off the confidence is"
    figure.supxlabel(text, fontsize=7, color=GREY)
    return figure


def _diagonal(axes: Any) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--")
    for x, y, text in ((0.03, 0.93, "not sure enough"), (0.97, 0.06, "too sure")):
        axes.text(x, y, text, color=GREY, ha="left" if x < 0.5 else "right")


def _counts(axes: Any, bins: Sequence[Bin]) -> None:
    for b in bins:
        look = {"color": LIGHT, "edgecolor": "white", "linewidth": 0.5}
        axes.bar(b.low, b.windows, b.high - b.low, align="edge", **look)
        middle = (b.low + b.high) / 2
        axes.text(middle, b.windows, f"{b.windows}", ha="center", va="bottom", fontsize=6)
    most = max(b.windows for b in bins)
    axes.set(xlabel="confidence", ylabel="windows", ylim=(0, 1.2 * most))
