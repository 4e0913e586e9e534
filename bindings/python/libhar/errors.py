"""The error of the C library as an exception."""

from __future__ import annotations

import math


class HarError(Exception):
    """A call of the C library that failed.

    `status` is the number of the status and `name` its identifier, `field` what was wrong, `value`
    and `bound` the numbers, `byte` the offset in the model file; None where there is none.
    """

    def __init__(
        self,
        status: int,
        name: str,
        text: str,
        field: str = "",
        value: float = math.nan,
        bound: float = math.nan,
        byte: int | None = None,
    ) -> None:
        super().__init__(f"{name}: {text}")
        self.status = status
        self.name = name
        self.text = text
        self.field = field
        self.value = None if math.isnan(value) else value
        self.bound = None if math.isnan(bound) else bound
        self.byte = byte
