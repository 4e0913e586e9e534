"""Runs the bench: networks, contenders, agreement, times."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench import agree
from bench.contender import Absent, Contender, NativeCall, Precision, Runner
from bench.networks import MAKERS, make_network
from bench.timer import Timer, Times, rounds

OURS = "libhar"
LOADS = 5


@dataclass
class Row:
    """One contender on one network."""

    contender: str
    warm: Times | None = None
    cold: Times | None = None
    reason: str = ""
    """Why it was not timed."""
    file_bytes: int = 0
    stack_bytes: int = 0
    load_ms: float = 0.0
    """From the file to the end of the first window, median of some, the file in the page cache."""

    @property
    def is_ours(self) -> bool:
        return self.contender.startswith(OURS)


@dataclass
class Table:
    """All contenders on one network in one precision."""

    network: str
    precision: Precision
    rows: list[Row] = field(default_factory=list)

    def best(self, ours: bool, cold: bool) -> Row | None:
        """The fastest of libhar's rows, or of the peers'."""
        timed = [r for r in self.rows if r.is_ours == ours and r.warm and r.cold]
        return min(timed, key=lambda r: median_of(r, cold), default=None)

    def ratio(self, cold: bool) -> float | None:
        """The best peer's median over libhar's best."""
        peer, mine = self.best(ours=False, cold=cold), self.best(ours=True, cold=cold)
        return median_of(peer, cold) / median_of(mine, cold) if peer and mine else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def median_of(row: Row, cold: bool) -> float:
    times = row.cold if cold else row.warm
    assert times is not None
    return times.median


def pin(core: int = -1) -> int:
    """Keeps this process on one core, the last one by default; returns its number."""
    allowed = sorted(os.sched_getaffinity(0))
    chosen = allowed[core]
    os.sched_setaffinity(0, {chosen})
    return chosen


def load_milliseconds(load: Callable[[], Runner], timer: Timer) -> float:
    """Median time to load and run one window."""
    found = []
    for _ in range(LOADS):
        start = time.perf_counter_ns()
        runner = load()  # named, because it owns what the call reads
        timer.times(runner.call, 1, cold=False)
        found.append((time.perf_counter_ns() - start) * 1e-6)
    return statistics.median(found)


def run_network(
    name: str,
    precision: Precision,
    contenders: list[Contender],
    timer: Timer,
    folder: Path,
    quick: bool,
) -> Table:
    """Loads, checks and times every contender on one network."""
    network = make_network(name, folder)
    windows = network.samples[: agree.WINDOWS]
    wanted = agree.probabilities(network, windows)
    table = Table(name, precision)
    runners: dict[str, Runner] = {}
    for contender in contenders:
        row = Row(contender.name)
        table.rows.append(row)
        try:
            runner = contender.load(network, precision, folder)
            found = agree.outputs(timer, contender, runner, windows)
            row.reason = agree.problem(found, wanted, precision) or ""
            if row.reason:
                row.reason = f"disagrees: {row.reason}"
                continue
        except Absent as absent:
            row.reason = str(absent)
            continue
        except Exception as error:  # a peer that fails is reported; the others go on
            row.reason = f"{type(error).__name__}: {error}"
            continue
        runners[contender.name] = runner
        if contender.model_file:
            row.file_bytes = contender.model_file(network, precision, folder).stat().st_size
        row.load_ms = load_milliseconds(partial(contender.load, network, precision, folder), timer)
        if isinstance(runner.call, NativeCall):
            row.stack_bytes = timer.stack_bytes(runner.call)
    measured = rounds(timer, runners, 3 if quick else 9, 0.03 if quick else 0.15)
    for row in table.rows:
        if row.contender in measured:
            row.warm, row.cold = measured[row.contender]
    return table


def names_of(only: str | None) -> list[str]:
    """The networks asked for. Raises ValueError for a name that there is not."""
    if only is None:
        return list(MAKERS)
    if only not in MAKERS:
        raise ValueError(f"{only!r} is no network; there are {', '.join(MAKERS)}")
    return [only]
