"""What the C library made for Python and gets back when Python is done with it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self


class Owned:
    """A pointer of the C library, given back by `close`, at the end of a `with` or of the object.

    A subclass makes it in `_handle`, and names in `_destroy` what gives it back.
    """

    _destroy: Callable[[ctypes.c_void_p], Any]

    def __init__(self) -> None:
        self._handle = ctypes.c_void_p()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Gives the memory back; whatever uses the object afterwards raises ValueError."""
        if getattr(self, "_handle", None):
            self._destroy(self._handle)
            self._handle = ctypes.c_void_p()

    @property
    def handle(self) -> ctypes.c_void_p:
        """The pointer, owned by this object. Raises ValueError where it is closed."""
        if not self._handle:
            raise ValueError(f"the {type(self).__name__.lower()} is closed")
        return self._handle
