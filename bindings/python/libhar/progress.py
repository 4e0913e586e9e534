"""What long work says of itself."""

from __future__ import annotations

import sys


def tell(line: str) -> None:
    """Progress, to where results do not go."""
    print(line, file=sys.stderr, flush=True)
