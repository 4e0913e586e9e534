"""Opens a network in a process that has done nothing else: how long it takes, what memory it needs.

`python -m bench.fresh` is that process: it reads pickled what to open and writes JSON.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.contender import Contender, Runner

PROCESSES = 3
ENOUGH_SECONDS = 6.0
"""After these no more processes are started: some runtimes take seconds to import."""
RESET_PEAK = "5"  # proc(5), /proc/pid/clear_refs


@dataclass(frozen=True)
class Opening:
    """From the file to the end of the first window: medians of fresh processes."""

    load_ms: float
    memory_bytes: int
    """Growth to its peak of the process's resident memory, the runtime being loaded before."""


def opening(contender: Contender, file: Path, rows: int, columns: int) -> Opening:
    """Raises RuntimeError with what a process that fails has printed."""
    job = pickle.dumps((contender.runtime, contender.open, file, rows, columns))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    found: list[dict[str, float]] = []
    start = time.monotonic()
    while not found or (len(found) < PROCESSES and time.monotonic() - start < ENOUGH_SECONDS):
        command = [sys.executable, "-m", "bench.fresh"]
        done = subprocess.run(command, input=job, capture_output=True, env=environment, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"in a fresh process: {done.stderr.decode()[-300:]}")
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return Opening(
        statistics.median(f["load_ms"] for f in found),
        int(statistics.median(f["memory_bytes"] for f in found)),
    )


def _kilobytes(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def _measure(open_: Callable[[Path, int, int], Runner], file: Path, rows: int, columns: int) -> str:
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    before = _kilobytes("VmRSS")
    start = time.perf_counter_ns()
    runner = open_(file, rows, columns)
    runner.call.once()
    took = time.perf_counter_ns() - start
    grown = _kilobytes("VmHWM") - before
    return json.dumps({"load_ms": took * 1e-6, "memory_bytes": grown * 1024})


def main() -> None:
    runtime, *rest = pickle.load(sys.stdin.buffer)
    runtime()
    print(_measure(*rest))


if __name__ == "__main__":
    main()
