"""Where the C library is, and when it is loaded."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Functions = Mapping[str, tuple[Any, Sequence[Any]]]
"""By name, the type of the result and those of the arguments."""


def _candidates() -> list[str]:
    """Where the library may be: named, beside the package, in a checkout's build, on the system."""
    named = os.environ.get("LIBHAR_LIBRARY")
    if named:
        return [named]
    here = Path(__file__).resolve().parent
    places = [here, *(parent / "build" / "release" for parent in here.parents)]
    names = ("libhar.so", "libhar.dylib", "libhar.dll", "har.dll")
    found = [str(place / name) for place in places for name in names if (place / name).is_file()]
    system = ctypes.util.find_library("har")
    return found + ([system] if system else [])


def _load(functions: Functions) -> ctypes.CDLL:
    candidates = _candidates()
    if not candidates:
        raise ImportError(
            "the C library of libhar was not found: build it with `cmake --preset release && "
            "cmake --build --preset release`, or name it in LIBHAR_LIBRARY"
        )
    try:
        library = ctypes.CDLL(candidates[0])
        for name, (result, arguments) in functions.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
    except (OSError, AttributeError) as error:
        raise ImportError(
            f"{candidates[0]} is not the C library of this version of libhar: {error}{_named()}"
        ) from error
    return library


def _named() -> str:
    return " (LIBHAR_LIBRARY names it)" if os.environ.get("LIBHAR_LIBRARY") else ""


class Library:
    """The functions of the library, which is loaded when the first of them is called: a command
    can then say why it cannot be, and what needs no library does without it."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        """What is not there before the library is loaded."""
        if name in self._functions:
            return _Function(self, name)
        if name == "_name":
            return self.load()._name
        raise AttributeError(name)

    def load(self) -> ctypes.CDLL:
        library = _load(self._functions)
        self.__dict__.update({name: getattr(library, name) for name in (*self._functions, "_name")})
        return library


class _Function:
    """A function of a library that was not loaded yet when it was named."""

    def __init__(self, library: Library, name: str) -> None:
        self.library, self.name = library, name

    def __call__(self, *arguments: Any) -> Any:
        if self.name not in vars(self.library):
            self.library.load()
        return vars(self.library)[self.name](*arguments)
