"""Where units are labelled: the cores of this machine, or a cluster of dask.distributed.

An engine takes units and gives each back with its labels, in any order, as they are done.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import pyarrow as pa

from libhar.cohort.labels import failed, label_recording
from libhar.cohort.units import Unit
from libhar.model import Model

Labelled = Iterator[tuple[Unit, pa.Table]]
Engine = Callable[["Task", list[Unit]], Labelled]

AHEAD = 256
"""Units that are under way at once, at most: what waits takes memory."""


@dataclass(frozen=True)
class Task:
    """How every unit is labelled. `model` holds the bytes of a model file."""

    model: bytes
    hop: int = 0
    threads: int = 1


def label_unit(model: bytes, hop: int, threads: int, unit: Unit) -> pa.Table:
    """The labels of a unit's recordings; a row of `error` for each that has none."""
    opened = _open(model)
    tables = []
    try:
        for name, found in unit.read(opened):
            if isinstance(found, Exception):
                tables.append(failed(name, found))
            else:
                tables.append(label_recording(opened, name, found, hop, threads))
    except Exception as error:  # the file cannot be read; other files can
        tables.append(failed(unit.name, error))
    return pa.concat_tables(tables) if tables else failed(unit.name, ValueError("is empty"))


@lru_cache(maxsize=2)
def _open(model: bytes) -> Model:
    return Model(model)


def on_processes(jobs: int) -> Engine:
    """`jobs` processes of this machine. A unit that ends its process, as lack of memory does, is
    tried once more by itself, then reported as bad. Raises ChildProcessError where the processes
    end by themselves."""

    def run(task: Task, units: list[Unit]) -> Labelled:
        rest = units
        while rest:
            with _processes(jobs) as pool:
                lost = yield from _under_way(pool, task.model, task, rest)
            if lost and len(lost) == len(rest):
                _check_that_processes_start()
            for unit in lost[:jobs]:  # the first that were not done are those that were running
                with _processes(1) as alone:
                    again = yield from _under_way(alone, task.model, task, [unit])
                if again:
                    yield unit, failed(unit.name, RuntimeError("ended the process that read it"))
            rest = lost[jobs:]

    return run


@contextmanager
def _processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """Where one ends by itself, Python up to 3.11.4 waits for ever until it has sent what it was
    sending (CPython issue 94777): nobody reads it any more, so the pipe is closed."""
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool
        finally:
            if sys.version_info < (3, 11, 5) and pool._broken:
                pool._call_queue._reader.close()  # type: ignore[attr-defined]


def _check_that_processes_start() -> None:
    """A new process first imports the script that began it, and ends if that labels as well."""
    try:
        with _processes(1) as alone:
            alone.submit(_nothing).result()
    except BrokenProcessPool:
        raise ChildProcessError(
            "the processes that are to read recordings end before they are given one; in a script, "
            'label below `if __name__ == "__main__":`, since each process imports the script'
        ) from None


def _nothing() -> None: ...


def on_dask(client: Any) -> Engine:
    """The workers of a `distributed.Client`, which must see the files by the same paths. The model
    is sent once."""

    def run(task: Task, units: list[Unit]) -> Labelled:
        model = client.scatter(task.model, broadcast=True)
        with client.get_executor() as cluster:
            yield from _under_way(cluster, model, task, units)

    return run


def _under_way(
    executor: Executor, model: Any, task: Task, units: list[Unit]
) -> Generator[tuple[Unit, pa.Table], None, list[Unit]]:
    """Returns the units that were lost with the executor, in their order."""
    rest = iter(range(len(units)))
    running: dict[Future[pa.Table], int] = {}
    lost: list[int] = []
    while True:
        for i in islice(rest, AHEAD - len(running)):
            try:
                future = executor.submit(label_unit, model, task.hop, task.threads, units[i])
            except BrokenProcessPool:
                lost += [i, *rest]
                break
            running[future] = i
        if not running:
            return [units[i] for i in sorted(lost)]
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            i = running.pop(future)
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                lost.append(i)
            elif error is not None:  # of the engine: the task itself gives all others as rows
                told = RuntimeError(f"{type(error).__name__}: {error}")
                yield units[i], failed(units[i].name, told)
            else:
                yield units[i], future.result()
