"""The same labels on a local cluster of dask.distributed."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cohorts
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster
from libhar.cohort.engines import on_dask
from libhar.cohort.local import label


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, each a process."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster


def test_the_labels_of_har_run(
    cluster: LocalCluster, cohort: cohorts.Cohort, tmp_path: Path
) -> None:
    output = tmp_path / "labels.parquet"
    with Client(cluster) as client:
        engine = on_dask(client)
        report = label(cohort.folder, cohorts.MODEL, output, engine=engine, shown=io.StringIO())
    cohorts.check(pq.read_table(output).to_pylist(), cohort)
    assert {*report.bad} == {*cohort.bad}


def test_the_command_takes_the_address_of_a_scheduler(
    cluster: LocalCluster, cohort: cohorts.Cohort, tmp_path: Path
) -> None:
    output, here = tmp_path / "labels.parquet", tmp_path / "here.parquet"
    words = ["label", cohort.folder, "-o", output, "--model", cohorts.MODEL]
    command = [sys.executable, "-m", "libhar", *words, "--dask", cluster.scheduler_address]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    label(cohort.folder, cohorts.MODEL, here, shown=io.StringIO())
    assert pq.read_table(output).equals(pq.read_table(here))
