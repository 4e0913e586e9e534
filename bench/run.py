"""Runs the bench: networks, contenders, agreement, times."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import agree
from bench.contender import Absent, Contender, Limit, NativeCall, Network, Precision, Runner
from bench.fresh import opening
from bench.har_run import HarRunner
from bench.networks import MAKERS, make_network
from bench.timer import Timer, Times, rounds

OURS = "libhar"


def runtime_of(contender: str) -> str:
    """A contender's name without what it is limited to, or tried with."""
    return OURS if contender.startswith(OURS) else contender.split(" (")[0].split(" held")[0]


@dataclass
class Row:
    """One contender on one network."""

    contender: str
    warm: Times | None = None
    cold: Times | None = None
    reason: str = ""
    """Why it was not timed."""
    limit: Limit = ""
    hop: int = 0
    """As the contender's."""
    file_bytes: int = 0
    stack_bytes: int = 0
    """Of native calls."""
    load_ms: float = 0.0
    memory_bytes: int = 0
    """As bench.fresh.Opening says."""
    model_bytes: int = 0
    stream_bytes: int = 0
    """What libhar says that it allocates."""

    @property
    def is_ours(self) -> bool:
        return self.contender.startswith(OURS)

    @property
    def is_from_python(self) -> bool:
        return self.warm is not None and self.warm.binding > 0


@dataclass
class Table:
    """All contenders on one network in one precision."""

    network: str
    precision: Precision
    rows: list[Row] = field(default_factory=list)

    def best(self, ours: bool, cold: bool, limit: Limit = "", hop: int = 0) -> Row | None:
        """The fastest of libhar's rows, or of the peers': those held to `limit`, and of times that
        are sure. Without a limit, libhar's on any instruction set. `hop` is that of libhar's."""
        timed = [r for r in self.rows if r.is_ours == ours and r.warm and r.cold]
        timed = [r for r in timed if not ours or r.hop == hop]
        sure = [r for r in timed if times_of(r, cold).is_sure]
        allowed = [r for r in sure if r.limit == limit or (ours and not limit)]
        return min(allowed, key=lambda r: median_of(r, cold), default=None)

    def ratio(self, cold: bool, limit: Limit = "", hop: int = 0) -> float | None:
        """The best peer's median over libhar's best."""
        peer, mine = (self.best(ours, cold, limit, hop) for ours in (False, True))
        return median_of(peer, cold) / median_of(mine, cold) if peer and mine else None

    def unranked(self) -> list[Row]:
        """Peers that would be the best one, warm or cold, were their times sure."""
        found = []
        for row in self.rows:
            for cold in (False, True):
                if row.is_ours or row.limit or not row.is_from_python or row in found:
                    continue
                best = self.best(ours=False, cold=cold)
                if not best or median_of(row, cold) < median_of(best, cold):
                    found.append(row)
        return found

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def times_of(row: Row, cold: bool) -> Times:
    times = row.cold if cold else row.warm
    assert times is not None
    return times


def median_of(row: Row, cold: bool) -> float:
    return times_of(row, cold).median


def pin(core: int = -1) -> int:
    """Keeps this process on one core, the last one by default; returns its number."""
    allowed = sorted(os.sched_getaffinity(0))
    chosen = allowed[core]
    os.sched_setaffinity(0, {chosen})
    return chosen


def _weigh(
    row: Row, contender: Contender, runner: Runner, network: Network, files: tuple[Path, ...]
) -> None:
    """What it takes besides time."""
    row.file_bytes = sum(file.stat().st_size for file in files)
    opened = opening(contender, files[0], network.rows, network.columns)
    row.load_ms, row.memory_bytes = opened.load_ms, opened.memory_bytes
    if isinstance(runner, HarRunner):
        info = runner.model.info
        row.model_bytes, row.stream_bytes = info.model_bytes, info.stream_bytes


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
        row = Row(contender.name, limit=contender.limit, hop=contender.hop)
        table.rows.append(row)
        try:
            runner = contender.load(network, precision, folder)
            found = agree.outputs(timer, contender, runner, windows)
            row.reason = agree.problem(found, wanted, precision) or ""
            if row.reason:
                row.reason = f"disagrees: {row.reason}"
                continue
            _weigh(row, contender, runner, network, contender.make(network, precision, folder))
        except Absent as absent:
            row.reason = str(absent)
            continue
        except Exception as error:  # a peer that fails is reported; the others go on
            row.reason = f"{type(error).__name__}: {error}"
            continue
        runners[contender.name] = runner
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
