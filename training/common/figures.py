"""The figures of a recipe: those of every seed, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libhar import schema
from libhar.card import measurements_of, with_figures
from libhar.evaluate import Evaluation
from libhar.seeds import mean_and_interval


def summary(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Mean and interval of accuracy and macro F1 over seeds, for JSON."""
    result: dict[str, Any] = {}
    for metric in ("accuracy", "macro_f1"):
        mean, interval = mean_and_interval([getattr(e, metric) for e in evaluations])
        result[metric] = mean
        result[f"{metric}_interval_95"] = list(interval)
    return result


def on_card(
    model: schema.Model, shipped: Evaluation, evaluations: Sequence[Evaluation], split: str
) -> schema.Model:
    """The model with its measured figures on its card: its own, and the mean of all seeds.

    `split` says in words what was tested on.
    """
    mean, _ = mean_and_interval([e.accuracy for e in evaluations])
    seeds = " ".join(map(str, range(len(evaluations))))
    of_seeds = schema.Measurement(f"accuracy, mean of seeds {seeds}", split, mean)
    return with_figures(model, [*measurements_of(shipped, split), of_seeds])
