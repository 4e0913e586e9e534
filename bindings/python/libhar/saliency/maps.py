"""Saliency of every column, at every sample of a window, for every class.

|d score of the class before softmax / d input|, averaged over the windows of the class (Simonyan,
Vedaldi and Zisserman, "Deep Inside Convolutional Networks", ICLR workshop 2014); a column's is the
sum over time. Of the whole set it is the mean over the classes that occur. Columns of different
units do not compare by that: each gradient is multiplied by what `times` says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.datasets import Windows
from libhar.model import Model

Gradient = Callable[[NDArray[np.float32], int], NDArray[np.float32]]
"""Of a window [rows, columns] and a class: d score / d input, [rows, columns]."""

Report = Callable[[str], None]
"""Is told in a line how far it has come."""

TIMES = ("distance", "deviation", "one")
"""What a gradient is multiplied by: the distance of the input from the mean of its column, which
makes it what the score loses, to first order, where the column says nothing (Molchanov et al.,
ICLR 2017, of units); the standard deviation of its column, as if the input were standardized; 1."""


@dataclass(frozen=True)
class Saliency:
    """The map of a model on a set of windows."""

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    rate_hz: float
    times: str
    """One of TIMES."""
    over_time: NDArray[np.float64]
    """[classes, rows, columns]; 0 for a class that does not occur."""
    gradient: NDArray[np.float64]
    """[classes, rows, columns], the same with gradients as they are."""
    windows: NDArray[np.int64]
    """[classes], how many were averaged."""

    @property
    def by_class(self) -> NDArray[np.float64]:
        """[classes, columns], summed over time."""
        return np.asarray(self.over_time.sum(axis=1))

    @property
    def whole_over_time(self) -> NDArray[np.float64]:
        """[rows, columns] of the whole set."""
        return np.asarray(self.over_time[self.windows > 0].mean(axis=0))

    @property
    def whole(self) -> NDArray[np.float64]:
        """[columns] of the whole set."""
        return np.asarray(self.whole_over_time.sum(axis=0))

    @property
    def ranking(self) -> NDArray[np.int64]:
        """The columns, most salient first; of equals the first."""
        return np.argsort(-self.whole, kind="stable")


def saliency(
    model: Model,
    signal: schema.Signal,
    windows: Windows,
    *,
    most: int = 0,
    times: str = TIMES[0],
    gradient: Gradient | None = None,
    report: Report = lambda _: None,
) -> Saliency:
    """The map of `model`, whose file says `signal`, on labelled windows of its columns.

    At most `most` windows of a class are taken, evenly in their order; 0: all. `gradient` is the C
    library's where none is given. Raises HarError; ValueError for windows of other classes.
    """
    if model.labels != windows.names:
        raise ValueError(f"the model's labels are {model.labels}, the data's {windows.names}")
    if times not in TIMES:
        raise ValueError(f"times is {times!r}, must be one of {', '.join(TIMES)}")
    if most < 0:
        raise ValueError(f"most is {most}, must be 0 (all) or more")
    gradient = gradient or library_gradient(model)
    factor = _factor(windows, times)
    classes = len(windows.names)
    plain = np.zeros((classes, *windows.signal.shape[1:]))
    over_time, counts = np.zeros_like(plain), np.zeros(classes, np.int64)
    for label in range(classes):
        chosen = evenly(np.flatnonzero(windows.labels == label), most)
        for index in chosen:
            magnitude = np.abs(gradient(windows.signal[index], label), dtype=np.float64)
            plain[label] += magnitude / len(chosen)
            over_time[label] += magnitude * factor(windows.signal[index]) / len(chosen)
        counts[label] = len(chosen)
        report(f"class {label + 1} of {classes}: {len(chosen)} windows")
    names = column_names(signal)
    return Saliency(windows.names, names, model.info.rate_hz, times, over_time, plain, counts)


def _factor(windows: Windows, times: str) -> Callable[[NDArray[np.float32]], Any]:
    """What the gradients of a window are multiplied by."""
    mean = windows.signal.mean(axis=(0, 1), dtype=np.float64)
    deviation = windows.signal.std(axis=(0, 1), dtype=np.float64)
    if times == "distance":
        return lambda window: np.abs(window - mean)
    return lambda _: deviation if times == "deviation" else 1.0


def library_gradient(model: Model) -> Gradient:
    """The C library's gradients of the score of a class."""
    from libhar.explain import Explainer

    explainer = Explainer(model)
    return lambda window, label: explainer.window(window, label=label).gradient


def evenly(indices: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most `most` of them, evenly in their order; all where `most` is 0."""
    if most == 0 or len(indices) <= most:
        return indices
    return indices[np.linspace(0, len(indices) - 1, most).astype(np.int64)]


def column_names(signal: schema.Signal) -> tuple[str, ...]:
    """The columns that the network sees: channels, `<name>.gravity` and `<name>.body` after a
    gravity split, in the order of the last `select`."""
    names = [channel.name for channel in signal.channels]
    for step in signal.steps:
        if isinstance(step.params, schema.GravitySplit):
            split = [names[i] for i in step.params.channels]
            names += [f"{name}.{part}" for part in ("gravity", "body") for name in split]
        elif isinstance(step.params, schema.Select):
            names = [names[i] for i in step.params.channels]
    return tuple(names)
