"""Recordings out of columns: Parquet, CSV read at once, batches of an engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from libhar.model import Model
from libhar.recording import (
    LABEL,
    LINE_BYTES,
    MOST_CELLS,
    TIME,
    Recording,
    RecordingError,
    read_csv,
    times_of,
)

BY = "recording"
"""The column that tells recordings apart, unless another is named."""
NO_KEY = "(null)"
"""The name of rows whose recording is not told."""


def recording_of(model: Model, table: pa.Table, title: str) -> Recording:
    """The columns named as the model's channels, and `t_ns` where it is there; others are passed
    over. Raises RecordingError, which names the column and the row, from 0."""
    channels = [channel.name for channel in model.channels]
    missing = [name for name in channels if name not in table.column_names]
    if missing:
        raise RecordingError(f"the columns are {table.column_names}; missing are {missing}")
    twice = [name for name in (*channels, TIME) if table.column_names.count(name) > 1]
    if twice:
        raise RecordingError(f"the columns are {table.column_names}; {twice} stand there twice")
    values = np.empty((table.num_rows, len(channels)), np.float32)
    for i, name in enumerate(channels):
        values[:, i] = _numbers(table, name, pa.float32())
        wrong = np.flatnonzero(~np.isfinite(values[:, i]))
        if len(wrong):
            found = values[wrong[0], i]
            raise RecordingError(f"row {wrong[0]}, column {name}: found {found}, must be finite")
    timed = TIME in table.column_names
    times = _times(table) if timed else times_of(model, len(values))
    return Recording(title, values, times, ("",) * len(values), timed)


def _numbers(table: pa.Table, name: str, kind: pa.DataType) -> NDArray[np.generic]:
    column = table.column(name)
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise RecordingError(f"row {row}, column {name}: there is no value")
    try:
        return np.asarray(column.cast(kind, safe=kind == pa.int64()).to_numpy())
    except pa.ArrowException as error:
        raise RecordingError(f"column {name} holds {column.type}: {error}") from error


def _times(table: pa.Table) -> NDArray[np.int64]:
    if pa.types.is_timestamp(table.column(TIME).type):
        position = table.column_names.index(TIME)
        stamps = table.column(TIME).cast(pa.timestamp("ns", table.column(TIME).type.tz))
        table = table.set_column(position, TIME, stamps)
    times = np.asarray(_numbers(table, TIME, pa.int64()), np.int64)
    wrong = np.flatnonzero(np.diff(times) <= 0)
    if len(wrong):
        row = int(wrong[0]) + 1
        raise RecordingError(
            f"row {row}, column {TIME}: found {times[row]}, must be later than {times[row - 1]}"
        )
    return times


def read_csv_at_once(model: Model, path: Path, ignore_extra: bool = False) -> Recording:
    """As `libhar.recording.read_csv`, whose word on everything unusual it takes, but quicker."""
    text = path.read_bytes()
    if _is_plain(text):
        try:
            table = _csv_table(model, text)
            known = {*(channel.name for channel in model.channels), TIME, LABEL}
            names = table.column_names
            usual = len(table) and len(names) <= MOST_CELLS and len({*names}) == len(names)
            if usual and (ignore_extra or known.issuperset(names)):
                return recording_of(model, table, path.name)
        except (pa.ArrowException, RecordingError):
            pass
    return read_csv(model, path, ignore_extra)


PLAIN = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t\n"} - {*b'"'})
"""Bytes that say the same to Arrow as to docs/csv-format.md; those of UTF-8 are checked apart."""


def _is_plain(text: bytes) -> bool:
    """Whether Arrow, if it reads the text, reads what docs/csv-format.md says: it takes a lone CR
    for the end of a line, goes on after one in quotes, and knows hexadecimal whole numbers."""
    text = text.replace(b"\r\n", b"\n")
    if text.translate(None, PLAIN) or b"0x" in text or b"0X" in text:
        return False
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    if np.diff(ends, prepend=-1, append=len(text)).max() >= LINE_BYTES:
        return False
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _csv_table(model: Model, text: bytes) -> pa.Table:
    return pyarrow.csv.read_csv(
        _without_comments(text),
        read_options=pyarrow.csv.ReadOptions(use_threads=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={
                **{channel.name: pa.float32() for channel in model.channels},
                TIME: pa.int64(),
                LABEL: pa.string(),
            },
            null_values=[],
        ),
    )


def _without_comments(text: bytes) -> pa.BufferReader:
    if b"#" in text:
        lines = text.splitlines(keepends=True)
        text = b"".join(line for line in lines if not line.startswith(b"#"))
    return pa.BufferReader(text)


def read_parquet(
    model: Model, path: Path, by: str | None = None
) -> Iterator[tuple[str, Recording | Exception]]:
    """The recordings of a file: one for each value of the column `by`, in the order of their first
    rows, and last, as an error, the rows without a value. Where `by` is None that is the column
    BY, and a file that lacks it holds one recording, named "". Raises RecordingError where the
    file lacks the column `by`."""
    table = pyarrow.parquet.read_table(path, use_threads=False)
    if by is not None and by not in table.column_names:
        raise RecordingError(
            f"the columns are {table.column_names}; {by!r} is missing, which is to tell the "
            "recordings apart"
        )
    if by is None and BY not in table.column_names:
        yield "", recording_of(model, table, path.name)
        return
    column = BY if by is None else by
    for key, rows in _rows_by_key(table.column(column)):
        name = NO_KEY if key is None else str(key)
        try:
            if key is None:
                raise _no_key(column, len(rows))
            yield name, recording_of(model, table.take(pa.array(rows)), name)
        except Exception as error:
            yield name, error


def _no_key(by: str, rows: int) -> RecordingError:
    return RecordingError(
        f"{rows} rows have no value in the column {by}: which recording they are of is not known"
    )


def _rows_by_key(column: pa.ChunkedArray) -> Iterator[tuple[Any, NDArray[np.int64]]]:
    """The rows of each value in their order, by first row; last those of None, where there are."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    absent = column.is_null().to_numpy()
    there = np.flatnonzero(~absent)
    if len(there):
        keys = column.drop_null().combine_chunks().dictionary_encode()
        codes = keys.indices.to_numpy(zero_copy_only=False)
        order = np.argsort(codes, kind="stable")
        begins = np.searchsorted(codes[order], np.arange(1, len(keys.dictionary)))
        yield from zip(keys.dictionary.to_pylist(), np.split(there[order], begins), strict=True)
    if absent.any():
        yield None, np.flatnonzero(absent)


