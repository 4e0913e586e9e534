"""Golden vectors: raw samples and what must come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from libhar import flat, reference, schema
from libhar.model import Model
from libhar.reference.signal import preprocess

SIGNAL_TOLERANCE = 1e-6
"""Largest difference of a value after the signal steps, relative to the largest value."""
SCORE_TOLERANCE = 1e-5
"""The contract of FP32: largest difference of a probability."""

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""The network: [windows, rows, columns] to [windows, classes]."""


def add_golden(
    model: schema.Model, recordings: Mapping[str, NDArray[np.float32]], run: Run, exact: bool
) -> None:
    """Sets `model.golden` from raw recordings [rows, channels], each at least a window long.

    The signal is the C library's, so that an integer network, whose output is then `exact`, can be
    compared bit for bit; it must agree with SciPy to SIGNAL_TOLERANCE. `run` is an implementation
    of the network that is not the C library.
    """
    front = schema.Model(name=model.name, signal=model.signal)
    library = Model(flat.encode(front))
    model.golden = [
        _golden(model, name, np.ascontiguousarray(raw, np.float32), library, run, exact)
        for name, raw in recordings.items()
    ]


def _golden(
    model: schema.Model,
    name: str,
    raw: NDArray[np.float32],
    library: Model,
    run: Run,
    exact: bool,
) -> schema.Golden:
    signal, settings = _checked_signal(model, raw, library), model.signal
    if len(signal) < settings.window:
        raise ValueError(
            f"golden recording {name!r} has {len(signal)} samples, a window has {settings.window}"
        )
    starts = window_starts(settings, len(signal))
    windows = np.stack([signal[at : at + settings.window] for at in starts])
    output = np.asarray(run(windows), np.float32)
    scores, labels = reference.decide(model.decision, output, window_times_ns(settings, starts))
    largest = max(1.0, float(np.abs(output).max()))
    return schema.Golden(
        name=name,
        raw=raw.ravel(),
        signal=windows[-1].ravel(),
        network=output[-1],
        scores=scores[-1],
        label=int(labels[-1]),
        tolerance_signal=SIGNAL_TOLERANCE * max(1.0, float(np.abs(signal).max())),
        tolerance_network=0.0 if exact else SCORE_TOLERANCE * largest,
        tolerance_scores=0.0 if exact else SCORE_TOLERANCE,
    )


def _checked_signal(
    model: schema.Model, raw: NDArray[np.float32], library: Model
) -> NDArray[np.float32]:
    signal = library.preprocess(raw)
    wanted = preprocess(model.signal, raw)
    difference = float(np.abs(signal - wanted).max(initial=0))
    bound = SIGNAL_TOLERANCE * max(1.0, float(np.abs(wanted).max(initial=0)))
    if difference > bound:
        raise ValueError(
            f"the signal steps of the C library differ from SciPy's by {difference:.3g}, "
            f"must be at most {bound:.3g}"
        )
    return signal


def window_starts(settings: schema.Signal, rows: int) -> range:
    """The first rows of the windows of a recording."""
    return range(0, rows - settings.window + 1, settings.hop)


def window_times_ns(settings: schema.Signal, starts: Sequence[int]) -> NDArray[np.int64]:
    """[windows, 2]: of the first and last sample of windows of a recording without times."""
    samples = np.array([(at, at + settings.window - 1) for at in starts])
    return np.asarray(np.floor(samples * 1e9 / settings.rate_hz + 0.5), np.int64)


def recordings_of(model: schema.Model) -> dict[str, NDArray[np.float32]]:
    """The raw recordings of the golden vectors that a model carries."""
    channels = len(model.signal.channels)
    return {g.name: g.raw.reshape(-1, channels) for g in model.golden}
