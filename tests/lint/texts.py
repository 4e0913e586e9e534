"""What must not stand in the tree: absolute paths of a machine, marks of unfinished work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = (".bin", ".har", ".npz", ".onnx", ".png")
MARKS = re.compile(
    "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3 + r"\b", "/ro" + "ot/", "/ho" + "me/"])
)


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    problems = []
    for name in listed.stdout.split("\n"):
        path = ROOT / name
        if not name or not path.is_file() or path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MARKS.search(line):
                problems.append(f"{name}:{number}: {line.strip()[:80]}")
    print("\n".join(problems) or "texts: clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
