"""Every public struct, field by field, and every public number, as a compiler lays them out.

    python tests/abi/layout.py COMPILER TARGET [RUNNER...]
    python tests/abi/layout.py --write FILE COMPILER TARGET [RUNNER...]

The first compares with tests/abi/*/layout-TARGET.txt; TARGET is lp64 (64-bit Linux, Android, macOS)
or arm32. A C program made from the headers prints one line each: `struct NAME size alignment`,
`field STRUCT.NAME offset size`, `number NAME value`. What an older version recorded must still be
so. A struct that begins with struct_size may have grown, by fields behind the old end; one without
may not; a field `reserved...` may have got a name.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\} \1;", re.DOTALL)
ENUM = re.compile(r"\benum (?:\w+ )?\{(.*?)\}", re.DOTALL)
DEFINED = re.compile(r"^#define (HAR_[A-Z_]+) +[\w(]", re.MULTILINE)
UNRECORDED = re.compile(r"HAR_(VERSION|FORMAT)_|HAR_API|_H$")
"""What is meant to change with a version."""


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def fields_of(body: str) -> list[str]:
    """The names of the members of a struct."""
    names = []
    for member in filter(None, map(str.strip, body.split(";"))):
        pointer = re.search(r"\(\*(\w+)\)", member)
        names += [pointer.group(1)] if pointer else re.findall(r"(\w+)(?:\[\w+\])?$", member)
    return names


def program(include: Path) -> str:
    """The C program that prints the layout."""
    text = "".join(p.read_text(encoding="utf-8") for p in sorted((include / "har").glob("*.h")))
    statuses = re.findall(r"X\((HAR_\w+), ", text)
    bare = without_comments(text)
    lines = [
        "#include <stddef.h>",
        "#include <stdio.h>",
        "#include <har/har.h>",
        "int main(void)",
        "{",
    ]
    for name, body in STRUCT.findall(bare):
        lines.append(f'printf("struct {name} %zu %zu\\n", sizeof({name}), _Alignof({name}));')
        for field in fields_of(body):
            lines.append(
                f'printf("field {name}.{field} %zu %zu\\n", offsetof({name}, {field}), '
                f"sizeof((({name} *)0)->{field}));"
            )
    numbers = [n for body in ENUM.findall(bare) for n in re.findall(r"(HAR_\w+) =", body)]
    numbers += [n for n in DEFINED.findall(bare) if not UNRECORDED.search(n)]
    for name in [*statuses, *numbers]:
        if name not in ("HAR_STATUS_LIST", "HAR_VERSION_TEXT", "HAR_STATUS_ENUM"):
            lines.append(f'printf("number {name} %lld\\n", (long long){name});')
    return "\n".join([*lines, "return 0;", "}", ""])


def layout(include: Path, compiler: str, runner: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder) / "layout.c", Path(folder) / "layout"
        source.write_text(program(include))
        flags = ["-std=c11", "-static"] if runner else ["-std=c11"]
        command = [compiler, *flags, f"-I{include}", str(source), "-o", str(binary)]
        subprocess.run(command, check=True)
        printed = subprocess.run([*runner, str(binary)], check=True, capture_output=True, text=True)
    return printed.stdout.splitlines()


def by_name(lines: list[str], kind: str) -> dict[str, tuple[int, ...]]:
    rows = (line.split() for line in lines)
    return {row[1]: tuple(map(int, row[2:])) for row in rows if row[0] == kind}


def grown(old: list[str], new: list[str]) -> list[str]:
    """What of `old` does not hold in `new`."""
    problems = []
    fields, fields_now = by_name(old, "field"), by_name(new, "field")
    structs_now = by_name(new, "struct")
    for name, (size, alignment) in by_name(old, "struct").items():
        size_now, alignment_now = structs_now.get(name, (0, 0))
        may_grow = f"{name}.struct_size" in fields
        if alignment_now != alignment or not (size_now == size or (may_grow and size_now > size)):
            problems.append(
                f"{name} had {size} bytes aligned to {alignment}, now {size_now}, {alignment_now}"
            )
        added = [f for f in fields_now if f.startswith(f"{name}.") and f not in fields]
        old_places = {place for f, place in fields.items() if f.startswith(f"{name}.reserved")}
        for field in added:
            if fields_now[field][0] < size and fields_now[field] not in old_places:
                place = fields_now[field][0]
                problems.append(f"{field} is at {place}, inside the {size} bytes of old callers")
    places = set(fields_now.values())
    for name, place in fields.items():
        reserved = ".reserved" in name and place in places
        if fields_now.get(name) != place and not reserved:
            problems.append(
                f"{name} was at {place[0]} with {place[1]} bytes, is {fields_now.get(name)}"
            )
    numbers_now = by_name(new, "number")
    for name, (value,) in by_name(old, "number").items():
        if numbers_now.get(name) != (value,):
            problems.append(f"{name} was {value}, is {numbers_now.get(name)}")
    return problems


def main(words: list[str]) -> int:
    write = words[1] if words[0] == "--write" else ""
    compiler, target, *runner = words[2:] if write else words
    found = layout(ROOT / "include", compiler, runner)
    if write:
        Path(write).write_text("\n".join(found) + "\n")
        return 0
    problems = []
    recorded = sorted((ROOT / "tests/abi").glob(f"*/layout-{target}.txt"))
    for path in recorded:
        problems += [
            f"{path.parent.name}: {p}" for p in grown(path.read_text().splitlines(), found)
        ]
    if not recorded:
        problems.append(f"no version has recorded layout-{target}.txt")
    print("\n".join(problems) or f"{len(found)} lines on {target}: every older layout holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
