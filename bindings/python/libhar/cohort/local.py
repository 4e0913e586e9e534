"""`label`: files or a known set to one Parquet file of labels, on this machine or a cluster."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from libhar import datasets
from libhar.cohort.engines import Engine, Task, on_processes
from libhar.cohort.labels import open_model
from libhar.cohort.run import Report, label_units
from libhar.cohort.units import Unit, files_below, of_set
from libhar.model import Model


def label(
    where: str | os.PathLike[str],
    model: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    engine: Engine | None = None,
    jobs: int = 0,
    hop: int = 0,
    by: str | None = None,
    ignore_extra: bool = False,
    data_dir: str | os.PathLike[str] | None = None,
    shown: TextIO = sys.stderr,
) -> Report:
    """Labels every recording of `where` and writes them to `output`, Parquet of labels.SCHEMA.

    `where` is a folder of .csv and .parquet files, one such file, or a name of datasets.SETS;
    `model` a path, or the name of a model that comes with the package; `jobs` processes share the
    recordings, 0 means one for each core, unless another `engine` is given; `hop` in samples, 0 is
    the model's. Parquet files hold several recordings told apart by the column `by`, which each of
    them must have; where it is None by the column "recording", or one where they lack it. Run
    again after a kill it goes on. Raises ValueError, OSError, HarError.
    """
    target = Path(output)
    if target.suffix != ".parquet":
        raise ValueError(f"output is {target}, must end in .parquet")
    if jobs < 0:
        raise ValueError(f"jobs is {jobs}, must be 0 or more")
    content, opened = open_model(model)
    if not 0 <= hop <= opened.info.window:
        raise ValueError(f"hop is {hop}, must be 0 to the model's window, {opened.info.window}")
    units = _units(Path(where), opened, by, ignore_extra, data_dir, target)
    workers = min(jobs or _cores(), len(units))
    threads = max(1, _cores() // workers) if engine is None else 1
    chosen = engine or on_processes(workers)
    return label_units(units, Task(content, hop, threads), chosen, target, shown)


def _units(
    where: Path,
    model: Model,
    by: str | None,
    ignore_extra: bool,
    data_dir: str | os.PathLike[str] | None,
    output: Path,
) -> list[Unit]:
    if where.exists():
        return files_below(where, by, ignore_extra, output)
    if str(where) in datasets.SETS:
        folder = datasets.data_folder(None if data_dir is None else Path(data_dir))
        return of_set(model, str(where), folder)
    raise ValueError(
        f"{where} is no file or folder, nor a set: {', '.join(datasets.SETS)} are known"
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
