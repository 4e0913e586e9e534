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
DECLARED = re.compile(r"HAR_API [^;(]*?\b(har_\w+)\(")


def main() -> int:
    headers = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "include/har").glob("*.h"))
    declared = set(DECLARED.findall(headers))
    command = ["nm", "-D", "--defined-only", "--format=posix", sys.argv[1]]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    runtime = ("_", "__asan", "__ubsan", "__sanitizer")  # of the compiler, not of ours
    symbols = {line.split()[0] for line in printed.splitlines()}
    exported = {s for s in symbols if not s.startswith(runtime)}
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
