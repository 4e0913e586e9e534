"""The shared library exports what the headers declare and exports.txt lists, and nothing else.

The list is what apps were linked with: a name that goes breaks them, one that comes is a promise.

python tests/lint/exports.py build/release/libhar.so
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DLL_NAME = re.compile(r"^\t\[ *\d+\] (?:\+base\[ *\d+\] *[0-9a-f]+ )?(\w+)$", re.MULTILINE)
DECLARED = re.compile(r"HAR_API [^;(]*?\b(har_\w+)\(")


def printed_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def symbols_of(library: str) -> set[str]:
    if library.endswith(".dll"):
        return set(DLL_NAME.findall(printed_by("x86_64-w64-mingw32-objdump", "-p", library)))
    printed = printed_by("nm", "-D", "--defined-only", "--format=posix", library)
    return {line.split()[0] for line in printed.splitlines()}


def main() -> int:
    headers = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "include/har").glob("*.h"))
    declared = set(DECLARED.findall(headers))
    runtime = ("_", "__asan", "__ubsan", "__sanitizer")  # of the compiler, not of ours
    exported = {s for s in symbols_of(sys.argv[1]) if not s.startswith(runtime)}
    for name in sorted(declared - exported):
        print(f"{name} is declared but not exported")
    for name in sorted(exported - declared):
        print(f"{name} is exported but not declared")
    listed = set((ROOT / "tests/lint/exports.txt").read_text(encoding="utf-8").split())
    for name in sorted(listed - exported):
        print(f"{name} is in exports.txt but not exported")
    for name in sorted(exported - listed):
        print(f"{name} is exported but not in exports.txt")
    print(f"{len(declared)} functions declared")
    return 0 if declared == exported == listed else 1


if __name__ == "__main__":
    sys.exit(main())
