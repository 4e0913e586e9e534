"""One recording to its labels: what runs on a core of this machine, on Dask and in Spark alike."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from libhar import shipped
from libhar.model import Model
from libhar.recording import Recording
from libhar.stream import Event, Stream

SCHEMA = pa.schema(
    [
        ("recording", pa.string()),
        ("first_sample", pa.int64()),
        ("t_start_ns", pa.int64()),
        ("t_end_ns", pa.int64()),
        ("label", pa.string()),
        ("class_index", pa.int32()),
        ("confidence", pa.float32()),
        ("flags", pa.int32()),
        ("error", pa.string()),
    ]
)
"""A row for each label, in the order of time, with the fields of `libhar.Event`; for a recording
without labels one row of `recording` and, in `error`, why. So every recording has a row."""

LONGEST_QUEUE = 1 << 18
"""Samples whose windows the threads share: more than an hour at 50 Hz, 12 MB of twelve channels."""


def open_model(model: str | os.PathLike[str]) -> tuple[bytes, Model]:
    """A model by its path, or by its name where it comes with the package: the bytes of its file,
    and it. Raises ValueError where it has no network, OSError, HarError."""
    path = Path(model)
    content = (path if path.exists() else shipped.model(str(model))).read_bytes()
    opened = Model(content)
    if not opened.labels:
        raise ValueError(f"model is {model}, which has no network and so gives no labels")
    return content, opened


def label_recording(
    model: Model, name: str, recording: Recording, hop: int = 0, threads: int = 1
) -> pa.Table:
    """The labels that `har run`, or a phone, gives of the recording, as SCHEMA.

    `hop` is in samples, 0 is the model's. `threads` share the windows of this recording where the
    library was built with pthreadpool; 0 means one for each core.
    """
    try:
        queue = 0 if threads == 1 else min(max(len(recording.signal), 1), LONGEST_QUEUE)
        with Stream(model, hop=hop, queue=queue) as stream:
            times = recording.times_ns if recording.timed else None
            events = list(stream.run(recording.signal, times, threads=threads))
    except Exception as error:  # whatever is wrong with this one, the others go on
        return failed(name, error)
    if not events:
        return failed(name, _too_short(model, len(recording.signal)))
    return _table(name, events)


def failed(name: str, error: Exception) -> pa.Table:
    """The row of a recording that has no labels."""
    row = {field: None for field in SCHEMA.names}
    text = str(error) or type(error).__name__
    return pa.Table.from_pylist([{**row, "recording": name, "error": text}], SCHEMA)


def _too_short(model: Model, rows: int) -> Exception:
    window = model.info.window
    return ValueError(f"no window: {rows} samples, gaps between them included; it takes {window}")


def _table(name: str, events: Iterable[Event]) -> pa.Table:
    listed = list(events)
    columns = {
        "recording": [name] * len(listed),
        "label": [event.name for event in listed],
        "error": [None] * len(listed),
        **{
            field: [getattr(event, field) for event in listed]
            for field in SCHEMA.names
            if field not in ("recording", "label", "error")
        },
    }
    return pa.Table.from_pydict(columns, SCHEMA)
