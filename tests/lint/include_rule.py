"""The rule of lib/README.md: a folder includes only folders below it.

    python tests/lint/include_rule.py [ROOT]

Prints every include that breaks the rule; the exit status is 1 when there is one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ORDER = (
    *("api", "explain", "stream", "signal", "decide"),
    *("exec", "plan", "ops", "graph", "model", "base"),
)
STRANGERS = {("signal", "decide"), ("decide", "signal")}
"""Folders beside each other, which do not see each other."""
KERNEL_USERS = {"ops", "exec", "signal"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
PUBLIC_ONLY = ("tools", "examples", "bindings", "flight")


def library_errors(path: Path, folder: str, target: str) -> str | None:
    """What is wrong with an include of a file in lib/."""
    head = target.split("/")[0]
    if head == "har":
        return None
    if head == "kernels":
        return None if folder in KERNEL_USERS else f"{folder}/ does not use kernels"
    if head not in ORDER:
        return f"{head}/ is no folder of lib/"
    if head == folder:
        return None
    if (folder, head) in STRANGERS:
        return f"{folder}/ does not see {head}/"
    if ORDER.index(head) < ORDER.index(folder):
        return f"{head}/ stands above {folder}/"
    return None


def kernel_errors(target: str) -> str | None:
    return None if target.startswith(("kernels/", "base/")) else "kernels/ includes base/ alone"


def public_errors(path: Path, target: str) -> str | None:
    """Tools, examples and bindings include the public headers, and files beside them."""
    if target.startswith("har/") or (path.parent / target).is_file():
        return None
    return "only include/har and files beside it"


def errors_of(root: Path) -> list[str]:
    found = []
    ours = [root / folder for folder in ("lib", "kernels", "include", *PUBLIC_ONLY)]
    for path in sorted(p for f in ours for kind in ("*.[ch]", "*.inc") for p in f.rglob(kind)):
        parts = path.relative_to(root).parts
        for target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            problem = None
            if parts[0] == "lib":
                problem = library_errors(path, parts[1], target)
            elif parts[0] == "kernels":
                problem = kernel_errors(target)
            elif parts[0] in PUBLIC_ONLY:
                problem = public_errors(path, target)
            elif parts[0] == "include" and not target.startswith("har/"):
                problem = "a public header includes public headers"
            if problem:
                found.append(f"{path.relative_to(root)} includes {target}: {problem}")
    return found


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    problems = errors_of(root)
    print("\n".join(problems) or "include rule: kept")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
