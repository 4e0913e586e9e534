"""A saliency map as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from libhar import files
from libhar.saliency.maps import FORMS, Saliency

WHOLE = "all classes"
"""What the map of the whole set is called beside the classes."""
DIGITS = 6


def write_csv(found: Saliency, path: Path) -> None:
    """A row for every class that occurs (and for the whole set), column and sample."""
    maps = {WHOLE: found.whole_over_time} | {
        found.labels[i]: found.over_time[i] for i in np.flatnonzero(found.windows)
    }
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["class", "channel", "sample", "seconds", "saliency"])
    for name, values in maps.items():
        for (sample, column), value in np.ndenumerate(values):
            seconds = f"{sample / found.rate_hz:.6g}"
            text = f"{value:.{DIGITS}g}"
            rows.writerow([name, found.columns[column], sample, seconds, text])
    files.write_text(path, table.getvalue())


def as_dict(found: Saliency, about: Mapping[str, Any]) -> dict[str, Any]:
    """Of every channel; the channels of the whole set in the order of their rank."""
    whole = found.whole
    return {
        **about,
        "form": found.form,
        "formula": FORMS[found.form],
        "windows": {name: int(n) for name, n in zip(found.labels, found.windows, strict=True) if n},
        "ranking": [found.columns[i] for i in found.ranking],
        "whole": _rounded(found, whole),
        "classes": {
            found.labels[i]: _rounded(found, found.by_class[i])
            for i in np.flatnonzero(found.windows)
        },
    }


def write_json(found: Saliency, about: Mapping[str, Any], path: Path) -> None:
    files.write_json(path, as_dict(found, about))


def _rounded(found: Saliency, values: Any) -> dict[str, float]:
    pairs = zip(found.columns, values, strict=True)
    return {name: float(f"{value:.{DIGITS}g}") for name, value in pairs}
