"""Saliency maps: curves over channels, heat maps over time, and the deletion test."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar.plot.canvas import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    VERMILLION,
    new_figure,
    spread,
    styled,
    words,
)
from libhar.saliency.deletion import Deletion
from libhar.saliency.maps import AT_SAMPLE, FORMS, Saliency
from libhar.saliency.tables import WHOLE

CHANNEL_WIDTH, ROW_HEIGHT, WHOLE_HEIGHT = 0.155, 0.36, 1.3
PANEL_WIDTH, LINE_HEIGHT, PANEL_TITLE = 1.55, 0.085, 0.45
NAMES_WIDTH, NAME_WIDTH = 1.4, 0.95
"""All in inches."""
MOST_ACROSS = 5
NAMED = 3
"""Channels named in the curve of the whole set."""
TEXT_HEIGHT = 0.15


@styled
def over_channels(title: str, found: Saliency) -> Any:
    """Above, the whole set; below, a curve for each class that occurs, each over its own largest
    value, a point at its most salient channel."""
    rows = np.flatnonzero(found.windows)
    places = np.arange(len(found.columns))
    width = max(5.0, NAMES_WIDTH + 0.6 + CHANNEL_WIDTH * len(places))
    figure = new_figure(width, WHOLE_HEIGHT + ROW_HEIGHT * len(rows) + 1.9)
    whole, classes = figure.subplots(
        2, 1, sharex=True, height_ratios=[WHOLE_HEIGHT, ROW_HEIGHT * len(rows) + 0.1]
    )
    for axes in (whole, classes):
        axes.vlines(places, 0, 1, LIGHT, linewidth=0.4, transform=axes.get_xaxis_transform())
    _curve(whole, places, found.whole, 0.0, BLACK)
    _names(whole, found)
    whole.set(ylim=(0, 1.3 * found.whole.max()), ylabel="saliency")
    whole.set_title(f"{WHOLE}; classes below, each over its own largest value")
    for row, label in enumerate(rows):
        values = found.by_class[label]
        base = len(rows) - 1 - row
        _curve(classes, places, 0.85 * values / max(values.max(), 1e-300), base, BLUE)
    classes.set_yticks(np.arange(len(rows)) + 0.25, [words(found.labels[i]) for i in rows[::-1]])
    classes.tick_params(axis="y", length=0)
    classes.set(ylim=(-0.1, len(rows)), xlim=(-0.6, len(places) - 0.4))
    classes.set_xticks(places, [words(name) for name in found.columns], rotation=90)
    figure.suptitle(title)
    figure.supxlabel(_says(found, FORMS[found.form]), fontsize=7, color=GREY)
    return figure


def _curve(
    axes: Any, places: NDArray[np.int64], values: NDArray[np.float64], base: float, color: str
) -> None:
    axes.fill_between(places, base, base + values, color=color, alpha=0.25, linewidth=0)
    axes.plot(places, base + values, color=color, linewidth=0.9)
    largest = int(np.argmax(values))
    axes.plot(places[largest], base + values[largest], "o", color=color, ms=3)


def _names(axes: Any, found: Saliency) -> None:
    """The names of the most salient channels above the curve, a thin line to each point."""
    columns = np.sort(found.ranking[:NAMED])
    wide = axes.figure.get_figwidth() - NAMES_WIDTH - 0.6
    places = spread(columns.tolist(), NAME_WIDTH * len(found.columns) / wide)
    high = 1.2 * found.whole.max()
    for column, place in zip(columns, places, strict=True):
        axes.annotate(
            words(found.columns[column]),
            (column, found.whole[column]),
            (place, high),
            ha="center",
            fontsize=6,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.3},
        )


@styled
def over_time(title: str, found: Saliency) -> Any:
    """A heat map, channel by time in the window, for the whole set and each class that occurs; each
    over its own largest value, which stands above it."""
    maps = [(WHOLE, found.whole_over_time)]
    maps += [(words(found.labels[i]), found.over_time[i]) for i in np.flatnonzero(found.windows)]
    across = min(MOST_ACROSS, len(maps))
    down = -(-len(maps) // across)
    tall = max(0.8, LINE_HEIGHT * len(found.columns)) + PANEL_TITLE
    figure = new_figure(max(4.6, NAMES_WIDTH + 0.5 + PANEL_WIDTH * across), 0.9 + tall * down)
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    drawn = [_heat(axes, found, name, values) for axes, (name, values) in zip(panels.flat, maps)]
    for axes in panels.flat[len(maps) :]:
        axes.set_axis_off()
    for axes in panels.flat[max(0, len(maps) - across) : len(maps)]:
        axes.tick_params(labelbottom=True)
    for axes in panels[:, 0]:
        names = [words(name) for name in found.columns]
        size = 5 if len(names) > 12 else 7
        axes.set_yticks(range(len(names)), names, fontsize=size)
    bar = figure.colorbar(drawn[0], ax=panels, shrink=0.5, aspect=30, pad=0.01)
    bar.set_label("saliency over the largest of the map")
    bar.outline.set_visible(False)
    figure.suptitle(title)
    text = _says(found, AT_SAMPLE[found.form])
    figure.supxlabel(f"across: s in the window.  Shade: {text}", fontsize=7, color=GREY)
    return figure


def _heat(axes: Any, found: Saliency, name: str, values: NDArray[np.float64]) -> Any:
    largest = max(float(values.max()), 1e-300)
    end = len(values) / found.rate_hz
    picture = axes.imshow(
        values.T / largest,
        cmap="Blues",
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=(0, end, len(found.columns) - 0.5, -0.5),
    )
    axes.set_title(f"{name}\nlargest {largest:.2g}", fontsize=6)
    axes.tick_params(axis="y", length=0)
    return picture


def _says(found: Saliency, formula: str) -> str:
    windows = f"{int(found.windows.sum()):,} windows"
    return f"mean of {formula} over {windows}\ng = d score of the class / d input of the network"


@styled
def deletion_curves(title: str, found: Deletion, columns: int) -> Any:
    """Accuracy by how many channels say nothing any more: the most salient, as many at random (the
    band is the middle 95 % of the draws), the least salient."""
    figure = new_figure(5.2, 3.2)
    axes = figure.subplots()
    counts = np.array([0, *found.counts])
    low, high = (np.array([found.all, *ends]) for ends in found.random_range)
    axes.fill_between(counts, 100 * low, 100 * high, color=LIGHT, linewidth=0)
    lines = (
        ("least salient", found.least, BLUE, "s"),
        (f"random ({len(found.random)} draws)", found.random_mean, GREY, "^"),
        ("most salient", found.salient, VERMILLION, "o"),
    )
    ends = []
    for _, values, color, marker in lines:
        accuracy = 100 * np.array([found.all, *values])
        axes.plot(counts, accuracy, color=color, marker=marker, ms=4, linewidth=1)
        ends.append(accuracy[-1])
    bottom, top = axes.get_ylim()
    for place, (name, _, color, _) in zip(spread(ends, (top - bottom) * TEXT_HEIGHT / 2.4), lines):
        axes.annotate(
            name, (counts[-1], place), (6, 0), textcoords="offset points", color=color,
            va="center", annotation_clip=False,
        )  # fmt: skip
    axes.set(xlabel=f"channels taken away, of {columns}", ylabel="accuracy on test people, %")
    axes.set_xticks(counts)
    axes.set_title(title)
    return figure
