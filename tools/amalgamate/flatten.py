"""Puts what a file includes in the place of the line that includes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tools.amalgamate.names import as_macros, forgotten, met, renamed
from tools.amalgamate.sources import INCLUDE, ROOT, SETS

LOCAL = re.compile(r'^\s*#\s*include "([^"]+)"')
OPENS = re.compile(r"^\s*#\s*if")
CLOSES = re.compile(r"^\s*#\s*endif")
GUARD = re.compile(r"^#ifndef (\w+_H)\n#define \1\n", re.MULTILINE)


def find(name: str, beside: Path) -> Path | None:
    """The file that `#include "name"` means, None where only some builds have it."""
    found = (folder / name for folder in (*INCLUDE, beside.parent))
    return next((path for path in found if path.is_file()), None)


def without_guard(text: str) -> tuple[str, bool]:
    """A header without its include guard, and whether it had one."""
    found = GUARD.search(text)
    if not found or re.search(r"^\s*#", text[: found.start()], re.MULTILINE):
        return text, False
    end = text.rindex("#endif")
    return text[: found.start()] + text[found.end() : end], True


# Kernels are written over macros of their instruction set and of their own: what these folders
# hold is text for each file anew, in the place where it is included.
TEMPLATES = {ROOT / "kernels" / name for name in ("body", *(isa.name for isa in SETS))}


@dataclass
class Single:
    """One file in the making: `parts` in order; guarded headers come once, others each time."""

    present: set[Path] = field(default_factory=set)
    parts: list[str] = field(default_factory=list)

    def add(self, paths: Iterable[Path], pasted: bool = False) -> None:
        """Adds C files. Names that would meet get the name of their file behind them: in the text,
        or, where names are `pasted` together by macros, by macros."""
        sections: dict[str, str] = {}
        before: dict[str, str] = {}
        for path in paths:
            headers: list[str] = []
            body = self._flat(path, headers, set())
            suffix = "_".join(path.relative_to(ROOT).with_suffix("").parts[1:])
            sections[suffix], before[suffix] = body, "".join(headers)
        same = met({**sections, "": "".join(before.values())})
        for suffix, body in sections.items():
            if pasted:
                body = as_macros(same[suffix], suffix) + body
            else:
                body = renamed(body, same[suffix], suffix)
            self.parts += [before[suffix], body, forgotten(body)]

    def add_headers(self, paths: Iterable[Path]) -> None:
        """Adds guarded headers that are not there yet, and what they include."""
        for path in paths:
            headers: list[str] = []
            self._header(path, headers)
            self.parts += headers

    def text(self) -> str:
        """The whole, without runs of empty lines."""
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.parts)).strip("\n") + "\n"

    def _header(self, path: Path, headers: list[str]) -> None:
        if path in self.present:
            return
        self.present.add(path)
        body = self._flat(path, headers, set())
        headers.append(f"\n/* ==== {path.relative_to(ROOT)} */\n{body}")

    def _flat(self, path: Path, headers: list[str], inside: set[Path]) -> str:
        """The text of a file. Guarded headers go into `headers`, the rest where it is included;
        `inside` are the guarded templates that the file has already."""
        text, guarded = without_guard(path.read_text(encoding="utf-8"))
        lines: list[str] = [] if guarded else [f"\n/* ==== {path.relative_to(ROOT)} */"]
        depth = 0
        for line in text.splitlines():
            depth += bool(OPENS.match(line)) - bool(CLOSES.match(line))
            found = LOCAL.match(line)
            target = find(found[1], path) if found else None
            if not found or (target is None and depth):
                lines.append(line)
                continue
            if target is None:
                raise FileNotFoundError(f"{path}: {found[1]}")
            once = without_guard(target.read_text(encoding="utf-8"))[1]
            if not once or target.parent in TEMPLATES:
                if target not in inside:
                    lines.append(self._flat(target, headers, inside))
                if once:
                    inside.add(target)
            elif target not in self.present and depth:
                raise ValueError(f"{path}: {found[1]} is first included under a condition")
            else:
                self._header(target, headers)
        return "\n".join(lines) + "\n"
