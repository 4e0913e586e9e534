"""The sanity check of saliency maps: that of a network that learnt nothing must look otherwise.

A map that stays when the weights are exchanged for random ones shows the input or the architecture,
and not what was learnt (Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar import schema
from libhar.saliency.maps import Saliency

SEEDS = tuple(range(10))


@dataclass(frozen=True)
class Likeness:
    """Spearman's rank correlation of two maps of gradients as they are: what they are multiplied by
    is the data's, and would make any two maps alike."""

    channels: float
    """Of the columns, over the whole set."""
    classes: float
    """Of the columns, of one class; the mean over the classes that occur."""


def untrained(model: schema.Model, seed: int) -> schema.Model:
    """The model with the values of every weight shuffled, so that their law stays and nothing of
    what was learnt; biases, norms and codes of INT8 likewise, each among its own."""
    rng = np.random.default_rng(seed)
    assert model.graph is not None
    kinds = {t.buffer: t.dtype for t in model.graph.tensors if t.buffer >= 0}
    buffers = [
        schema.Buffer(_shuffled(buffer.data, kinds[i], rng)) if i in kinds else buffer
        for i, buffer in enumerate(model.buffers)
    ]
    return replace(model, buffers=buffers, golden=[])


def _shuffled(
    data: NDArray[np.uint8], kind: schema.DType, rng: np.random.Generator
) -> NDArray[np.uint8]:
    size = {schema.DType.F32: 4, schema.DType.I32: 4, schema.DType.I16: 2}.get(kind, 1)
    values = np.frombuffer(data.tobytes(), f"V{size}")
    return np.frombuffer(rng.permutation(values).tobytes(), np.uint8)


def likeness(one: Saliency, other: Saliency) -> Likeness:
    """How alike two maps of the same classes and columns are."""
    a, b = (replace(found, by_class=found.gradient) for found in (one, other))
    rows = np.flatnonzero((a.windows > 0) & (b.windows > 0))
    classes = [spearman(a.by_class[i], b.by_class[i]) for i in rows]
    return Likeness(spearman(a.whole, b.whole), float(np.mean(classes)))


def spearman(one: NDArray[np.floating[Any]], other: NDArray[np.floating[Any]]) -> float:
    """Spearman's rank correlation; equal values share their mean rank."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])
