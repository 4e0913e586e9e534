"""Saliency of every column, at every sample of a window, for every class.

It begins with g = d score of the class before softmax / d input (Simonyan, Vedaldi and Zisserman,
"Deep Inside Convolutional Networks", ICLR workshop 2014), is averaged over the windows of the
class, and of the whole set it is the mean over the classes that occur. FORMS says what is averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.datasets import Windows
from libhar.evaluate import check_labels
from libhar.explain import At, Explainer
from libhar.model import Model

Gradient = Callable[[NDArray[np.float32], int], NDArray[np.float32]]
"""Of a window [rows, columns] and a class: d score / d input, [rows, columns]."""

Report = Callable[[str], None]
"""Is told in a line how far it has come."""

FORMS = {
    "contribution": "|sum over time of g x (input - its mean)|",
    "deviation": "sum over time of |g| x standard deviation of the channel",
    "gradient": "sum over time of |g|",
}
"""A column's, of a window. `contribution` is what the score loses, to first order, where the column
says nothing but its mean (of units: Molchanov et al., ICLR 2017); `deviation` is `gradient` as if
the input were standardized, without which columns of different units do not compare."""
AT_SAMPLE = {
    "contribution": "|g x (input - its mean)|",
    "deviation": "|g| x standard deviation of the channel",
    "gradient": "|g|",
}
"""The same at one sample: the magnitude of what is summed."""


@dataclass(frozen=True)
class Saliency:
    """The map of a model on a set of windows."""

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    rate_hz: float
    form: str
    """One of FORMS."""
    over_time: NDArray[np.float64]
    """[classes, rows, columns]; 0 for a class that does not occur."""
    by_class: NDArray[np.float64]
    """[classes, columns]."""
    gradient: NDArray[np.float64]
    """[classes, columns], of the form `gradient`."""
    windows: NDArray[np.int64]
    """[classes], how many were averaged."""

    @property
    def whole_over_time(self) -> NDArray[np.float64]:
        """[rows, columns] of the whole set."""
        return np.asarray(self.over_time[self.windows > 0].mean(axis=0))

    @property
    def whole(self) -> NDArray[np.float64]:
        """[columns] of the whole set."""
        return np.asarray(self.by_class[self.windows > 0].mean(axis=0))

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
    form: str = "contribution",
    gradient: Gradient | None = None,
    report: Report = lambda _: None,
) -> Saliency:
    """The map of `model`, whose file says `signal`, on labelled windows of its columns.

    At most `most` windows of a class are taken, evenly in their order; 0: all. `gradient` is the C
    library's where none is given. Raises HarError; ValueError for windows of other classes.
    """
    check_labels(model, windows)
    if form not in FORMS:
        raise ValueError(f"form is {form!r}, must be one of {', '.join(FORMS)}")
    if most < 0:
        raise ValueError(f"most is {most}, must be 0 (all) or more")
    gradient = gradient or library_gradient(model)
    classes = len(windows.names)
    over_time = np.zeros((classes, *windows.signal.shape[1:]))
    by_class, plain = np.zeros((2, classes, windows.signal.shape[2]))
    counts = np.zeros(classes, np.int64)
    factor = _factor(windows, form)
    for label in range(classes):
        chosen = evenly(np.flatnonzero(windows.labels == label), most)
        for index in chosen:
            found = np.asarray(gradient(windows.signal[index], label), np.float64)
            terms = found * factor(windows.signal[index])
            over_time[label] += np.abs(terms)
            by_class[label] += np.abs(terms.sum(axis=0)) if form == "contribution" else 0
            plain[label] += np.abs(found).sum(axis=0)
        for total in (over_time, by_class, plain):
            total[label] /= max(len(chosen), 1)
        counts[label] = len(chosen)
        report(f"class {label + 1} of {classes}: {len(chosen)} windows")
    if form != "contribution":
        by_class = over_time.sum(axis=1)
    names = column_names(signal)
    return Saliency(
        windows.names, names, model.info.rate_hz, form, over_time, by_class, plain, counts
    )


def _factor(windows: Windows, form: str) -> Callable[[NDArray[np.float32]], Any]:
    """What the gradients of a window are multiplied by."""
    mean = windows.signal.mean(axis=(0, 1), dtype=np.float64)
    deviation = windows.signal.std(axis=(0, 1), dtype=np.float64)
    if form == "contribution":
        return lambda window: window - mean
    return lambda _: deviation if form == "deviation" else 1.0


def library_gradient(model: Model) -> Gradient:
    """The C library's gradients of the score of a class."""
    explainer = Explainer(model)
    return lambda window, label: explainer.window(window, label=label, at=At.NETWORK).values


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
