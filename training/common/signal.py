"""The signal steps of a recipe's spec, run by the C library."""

from __future__ import annotations

from pathlib import Path

from libhar import Model, flat, schema
from libhar.convert.spec import load_spec
from libhar.datasets import Preprocess


def signal_steps(spec: Path) -> Preprocess:
    """What turns a whole raw recording [rows, channels] into the columns that windows are of."""
    description = load_spec(spec)
    front = Model(flat.encode(schema.Model(name=description.name, signal=description.signal)))
    return front.preprocess
