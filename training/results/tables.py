"""Tables and numbers in Markdown."""

from __future__ import annotations


def percent(value: float) -> str:
    """A share in percent, two digits, without the sign."""
    return f"{100 * value:.2f}"


def table(columns: list[str], rows: list[list[str]]) -> str:
    """A table with these columns."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
