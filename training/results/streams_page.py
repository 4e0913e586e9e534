"""The parts of docs/results.md on confidence, decisions and the still gate."""

from __future__ import annotations

from collections.abc import Sequence

from training.results.events import Streamed
from training.results.tables import percent, table

RELIABILITY_OF = "hapt"
"""The networks whose bins are shown begin with it."""


def confidence(found: Sequence[Streamed]) -> str:
    """Calibration error and log loss on test windows, before and after."""
    columns = ["network", "precision", "temperature", "error at 1", "error", "log loss at 1"]
    rows = [
        [
            f"`{s.name}`",
            s.kind.upper(),
            f"{s.temperature:.3g}",
            f"{s.plain.error:.4f}",
            f"**{s.calibrated.error:.4f}**",
            f"{s.plain.log_loss:.4f}",
            f"{s.calibrated.log_loss:.4f}",
        ]
        for s in found
    ]
    return table([*columns, "log loss"], rows)


def bins(found: Sequence[Streamed]) -> str:
    """How often a confidence is right: one line a bin, windows, confidence and accuracy."""
    shown = [s for s in found if s.name.startswith(RELIABILITY_OF) and s.kind == "fp32"]
    numbers = sorted({b.high for s in shown for b in s.calibrated.bins})
    rows = []
    for high in numbers:
        cells = [f"{high - 1 / 15:.2f} to {high:.2f}"]
        for s in shown:
            inside = next((b for b in s.calibrated.bins if b.high == high), None)
            cells.append(
                f"{inside.windows}: {percent(inside.confidence)} / {percent(inside.accuracy)}"
                if inside
                else ""
            )
        rows.append(cells)
    return table(["confidence", *(f"`{s.name}`" for s in shown)], rows)


def decisions(found: Sequence[Streamed]) -> str:
    """Events with and without the decision."""
    columns = ["network", "precision", "", "false changes an hour", "event F1", "median delay"]
    rows = []
    for s in found:
        for name in ("each window alone", "decision"):
            heard = s.heard[name]
            rows.append(
                [
                    f"`{s.name}`",
                    s.kind.upper(),
                    name,
                    f"{heard.events.false_per_hour:.1f}",
                    f"{heard.events.f1:.3f}",
                    f"{heard.events.median_delay:.2f} s",
                    percent(heard.accuracy),
                ]
            )
    return table([*columns, "windows right"], rows)


def gates(found: Sequence[Streamed]) -> str:
    """What the gate and stretching save, and what they cost."""
    columns = ["network", "precision", "", "windows skipped", "passed over", "MACs saved"]
    rows = []
    for s in found:
        full = s.heard["decision"]
        for name in ("gate", "stretch", "gate and stretch"):
            if name not in s.heard:
                continue
            heard = s.heard[name]
            due = heard.windows + heard.stretched
            rows.append(
                [
                    f"`{s.name}`",
                    s.kind.upper(),
                    name,
                    f"{percent(heard.skipped / due)} %",
                    f"{percent(heard.stretched / due)} %",
                    f"**{percent(1 - heard.macs)} %**",
                    f"{100 * (full.accuracy - heard.accuracy):+.2f}",
                    f"{100 * (full.own_accuracy - heard.own_accuracy):+.2f}",
                    f"{percent(heard.repeated)} %" if heard.skipped else "",
                    f"{heard.events.f1:.3f}",
                ]
            )
    return table(
        [*columns, "points lost", "of windows alone", "repeated as computed", "event F1"], rows
    )
