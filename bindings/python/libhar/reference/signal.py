"""The signal steps through SciPy, in binary64: what the C library's are checked against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.reference.codes import Array

Rows = NDArray[np.float64]


def preprocess(signal: schema.Signal, samples: Array) -> NDArray[np.float32]:
    """The steps over a whole recording: [rows, channels] to [rows, columns]."""
    rows = np.asarray(samples, np.float64)
    for step in signal.steps:
        rows = _apply(step.params, rows)
    return rows.astype(np.float32)


def _apply(params: schema.SignalParams, rows: Rows) -> Rows:
    chosen = params.channels.astype(int)
    if isinstance(params, schema.Select):
        return rows[:, chosen]
    rows = rows.copy()
    if isinstance(params, schema.Median):
        padded = np.pad(rows[:, chosen], ((1, 1), (0, 0)))
        rows[:, chosen] = np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)
    elif isinstance(params, schema.Filter):
        rows[:, chosen] = _filtered(params.sections, rows[:, chosen])
    elif isinstance(params, schema.GravitySplit):
        gravity = _filtered(params.sections, rows[:, chosen])
        rows = np.concatenate([rows, gravity, rows[:, chosen] - gravity], axis=1)
    else:
        rows[:, chosen] = rows[:, chosen] * params.scale + params.offset
    return rows


def _filtered(sections: list[schema.Section], rows: Rows) -> Rows:
    from scipy import signal as scipy_signal  # models are read without it

    sos = [[s.b0, s.b1, s.b2, 1.0, s.a1, s.a2] for s in sections]
    return np.asarray(scipy_signal.sosfilt(sos, rows, axis=0))
