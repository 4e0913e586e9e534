"""From the network's output to probabilities, and to what is decided window by window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.reference.codes import F32, Array
from libhar.reference.decider import Decider
from libhar.reference.functions import softmax


def probabilities(decision: schema.Decision | None, output: Array) -> Array:
    """[windows, classes] of what the network puts out, each window by itself."""
    settings = decision or schema.Decision()
    scores = np.asarray(output, F32)
    if settings.output is schema.ScoreKind.LOGITS:
        scores = softmax(scores / F32(settings.temperature))
    return scores


def decide(
    decision: schema.Decision | None, output: Array, times_ns: NDArray[np.int64] | None = None
) -> tuple[Array, Array]:
    """Scores [windows, classes] and labels [windows] of windows that follow each other.

    `output` is what the network puts out, `times_ns` [windows, 2] are the times of each window's
    first and last sample, which only a minimum duration needs. A label of -1 means unknown.
    Raises ValueError where times are needed and not given.
    """
    settings = decision or schema.Decision()
    if times_ns is None:
        if settings.min_duration_ms:
            raise ValueError("a decision with a minimum duration needs the times of the windows")
        times_ns = np.zeros((len(output), 2), np.int64)
    decider = Decider(settings)
    decided = [
        decider.step(p, int(start), int(end))
        for p, (start, end) in zip(probabilities(settings, output), times_ns)
    ]
    labels = np.array([d.class_index for d in decided], np.int64)
    return np.stack([d.scores for d in decided]), labels
