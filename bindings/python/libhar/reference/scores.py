"""The decision: from the network's output to scores and labels."""

from __future__ import annotations

import numpy as np

from libhar import schema
from libhar.reference.codes import F32, Array
from libhar.reference.functions import softmax


def decide(decision: schema.Decision | None, output: Array) -> tuple[Array, Array]:
    """Scores [windows, classes] and labels [windows] of windows that follow each other.

    `output` is what the network puts out. A label of -1 means unknown.
    """
    settings = decision or schema.Decision()
    scores = np.asarray(output, F32)
    if settings.output is schema.ScoreKind.LOGITS:
        scores = softmax(scores / F32(settings.temperature))
    keep = F32(settings.smoothing)
    if keep > 0:
        scores = scores.copy()
        for i in range(1, len(scores)):
            scores[i] = keep * scores[i - 1] + (F32(1) - keep) * scores[i]
    labels = scores.argmax(axis=1).astype(np.int64)
    labels[scores.max(axis=1) < F32(settings.abstain_below)] = -1
    return scores, labels
