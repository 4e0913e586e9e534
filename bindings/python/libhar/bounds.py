"""Whole numbers on their way into a C struct or call, where ctypes would wrap them."""

from __future__ import annotations

import operator
from typing import SupportsIndex

I32 = 2**31 - 1
U32 = 2**32 - 1
I64 = 2**63 - 1
U64 = 2**64 - 1


def whole(value: SupportsIndex, name: str, most: int = U32, least: int = 0) -> int:
    """The number as an int. Raises ValueError, which names it, outside of `least` to `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is {value!r}, must be a whole number") from None
    if number < least:
        raise ValueError(f"{name} is {number}, must be at least {least}")
    if number > most:
        raise ValueError(f"{name} is {number}, must be at most {most}")
    return number
