"""The error of the C library as an exception."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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


@contextmanager
def of_file(path: str | Path) -> Iterator[None]:
    """What goes wrong inside is told with the name of the file that it is wrong with. Errors of the
    system name theirs already."""
    try:
        yield
    except (HarError, ValueError) as error:
        if str(path) not in str(error):
            error.args = (f"{path}: {error}",)
        raise
