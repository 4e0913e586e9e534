"""How figures are written."""

from __future__ import annotations

from collections.abc import Sequence


def percent(value: float) -> str:
    """A share in percent."""
    return f"{100 * value:.2f}"


def interval(bounds: Sequence[float]) -> str:
    """An interval of shares in percent."""
    return f"{percent(bounds[0])} to {percent(bounds[1])}"


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
