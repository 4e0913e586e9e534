"""F1 of every class, with what other people would give."""

from __future__ import annotations

from typing import Any

import numpy as np

from libhar.evaluate import Evaluation
from libhar.plot.canvas import BLACK, BLUE, GREY, LIGHT, new_figure, styled, words


@styled
def f1_by_class(title: str, found: Evaluation) -> Any:
    """A point a class, with its interval, in the order of the labels; the macro F1 below them.
    Classes that do not occur are left out."""
    spans = found.intervals()
    occurs = ~np.isnan(spans.f1[:, 0])
    names = [words(name) for name, known in zip(found.names, occurs, strict=True) if known]
    values = [*found.f1[occurs], found.macro_f1]
    ends = np.vstack([spans.f1[occurs], spans.macro_f1])
    rows = np.arange(len(values)) + 0.4 * (np.arange(len(values)) == len(names))
    figure = new_figure(5.6, 1.3 + 0.24 * len(values))
    axes = figure.subplots()
    axes.hlines(rows, 0, 1, color=LIGHT, linewidth=0.5, zorder=0)
    colors = [BLUE] * len(names) + [BLACK]
    axes.hlines(rows, ends[:, 0], ends[:, 1], color=colors, linewidth=3, alpha=0.5)
    axes.scatter(values, rows, color=colors, s=22, zorder=3, clip_on=False)
    for row, value, (low, high) in zip(rows, values, ends, strict=True):
        axes.annotate(
            f"{value:.3f}  ({low:.3f} to {high:.3f})",
            (1, row),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            annotation_clip=False,
        )
    lowest = max(0.0, float(np.floor(10 * ends.min()) / 10 - 0.02))
    axes.set(xlim=(lowest, 1.002), xlabel="F1", ylim=(rows[-1] + 0.6, -0.6))
    axes.set_yticks(rows, [*names, "macro F1"])
    axes.get_yticklabels()[-1].set_fontweight("bold")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.suptitle(title)
    figure.supxlabel(f"bars: {spans.kind}", fontsize=7, color=GREY)
    return figure
