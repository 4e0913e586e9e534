"""The functions of the library stand in three places, which must agree.

    python tests/abi/symbols.py build/release/libhar.so

They are the headers ("Since 0.1."), the list with the version in which each was born
(lib/symbols.map), and what the shared library exports. None that an older version had
(tests/abi/VERSION/include) may be missing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECLARED = re.compile(r"/\*((?:(?!\*/).)*)\*/\s*HAR_API [^;(]*?\b(har_\w+)\(", re.DOTALL)
NAMED = re.compile(r"HAR_API [^;(]*?\b(har_\w+)\(")
BLOCK = re.compile(r"LIBHAR_(\d+\.\d+) \{\s*global:(.*?)(?:local:|\})", re.DOTALL)
DLL_NAME = re.compile(r"^\t\[ *\d+\] (?:\+base\[ *\d+\] *[0-9a-f]+ )?(\w+)$", re.MULTILINE)
RUNTIME = ("_", "__asan", "__ubsan", "__sanitizer", "LIBHAR_")
"""Symbols of the compiler and of the versions themselves."""


def declared(include: Path) -> dict[str, str]:
    """Function to the version that its comment states; "" where it states none."""
    text = "".join(p.read_text(encoding="utf-8") for p in sorted((include / "har").glob("*.h")))
    born = {name: "" for name in NAMED.findall(text)}
    for comment, name in DECLARED.findall(text):
        stated = re.search(r"Since\s(?:\* )?(\d+\.\d+)\.", re.sub(r"\n \*", "", comment))
        born[name] = stated.group(1) if stated else ""
    return born


def listed(path: Path) -> dict[str, str]:
    """Function to version, of lib/symbols.map."""
    found: dict[str, str] = {}
    for version, names in BLOCK.findall(path.read_text(encoding="utf-8")):
        found |= dict.fromkeys(re.findall(r"\bhar_\w+(?=;)", names), version)
    return found


def printed_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(library: str) -> dict[str, str]:
    """Function to the version that the library carries; "" where it was linked without versions."""
    if library.endswith(".dll"):
        printed = printed_by("x86_64-w64-mingw32-objdump", "-p", library)
        return {n: "" for n in DLL_NAME.findall(printed) if not n.startswith(RUNTIME)}
    printed = printed_by("nm", "-D", "--defined-only", "--with-symbol-versions", library)
    symbols = (line.split()[-1].partition("@@") for line in printed.splitlines())
    found = ((name, version.removeprefix("LIBHAR_")) for name, _, version in symbols)
    return {name: version for name, version in found if not name.startswith(RUNTIME)}


def differences(one: dict[str, str], name: str, other: dict[str, str], of: str) -> list[str]:
    problems = [f"{f} is in {name}, not in {of}" for f in sorted(one.keys() - other.keys())]
    problems += [f"{f} is in {of}, not in {name}" for f in sorted(other.keys() - one.keys())]
    for f in sorted(one.keys() & other.keys()):
        if one[f] != other[f]:
            problems.append(f"{f} is of version {one[f]!r} in {name}, of {other[f]!r} in {of}")
    return problems


def main(library: str) -> int:
    headers, lines, symbols = (
        declared(ROOT / "include"),
        listed(ROOT / "lib/symbols.map"),
        exported(library),
    )
    problems = differences(headers, "include/har", lines, "lib/symbols.map")
    if not any(symbols.values()):  # no ELF, or a linker without version scripts
        lines = dict.fromkeys(lines, "")
    problems += differences(lines, "lib/symbols.map", symbols, library)
    for older in sorted((ROOT / "tests/abi").glob("*/include")):
        for name, version in declared(older).items():
            if headers.get(name) != version:
                problems.append(f"{name} of {older.parent.name} is gone, or was born anew")
    print(
        "\n".join(problems) or f"{len(symbols)} functions in the headers, the list and the library"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
