"""The shared library exports what the public headers declare, and nothing else.

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
    print(f"{len(declared)} functions declared")
    return 1 if declared != exported else 0


if __name__ == "__main__":
    sys.exit(main())
