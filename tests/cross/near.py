"""Compares two files of labels of `har run --json`: the same windows, scores within 1e-5.

python3 tests/cross/near.py HERE THERE
"""

import json
import sys
from pathlib import Path
from typing import Any

BOUND = 1e-5


def labels(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def main(here: str, there: str) -> None:
    ours, theirs = labels(here), labels(there)
    if not ours or len(ours) != len(theirs):
        sys.exit(f"{there}: {len(theirs)} labels, not {len(ours)}")
    for a, b in zip(ours, theirs):
        if a["t_start_ns"] != b["t_start_ns"] or a["t_end_ns"] != b["t_end_ns"]:
            sys.exit(f"{there}: another window than {a['t_start_ns']}")
        difference = max(abs(x - y) for x, y in zip(a["scores"], b["scores"]))
        if not difference <= BOUND or len(a["scores"]) != len(b["scores"]):
            sys.exit(f"{there}: scores differ by {difference} at {a['t_start_ns']} ns")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
