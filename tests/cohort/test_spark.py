"""The same labels in Spark, through mapInArrow, on a local cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import cohorts
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from libhar.cohort.labels import SCHEMA
from libhar.cohort.spark import label
from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Two cores; batches that are shorter than a recording."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "700",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


def test_the_labels_of_har_run(spark: SparkSession, cohort: cohorts.Cohort, tmp_path: Path) -> None:
    """The recordings of one Parquet file, whose rows lie in any order."""
    prefix = "several.parquet:"
    table = pq.read_table(cohort.folder / "several.parquet")
    shuffled = table.take(pa.array(np.random.default_rng(0).permutation(len(table))))
    pq.write_table(shuffled, tmp_path / "samples.parquet")
    frame = label(spark.read.parquet(str(tmp_path / "samples.parquet")), cohorts.MODEL)
    assert frame.columns == SCHEMA.names
    rows = [
        {**row.asDict(), "recording": prefix + row["recording"]}
        for row in frame.sort("recording", "t_start_ns").collect()
    ]
    chosen = cohorts.Cohort(
        cohort.folder,
        {name: path for name, path in cohort.good.items() if name.startswith(prefix)},
        {name: text for name, text in cohort.bad.items() if name.startswith(prefix)},
    )
    assert len(chosen.good) == 2
    cohorts.check(rows, chosen)


def test_missing_columns_are_named(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", 1)], "recording string, t_ns bigint")
    with pytest.raises(ValueError, match=r"missing are .*gyro_z"):
        label(frame, cohorts.MODEL)
