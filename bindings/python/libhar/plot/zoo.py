"""The models that ship beside each other: size against accuracy against time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from libhar.plot import canvas
from libhar.plot.canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION

TEXT_HEIGHT, BESIDE = 0.2, 0.8
"""In inches: a line of text, and what stands above and below the axes."""
_COLORS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
_MARKERS = "osD^vP"


class ResultsError(ValueError):
    """The folder does not hold the figures of results."""


@dataclass(frozen=True)
class Entry:
    """One network, FP32 and INT8: size of the file in bytes, accuracy on its own data, time of a
    window over that of the first network in FP32."""

    name: str
    data: str
    size: tuple[float, float]
    accuracy: tuple[float, float]
    time: tuple[float, float]


def read_results(folder: Path) -> list[Entry]:
    """What `./script/results` wrote: shipped.json, and a NAME.json that names each network's data.
    Raises ResultsError."""
    try:
        shipped = json.loads((folder / "shipped.json").read_text())
        base = next(iter(shipped.values()))["fp32"]["cost"]["window_us"]
        return [
            _entry(name, json.loads((folder / f"{name}.json").read_text())["data"], figures, base)
            for name, figures in shipped.items()
        ]
    except (OSError, KeyError, StopIteration, json.JSONDecodeError) as error:
        raise ResultsError(f"{folder} does not hold the figures of results: {error}") from error


def _entry(name: str, data: str, figures: dict[str, Any], base: float) -> Entry:
    fp32, int8 = figures["fp32"], figures["int8"]
    return Entry(
        name,
        data,
        (fp32["cost"]["file_bytes"], int8["cost"]["file_bytes"]),
        (fp32["accuracy"], int8["accuracy"]),
        (fp32["cost"]["window_us"] / base, int8["cost"]["window_us"] / base),
    )


@canvas.styled
def zoo(entries: list[Entry]) -> Any:
    """Accuracy over the size of the file, and over the time of a window. A line joins FP32 (hollow)
    to INT8 (filled). Accuracies of different data do not compare: each has its marker."""
    figure = canvas.new_figure(9.2, 1.6 + 0.34 * len(entries))
    left, right = figure.subplots(1, 2, sharey=True)
    sets = list(dict.fromkeys(entry.data for entry in entries))
    for entry in entries:
        look = sets.index(entry.data)
        color, marker = _COLORS[look % len(_COLORS)], _MARKERS[look % len(_MARKERS)]
        accuracy = [100 * value for value in entry.accuracy]
        for axes, values in ((left, entry.size), (right, entry.time)):
            axes.plot(values, accuracy, color=color, linewidth=0.8, zorder=1)
            axes.scatter(values[0], accuracy[0], marker=marker, facecolor="white", edgecolor=color)
            axes.scatter(values[1], accuracy[1], marker=marker, facecolor=color, edgecolor=color)
    for axes, text in ((left, "size of the file"), (right, f"time, {entries[0].name} FP32 is 1")):
        canvas.log_steps(axes)
        axes.set_axisbelow(True)
        axes.set_xlabel(text)
        axes.grid(color="#EEEEEE", linewidth=0.5)
    left.xaxis.set_major_formatter(
        lambda size, _: f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} KB"
    )
    right.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:g}")
    left.set_ylabel("accuracy on test people, %")
    _names(right, entries, sets)
    figure.suptitle("The models that ship: hollow FP32, filled INT8")
    return figure


def _names(axes: Any, entries: list[Entry], sets: list[str]) -> None:
    """Name and data of each network at the right, a thin line to its slower point."""
    low, high = axes.get_ylim()
    wanted = [100 * entry.accuracy[1] for entry in entries]
    height = axes.figure.get_figheight() - BESIDE
    places = canvas.spread(wanted, (high - low) * TEXT_HEIGHT / height)
    for entry, place in zip(entries, places, strict=True):
        color = _COLORS[sets.index(entry.data) % len(_COLORS)]
        slower = int(np.argmax(entry.time))
        axes.annotate(
            f"{entry.name} ({entry.data})",
            (entry.time[slower], 100 * entry.accuracy[slower]),
            (1.04, place),
            textcoords=axes.get_yaxis_transform(),
            color=color,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": GREY,
                "linewidth": 0.3,
                "shrinkB": 4,
                "relpos": (0, 0.5),
            },
        )
    axes.set_ylim(min(low, float(np.min(places))), max(high, float(np.max(places))))
