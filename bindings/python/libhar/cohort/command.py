"""`libhar label`: many recordings to one file of labels."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from libhar import datasets


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of `libhar`. pyarrow is imported only when it runs."""
    label = commands.add_parser(
        "label", help="label many recordings; run again after a kill, it goes on"
    )
    label.add_argument(
        "recordings",
        help="a folder of .csv and .parquet files, one such file, or a set: "
        + ", ".join(datasets.SETS),
    )
    label.add_argument("-o", "--output", type=Path, required=True, help="the .parquet file")
    label.add_argument(
        "--model", required=True, help="a .har file, or the name of one that comes with libhar"
    )
    label.add_argument("--jobs", type=int, default=0, help="processes; default: one for each core")
    label.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler, in place of --jobs")
    label.add_argument("--hop", type=int, default=0, help="samples; default: the model's")
    label.add_argument(
        "--by",
        metavar="COLUMN",
        help="tells the recordings of one Parquet file apart, must be in each; default: recording, "
        "where it is there",
    )
    label.add_argument(
        "--ignore-extra", action="store_true", help="pass over other columns of CSV files"
    )
    label.add_argument("--data-dir", type=Path, help="of a set; default: $HAR_DATA_DIR")
    label.set_defaults(run=_label)


def _label(options: argparse.Namespace) -> None:
    from libhar.cohort.local import label

    with ExitStack() as stack:
        report = label(
            options.recordings,
            options.model,
            options.output,
            engine=_cluster(options.dask, stack) if options.dask else None,
            jobs=options.jobs,
            hop=options.hop,
            by=options.by,
            ignore_extra=options.ignore_extra,
            data_dir=options.data_dir,
        )
    bad = f", {len(report.bad)} bad" if report.bad else ""
    print(f"{options.output}: {report.labels} labels of {report.recordings} recordings{bad}")


def _cluster(address: str, stack: ExitStack) -> Any:
    from distributed import Client

    from libhar.cohort.engines import on_dask

    return on_dask(stack.enter_context(Client(address)))
