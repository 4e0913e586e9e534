"""A recording over time: the signal, what was heard in it, how sure, and the truth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from libhar.model import Model
from libhar.plot import canvas
from libhar.plot.canvas import BLUE, GREEN, GREY, LIGHT, ORANGE, SKY, VERMILLION, words
from libhar.plot.recording import Label, gaps_of, labels_of
from libhar.recording import Recording

AXIS_COLORS = {"x": BLUE, "y": ORANGE, "z": GREEN}
SIGNAL_HEIGHT, LOW_SIGNAL_HEIGHT, MANY_SENSORS = 0.95, 0.6, 7
CONFIDENCE_HEIGHT, LANE_HEIGHT, TEXT_HEIGHT = 0.6, 0.19, 0.14
"""All in inches."""


@canvas.styled
def timeline(
    model: Model, recording: Recording, begin: float = 0.0, end: float | None = None
) -> Any:
    """Panels above each other, over seconds since the first sample from `begin` to `end`: one for
    the axes of each sensor, one with a lane for each label that was found or is true, one for
    confidence. Gaps are shaded through all of them. Raises HarError, ValueError."""
    seconds = recording.seconds
    if len(seconds) < 2:
        raise ValueError(f"{recording.title} has {len(seconds)} sample; a timeline takes two")
    last = float(seconds[-1]) if end is None else min(end, float(seconds[-1]))
    if not 0 <= begin < last:
        raise ValueError(f"begin is {begin:g}, must be at least 0 and below {last:g} (s)")
    labels = [x for x in labels_of(model, recording) if x.end > begin and x.begin < last]
    truth = [x for x in _truth_bands(model, recording) if x.end > begin and x.begin < last]
    lanes = _lanes(model, labels, truth)
    sensors = _sensors(model)
    height = SIGNAL_HEIGHT if len(sensors) < MANY_SENSORS else LOW_SIGNAL_HEIGHT
    heights = [height] * len(sensors) + [0.35 + LANE_HEIGHT * len(lanes), CONFIDENCE_HEIGHT]
    figure = canvas.new_figure(9.0, 0.9 + sum(heights))
    *signals, band, sure = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    for axes, (name, channels) in zip(signals, sensors.items(), strict=True):
        _signal(axes, model, recording, name, channels, (begin, last))
    _bands(band, lanes, labels, truth)
    tally = _tally(model, labels, bool(truth))
    band.set_title(tally, loc="left", fontsize=7, color=GREY)
    _confidence(sure, labels)
    _gaps([*signals, band, sure], gaps_of(model, recording), (begin, last))
    sure.set(xlim=(begin, last), xlabel="s since the first sample")
    figure.suptitle(f"{model.name} on {recording.title}")
    return figure


def _sensors(model: Model) -> dict[str, list[int]]:
    """The channels of each sensor, by the text beside its panel."""
    places = {channel.placement for channel in model.channels}
    sensors: dict[str, list[int]] = {}
    for i, channel in enumerate(model.channels):
        place = f"{words(channel.placement)}\n" if len(places) > 1 else ""
        name = f"{place}{words(channel.kind)}\n({channel.unit})"
        sensors.setdefault(name, []).append(i)
    return sensors


def _signal(
    axes: Any,
    model: Model,
    recording: Recording,
    name: str,
    channels: Sequence[int],
    span: tuple[float, float],
) -> None:
    """Lines with their axes' names at the right end; a gap breaks them."""
    seconds, inside = recording.seconds, _inside(recording, span)
    breaks = [np.searchsorted(seconds[inside], end) for _, end in gaps_of(model, recording)]
    times = np.insert(seconds[inside], breaks, np.nan)
    values = recording.signal[inside][:, channels].astype(np.float64)
    height = axes.get_gridspec().get_height_ratios()[0]
    ends = canvas.spread(values[-1], TEXT_HEIGHT / height * float(np.ptp(values)))
    for column, index in enumerate(channels):
        axis = model.channels[index].axis
        text = axis if axis in AXIS_COLORS else model.channels[index].name
        color = AXIS_COLORS.get(axis, GREY)
        line = np.insert(values[:, column], breaks, np.nan)
        axes.plot(times, line, color=color, linewidth=0.6, label=text)
        axes.annotate(
            text,
            (1.0, ends[column]),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=color,
            va="center",
            fontweight="bold",
            annotation_clip=False,
        )
    axes.set_ylabel(name, rotation=0, ha="right", va="center")


