"""What one check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`good` is None where the check does not apply; `found` says why."""

    subject: str  # the file inside of the artefact
    check: str
    expected: str
    found: str
    good: bool | None


def shortened(names: list[str], most: int = 6) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
