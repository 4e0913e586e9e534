"""Checks a run of examples/board and prints its sizes in bytes.

python3 tests/cross/board.py PROCESSOR BUILD LABELS

BUILD holds board.map and labels.txt, what the board printed; LABELS is what `har run --json` gives.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from pathlib import Path

MOST_CODE = 100 * 1024
"""Of code and its constants, the C library among them, without model and recording."""
ARENA = re.compile(r"arena: model (\d+), stream (\d+), used (\d+), peak (\d+) of (\d+) bytes")
STACK = re.compile(r"stack: (\d+) bytes")
LABEL = re.compile(r"(\d+) ms (\w+) (\d)\.(\d\d)")
PLACED = re.compile(r"^ (\.\w[\w.$-]*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) ", re.MULTILINE)
NOT_OURS = (".rodata.model", ".rodata.recording")
ALIGNMENT = 64


def sizes(map_text: str) -> dict[str, int]:
    """Bytes of code, constants, model and variables, from the linker's map."""
    found = {"code": 0, "constants": 0, "model": 0, "variables": 0}
    placed = map_text[map_text.index("Linker script and memory map") :]
    for name, address, size in PLACED.findall(re.sub(r"\n +0x", " 0x", placed)):
        if int(address, 16) == 0 and not name.startswith(".init"):
            continue  # left out
        if name.startswith((".text", ".init")):
            found["code"] += int(size, 16)
        elif name == ".rodata.model":
            found["model"] += int(size, 16)
        elif name.startswith((".rodata", ".data")) and name not in NOT_OURS:
            found["constants"] += int(size, 16)
        if name.startswith((".data", ".bss")) and not name.startswith(".bss.memory"):
            found["variables"] += int(size, 16)
    return found


def shown(event: dict[str, object]) -> tuple[str, ...]:
    """A label as the example prints it."""
    (hundredfold,) = struct.unpack("f", struct.pack("f", event["confidence"] * 100))
    whole = f"{int(hundredfold):03d}"
    return str(event["t_end_ns"] // 1_000_000), event["name"], whole[:-2], whole[-2:]


def main(processor: str, build: Path, labels: Path) -> int:
    printed = (build / "labels.txt").read_text()
    wanted = [shown(json.loads(line)) for line in labels.read_text().splitlines()]
    found = LABEL.findall(printed)
    if found != wanted or not wanted:
        print(f"{processor}: {len(found)} labels are not the {len(wanted)} of har run")
        return 1
    arena = ARENA.search(printed)
    stack = STACK.search(printed)
    if not arena or not stack:
        print(f"{processor}: no word of its memory:\n{printed[:300]}")
        return 1
    model, stream, used, peak, _ = map(int, arena.groups())
    if not peak == used <= model + stream < used + ALIGNMENT:
        print(f"{processor}: said {model} and {stream} bytes, took {used}, at most {peak}")
        return 1
    of = sizes((build / "board.map").read_text())
    columns = (of["code"], of["constants"], of["model"], used, of["variables"], int(stack[1]))
    print(f"{processor:12}", *(f"{column:10}" for column in columns), f"{len(found):10}")
    if of["code"] + of["constants"] > MOST_CODE:
        print(f"{processor}: code and constants are more than {MOST_CODE} bytes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
