"""Files and functions stay small: prints the largest, fails past the ends.

A file: 600 lines. A C function: 80 lines, 150 in kernels/.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_FILE, MOST_FUNCTION, MOST_KERNEL = 600, 80, 150
CODE = ("*.c", "*.h", "*.hpp", "*.inc", "*.py", "*.cmake", "*.fbs", "script/*")
BODY = re.compile(r"^\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *CODE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / line for line in listed.stdout.split() if (ROOT / line).is_file()]
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in files}
    functions = []
    for path in files:
        if path.suffix == ".c":
            text = path.read_text(encoding="utf-8")
            for match in BODY.finditer(text):
                head = text[: match.start()].rstrip().splitlines()[-1]
                functions.append((match.group(1).count("\n"), path.relative_to(ROOT), head))
    problems = [f"{p.relative_to(ROOT)}: {n} lines" for p, n in lines.items() if n > MOST_FILE]
    for length, path, head in functions:
        if length > (MOST_KERNEL if path.parts[0] == "kernels" else MOST_FUNCTION):
            problems.append(f"{path}: {length} lines in {head}")
    largest = max(lines, key=lambda p: lines[p])
    median = sorted(lines.values())[len(lines) // 2]
    longest = max(functions, key=lambda f: f[0])
    print(
        f"{len(files)} files, median {median} lines; largest {largest.relative_to(ROOT)}, "
        f"{lines[largest]}; longest function {longest[0]} lines, {longest[1]}"
    )
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
