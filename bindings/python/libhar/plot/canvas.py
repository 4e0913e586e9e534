"""What all pictures share: style, colours, and files that are the same bytes on every run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from libhar.files import write_whole

try:
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator
except ImportError as error:
    raise ImportError(
        f"pictures need matplotlib ({error}): install the extra, pip install 'libhar[plot]'"
    ) from error

# Okabe and Ito, "Color Universal Design", 2008
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, LIGHT = "#6B6B6B", "#D8D8D8"

FORMATS = ("png", "svg")
DPI = 110
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "figure.titlesize": 10,
    "svg.hashsalt": "libhar",
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(make: Callable[P, R]) -> Callable[P, R]:
    """A function that draws, in the style of all pictures; the caller's settings stay."""

    @wraps(make)
    def drawn(*arguments: P.args, **options: P.kwargs) -> R:
        with matplotlib.rc_context(_STYLE):
            return make(*arguments, **options)

    return drawn


def new_figure(width: float, height: float) -> Any:
    """An empty figure, in inches, whose parts make room for each other."""
    return Figure(figsize=(width, height), layout="constrained")


def check_name(path: Path) -> str:
    """The format that a file's name asks for. Raises ValueError for any but PNG and SVG."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise ValueError(f"{path} ends in {path.suffix!r}, must end in .png or .svg")
    return kind


def log_steps(axes: Any) -> None:
    """A logarithmic x axis with ticks at 1, 2 and 5 times powers of ten."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())


@styled
def save(figure: Any, path: Path) -> None:
    """Writes PNG or SVG, by the name, without dates or versions, whole or not at all.

    Raises OSError, ValueError.
    """
    kind = check_name(path)
    unsaid = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    write_whole(path, lambda f: figure.savefig(f, format=kind, dpi=DPI, metadata=unsaid))


def words(name: str) -> str:
    """A label as people write it: "WALKING_UPSTAIRS" is "walking upstairs"."""
    return name.lower().replace("_", " ")


def spread(wanted: Sequence[float] | NDArray[np.floating], apart: float) -> NDArray[np.float64]:
    """Places near the wanted ones, in their order, at least `apart` from each other, so that texts
    do not overlap: neighbours that are too close share the middle of where they want to be."""
    values = np.asarray(wanted, np.float64)
    order = np.argsort(values, kind="stable")
    groups = [[float(values[i])] for i in order]
    middle = [group[0] for group in groups]
    i = 1
    while i < len(groups):
        reach = apart * (len(groups[i - 1]) + len(groups[i])) / 2
        if middle[i] - middle[i - 1] >= reach:
            i += 1
            continue
        groups[i - 1] += groups.pop(i)
        middle.pop(i)
        middle[i - 1] = float(np.mean(groups[i - 1]))
        i = max(1, i - 1)
    places = np.empty(len(values))
    places[order] = [
        m + apart * (k - (len(group) - 1) / 2)
        for m, group in zip(middle, groups, strict=True)
        for k in range(len(group))
    ]
    return places
