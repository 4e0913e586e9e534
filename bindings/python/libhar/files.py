"""Files that a command writes: whole or not at all, under their name only when they are done."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO


def write_whole(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """`write` fills a file beside `path`, which then takes its place; on any error nothing is left
    but what was there before. A device, as /dev/stdout, is written itself. Raises OSError."""
    check_place(path)
    if Path(path).exists() and not Path(path).is_file():
        with Path(path).open("wb") as device:
            write(device)
        return
    place = Path(path).resolve()  # what a link names, not the link, is replaced
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            write(file)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def check_place(path: str | Path) -> None:
    """Whether a file can have this name: for work that is long before there is a file. Raises
    OSError."""
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, must be a file")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written, there is no folder {path.parent}")


def write_text(path: str | Path, text: str) -> None:
    """UTF-8, whole or not at all. Raises OSError."""
    write_whole(path, lambda file: file.write(text.encode()))


def write_json(path: str | Path, value: Any, indent: int = 1) -> None:
    """JSON with a newline, whole or not at all; what is not finite is null, as JSON has no other
    word for it. Raises OSError."""
    text = json.dumps(_finite(value), indent=indent, allow_nan=False)
    write_text(path, text + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
