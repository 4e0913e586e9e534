"""Labels in Spark: a data frame of samples to one of labels.

from libhar.cohort.spark import label
labels = label(spark.read.parquet("samples"), "uci_har_cnn_int8")

Every machine of the cluster needs `libhar[cohort]`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from libhar.cohort.labels import SCHEMA, failed, label_recording, open_model
from libhar.cohort.tables import BY, recordings_in
from libhar.model import Model
from libhar.recording import TIME

_TYPES = {
    pa.string(): "string",
    pa.int64(): "bigint",
    pa.int32(): "int",
    pa.float32(): "float",
}
DDL = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in SCHEMA)
"""labels.SCHEMA in Spark's words."""


def label(frame: Any, model: str | os.PathLike[str], by: str = BY, hop: int = 0) -> Any:
    """The labels, columns as labels.SCHEMA, of a DataFrame with a row for each sample.

    It has the column `by` that tells recordings apart, `t_ns` (bigint, or a timestamp) and one for
    each channel of the model, a path or the name of a model that comes with the package. Rows may
    lie in any order; a recording is labelled by one task, which holds its samples in memory.
    Raises ValueError for columns that are missing and a model without a network.
    """
    content, opened = open_model(model)
    columns = [by, TIME, *(channel.name for channel in opened.channels)]
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(f"the columns are {frame.columns}; missing are {missing}")
    sorted_rows = frame.select(*columns).repartition(by).sortWithinPartitions(by, TIME)
    return sorted_rows.mapInArrow(partial(label_batches, content, by, hop), DDL)


def label_batches(
    model: bytes, by: str, hop: int, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """What mapInArrow calls: samples of whole recordings, one after the other, to labels."""
    opened = Model(model)
    for name, found in recordings_in(opened, batches, by):
        if isinstance(found, Exception):
            table = failed(name, found)
        else:
            table = label_recording(opened, name, found, hop)
        yield from table.to_batches()