def recordings_in(
    model: Model, batches: Iterator[pa.RecordBatch], by: str
) -> Iterator[tuple[str, Recording | Exception]]:
    """The recordings of a partition: rows that follow one another with the same value of `by`,
    over any number of batches."""
    held: list[pa.RecordBatch] = []
    for piece in _runs(batches, by):
        if held and held[0].column(by)[0] != piece.column(by)[0]:
            yield _joined(model, held, by)
            held = []
        held.append(piece)
    if held:
        yield _joined(model, held, by)


def _runs(batches: Iterator[pa.RecordBatch], by: str) -> Iterator[pa.RecordBatch]:
    """Pieces of batches, each of one recording alone."""
    for batch in batches:
        codes = batch.column(by).dictionary_encode(null_encoding="encode").indices.to_numpy()
        ends = [*(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
        begin = 0
        for end in ends:
            if end > begin:
                yield batch.slice(begin, end - begin)
            begin = end


def _joined(
    model: Model, pieces: list[pa.RecordBatch], by: str
) -> tuple[str, Recording | Exception]:
    key = pieces[0].column(by)[0].as_py()
    if key is None:
        return NO_KEY, _no_key(by, sum(map(len, pieces)))
    name = str(key)
    try:
        return name, recording_of(model, pa.Table.from_batches(pieces), name)
    except Exception as error:
        return name, error