def _inside(recording: Recording, span: tuple[float, float]) -> Any:
    return (recording.seconds >= span[0]) & (recording.seconds <= span[1])


def _truth_bands(model: Model, recording: Recording) -> list[Label]:
    """The stretches of one true label; a gap ends them."""
    seconds, period = recording.seconds.tolist(), 1 / model.info.rate_hz
    after_gap = np.isin(recording.seconds, [end for _, end in gaps_of(model, recording)])
    parts = zip(recording.truth, np.cumsum(after_gap).tolist(), strict=True)
    bands, row = [], 0
    for (name, _), rows in groupby(parts):
        after = row + len(list(rows))
        if name:
            bands.append(Label(name, 1.0, seconds[row], seconds[after - 1] + period, name))
        row = after
    return bands


def _lanes(model: Model, labels: Sequence[Label], truth: Sequence[Label]) -> list[str]:
    """The names that occur: classes in the model's order, what is true but no class, unknown."""
    found, true = {x.name for x in labels}, dict.fromkeys(x.name for x in truth)
    classes = [name for name in model.labels if name in found or name in true]
    others = [name for name in true if name not in model.labels]
    return [*classes, *others, *(["unknown"] if "unknown" in found - set(true) else [])]


def _bands(
    axes: Any, lanes: Sequence[str], labels: Sequence[Label], truth: Sequence[Label]
) -> None:
    """Grey: the truth. In it, blue: a label that agrees or has no truth; hatched: one that does
    not. A lane is named once, at its left."""
    for lane, name in enumerate(lanes):
        _bars(axes, lane, [x for x in truth if x.name == name], 0.84, color=LIGHT)
        mine = [x for x in labels if x.name == name]
        wrong = [x for x in mine if x.truth not in ("", name)]
        right = [x for x in mine if x not in wrong]
        _bars(axes, lane, right, 0.42, color=BLUE)
        _bars(axes, lane, wrong, 0.42, facecolor="white", edgecolor=VERMILLION, hatch="/////")
    axes.set_yticks(range(len(lanes)), [words(name) for name in lanes])
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _bars(axes: Any, lane: int, bands: Sequence[Label], height: float, **look: Any) -> None:
    spans = [(x.begin, x.end - x.begin) for x in bands]
    axes.broken_barh(spans, (lane - height / 2, height), linewidth=0.4, **look)


def _tally(model: Model, labels: Sequence[Label], has_truth: bool) -> str:
    """Counted as `har run` does: among the labels whose truth is a class of the model."""
    known = [x for x in labels if x.truth in model.labels]
    agree = sum(x.name == x.truth for x in known)
    if not has_truth:
        return f"blue: {len(labels)} labels; the truth is not known"
    return (
        f"blue: label, hatched: label that differs from the truth, grey: truth; "
        f"{agree} of {len(known)} labels agree where the truth is a class of the model"
    )


def _confidence(axes: Any, labels: Sequence[Label]) -> None:
    begins = [x.begin for x in labels]
    widths = [x.end - x.begin for x in labels]
    heights = [x.confidence for x in labels]
    axes.bar(begins, heights, widths, align="edge", color=SKY, linewidth=0)
    axes.set(ylim=(0, 1.02), yticks=[0, 0.5, 1])
    axes.set_ylabel("confidence", rotation=0, ha="right", va="center")


def _gaps(
    panels: Sequence[Any], gaps: Sequence[tuple[float, float]], span: tuple[float, float]
) -> None:
    for begin, end in gaps:
        if end <= span[0] or begin >= span[1]:
            continue
        for axes in panels:
            axes.axvspan(begin, end, facecolor="#F2F2F2", edgecolor=GREY, hatch="..", linewidth=0)
        panels[0].annotate(
            f"gap {end - begin:.3g} s",
            ((begin + end) / 2, 1.0),
            (0, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            annotation_clip=False,
        )
