"""The shared library exports what the public headers declare, and nothing else.

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
    print(f"{len(declared)} functions declared")
    return 1 if declared != exported else 0


if __name__ == "__main__":
    sys.exit(main())
