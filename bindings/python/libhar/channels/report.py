"""What came of a choice of channels: as JSON, and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from libhar.channels.measure import Trained
from libhar.seeds import mean_and_interval

PAIRS = (("all", "top"), ("top", "bottom"))
"""Differences that are reported, of seeds that drew the same."""


def report(trained: Sequence[Trained], about: Mapping[str, Any]) -> dict[str, Any]:
    """For JSON: every choice with the figures of its seeds, and the paired differences."""
    by_kind = {one.choice.kind: one for one in trained}
    return {
        **about,
        "choices": {kind: _choice(one) for kind, one in by_kind.items()},
        "differences": {
            f"{a} - {b}": _summary(
                [x - y for x, y in zip(by_kind[a].accuracies, by_kind[b].accuracies, strict=True)]
            )
            for a, b in PAIRS
        },
    }


def _choice(one: Trained) -> dict[str, Any]:
    figures = [
        {
            "seed": seed,
            **{k: found.as_dict()[k] for k in ("windows", "correct", "accuracy", "macro_f1")},
            "accuracy_interval_95": list(found.interval),
            "accuracy_by_person": {str(k): v for k, v in found.by_person.items()},
        }
        for seed, found in zip(one.seeds, one.evaluations, strict=True)
    ]
    return {
        "name": one.choice.name,
        "channels": list(one.choice.channels),
        "parameters": one.parameters,
        "macs": one.macs,
        "file_bytes": one.file_bytes,
        "seeds": figures,
        "accuracy": _summary(one.accuracies),
        "macro_f1": _summary([found.macro_f1 for found in one.evaluations]),
    }


def _summary(values: Sequence[float]) -> dict[str, Any]:
    """The mean of the seeds; with two or more, Student's 95 % interval of it."""
    if len(values) < 2:
        return {"mean": float(values[0])}
    mean, ends = mean_and_interval(values)
    return {"mean": mean, "interval_95": list(ends)}


def as_text(found: Mapping[str, Any]) -> str:
    """For people."""
    choices = found["choices"]
    lines = [
        f"{found['model']} on {found['data']}, {found['split']}; seeds "
        + " ".join(str(one["seed"]) for one in choices["all"]["seeds"]),
        "",
        f"{'channels':12} {'accuracy':>8}  {'macro F1':>8}  {'parameters':>10}  {'MACs':>10}  "
        "interval of the accuracy over seeds",
    ]
    for kind, one in choices.items():
        name = kind if kind == "all" else f"{kind} {len(one['channels'])}"
        accuracy, f1 = (one[key]["mean"] for key in ("accuracy", "macro_f1"))
        lines.append(
            f"{name:12} {100 * accuracy:8.2f}  {100 * f1:8.2f}  {one['parameters']:10,}  "
            f"{one['macs']:10,}  {_ends(one['accuracy'])}".rstrip()
        )
    lines.append("")
    lines += [
        f"{pair:14} {100 * one['mean']:6.2f} points  {_ends(one)}".rstrip()
        for pair, one in found["differences"].items()
    ]
    for kind in ("top", "bottom"):
        lines += ["", f"{kind}: {', '.join(_ranked(found, kind))}"]
    return "\n".join(lines)


def _ranked(found: Mapping[str, Any], kind: str) -> list[str]:
    """The channels of a choice, by their rank."""
    chosen = set(found["choices"][kind]["channels"])
    return [name for name in found["ranking"] if name in chosen]


def _ends(summary: Mapping[str, Any]) -> str:
    if "interval_95" not in summary:
        return ""
    low, high = (100 * end for end in summary["interval_95"])
    return f"{low:.2f} to {high:.2f}"
