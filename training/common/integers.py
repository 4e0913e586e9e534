"""The INT8 forms of a trained network: quantized, and trained again where that costs accuracy.

What may be lost is measured on training people whom neither the ranges nor the tuning saw, as the
mean over seeds, which a few windows on an edge do not decide. The FP32 network saw those people,
so what is aimed at must be less than what may be lost on a new person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from libhar import Model, flat, schema
from libhar.datasets import Windows
from libhar.evaluate import evaluate
from libhar.quantize import LayerError, calibration
from libhar.quantize.calibrated import PERCENTILE, Calibrated
from numpy.typing import NDArray

from training.common.tune import Tuning, tuned

QUANTIZED, TUNED = "quantized", "quantization-aware training"


@dataclass(frozen=True)
class Gate:
    """What a network may lose in integers, on whom, and how it is tuned where it loses more.

    Drops are of the accuracy on `checked_on`, mean of the seeds. Above `aim` the network is tuned,
    and the way that loses less is taken; above `limit` even so, nothing is made.
    """

    aim: float
    limit: float
    tuned_on: Windows
    checked_on: Windows
    """Of other people than `tuned_on`."""
    tuning: Tuning

    def __post_init__(self) -> None:
        if not 0 <= self.aim <= self.limit < 1:
            raise ValueError(f"aim {self.aim}, limit {self.limit}: must be 0 <= aim <= limit < 1")
        both = set(self.tuned_on.people.tolist()) & set(self.checked_on.people.tolist())
        if both:
            raise ValueError(f"people {sorted(both)} are tuned on and checked on")


@dataclass(frozen=True)
class Integers:
    """The INT8 model of every seed with the errors of its layers, and how they were made."""

    models: list[tuple[schema.Model, list[LayerError]]]
    way: str
    """QUANTIZED or TUNED."""
    drops: dict[str, list[float]]
    """For every way that was tried, each seed's drop of the accuracy on the gate's people."""


def integers(
    fp32: Sequence[schema.Model],
    windows: NDArray[np.float32],
    gate: Gate | None,
    seeds: Sequence[int],
    folders: Sequence[Path],
    percentiles: Sequence[float] = (PERCENTILE,),
) -> Integers:
    """Quantizes the models of some seeds with ranges from `windows` [N, window, columns], each with
    the one of `percentiles` that leaves the smallest squared error of a probability on them.

    Where they lose more than the gate aims at all of them are tuned, with a checkpoint in each
    one's folder. Raises ValueError where they lose more than its limit either way.
    """
    before = [_calibrated(model, windows, percentiles) for model in fp32]
    made = {QUANTIZED: [calibrated.quantized() for calibrated in before]}
    if gate is None:
        return Integers(made[QUANTIZED], QUANTIZED, {})
    drops = {QUANTIZED: _said(QUANTIZED, _drops(gate, fp32, made[QUANTIZED]))}
    if np.mean(drops[QUANTIZED]) > gate.aim:
        made[TUNED] = [
            tuned(calibrated, gate.tuned_on, gate.tuning, seed, folder).quantized()
            for calibrated, seed, folder in zip(before, seeds, folders)
        ]
        drops[TUNED] = _said(TUNED, _drops(gate, fp32, made[TUNED]))
    way = min(drops, key=lambda way: float(np.mean(drops[way])))
    if (lost := float(np.mean(drops[way]))) > gate.limit:
        raise ValueError(
            f"{fp32[0].name}: the accuracy drops by {lost:.4f} at best, by {way}; must drop by at "
            f"most {gate.limit:g}"
        )
    return Integers(made[way], way, drops)


def quantization(gate: Gate, integers: Integers) -> dict[str, Any]:
    """What the gate found, for JSON."""
    return {
        "made_by": integers.way,
        "checked_on_people": sorted(set(gate.checked_on.people.tolist())),
        "aim": gate.aim,
        "limit": gate.limit,
        "drops": integers.drops,
    }


def _calibrated(
    fp32: schema.Model, windows: NDArray[np.float32], percentiles: Sequence[float]
) -> Calibrated:
    if len(percentiles) == 1:
        return calibration(fp32, windows, percentiles[0])
    wanted, _ = Model(flat.encode(fp32)).classify(windows)
    tried = []
    for percentile in percentiles:
        calibrated = calibration(fp32, windows, percentile)
        found, _ = Model(flat.encode(calibrated.quantized()[0])).classify(windows)
        error = float(np.square(found.astype(np.float64) - wanted).mean())
        print(f"percentile {percentile:g}: squared error {error:.3g}", flush=True)
        tried.append((error, calibrated))
    return min(tried, key=lambda candidate: candidate[0])[1]


def _drops(
    gate: Gate,
    fp32: Sequence[schema.Model],
    made: Sequence[tuple[schema.Model, list[LayerError]]],
) -> list[float]:
    def accuracy(model: schema.Model) -> float:
        return evaluate(Model(flat.encode(model)), gate.checked_on).accuracy

    return [accuracy(before) - accuracy(after) for before, (after, _) in zip(fp32, made)]


def _said(way: str, drops: list[float]) -> list[float]:
    """The drops of a way, printed."""
    each = " ".join(f"{drop:+.4f}" for drop in drops)
    print(f"{way}: the accuracy drops by {np.mean(drops):+.4f} (seeds: {each})", flush=True)
    return drops
