"""What recipes do with `libhar.datasets.Windows` before training: check, split, weigh."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence

import numpy as np
from libhar.datasets import Windows
from numpy.typing import NDArray


def only_people(windows: Windows, allowed: Collection[int]) -> Windows:
    """`windows` as they are, if they are whole and every one is of a person in `allowed`.

    Recipes load through this with their training people, so that no test person is ever held.
    Raises ValueError.
    """
    count = len(windows.labels)
    if windows.signal.ndim != 3 or len(windows.signal) != count or len(windows.people) != count:
        raise ValueError(
            f"signal {windows.signal.shape}, labels {windows.labels.shape} and people "
            f"{windows.people.shape} do not describe the same windows"
        )
    if not np.isfinite(windows.signal).all():
        raise ValueError("signal holds NaN or infinity")
    last = len(windows.names) - 1
    if count and not (windows.labels.min() >= 0 and windows.labels.max() <= last):
        raise ValueError(
            f"labels span {windows.labels.min()}..{windows.labels.max()}, not 0..{last}"
        )
    strangers = set(windows.people.tolist()) - set(allowed)
    if strangers:
        raise ValueError(f"people {sorted(strangers)} are not training people")
    return windows


def split_people(windows: Windows, held_out: Sequence[int]) -> tuple[Windows, Windows]:
    """The windows without the people `held_out`, and theirs."""
    absent = set(held_out) - set(windows.people.tolist())
    if absent:
        raise ValueError(f"holdout {sorted(absent)} are not people of these windows")
    theirs = np.isin(windows.people, list(held_out))
    return take(windows, ~theirs), take(windows, theirs)


def take(windows: Windows, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Windows:
    """The windows at `chosen`: a mask, or indices."""
    return Windows(
        windows.signal[chosen], windows.labels[chosen], windows.people[chosen], windows.names
    )


def join(parts: Sequence[Windows]) -> Windows:
    """All windows of some sets of the same classes, one set after another."""
    return Windows(
        np.concatenate([part.signal for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.people for part in parts]),
        parts[0].names,
    )


def evenly(windows: Windows, count: int) -> NDArray[np.float32]:
    """The signal of `count` windows, evenly taken in their order: to calibrate quantization."""
    chosen = np.linspace(0, len(windows.labels) - 1, count).astype(np.int64)
    return np.asarray(windows.signal[chosen])


def crc32(windows: Windows) -> int:
    """A fingerprint, so that a run is only ever resumed on the windows it began with."""
    crc = 0
    for part in (windows.signal, windows.labels, windows.people):
        crc = zlib.crc32(np.ascontiguousarray(part).tobytes(), crc)
    return crc


def class_weights(windows: Windows) -> NDArray[np.float32]:
    """Weights [classes] that give every class that occurs the same share of a loss.

    Their mean over the windows is 1; a class that does not occur weighs 0.
    """
    counts = np.bincount(windows.labels, minlength=len(windows.names))
    present = counts > 0
    shares = len(windows.labels) / (present.sum() * np.maximum(counts, 1))
    return np.where(present, shares, 0).astype(np.float32)
