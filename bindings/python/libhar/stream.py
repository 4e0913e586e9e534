"""Streams: one source of samples on its way to labels."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libhar import _capi
from libhar._capi import call, lib, sized
from libhar.model import Model, rows_of

UNKNOWN = 1 << 0
AFTER_GAP = 1 << 1


@dataclass(frozen=True)
class Event:
    """One label. `scores` is float32 [classes]; times are of the window's first and last sample."""

    class_index: int
    name: str
    confidence: float
    scores: NDArray[np.float32]
    t_start_ns: int
    t_end_ns: int
    first_sample: int
    flags: int


class Stream:
    """Takes samples in any pieces and gives labels. One thread at a time.

    `hop` and `queue` are in samples, `max_gap_ns` in nanoseconds; 0 means the model's default.
    Without `reuse` every window is computed afresh. Raises HarError.
    """

    def __init__(
        self,
        model: Model,
        *,
        hop: int = 0,
        queue: int = 0,
        max_gap_ns: int = 0,
        reuse: bool = True,
    ) -> None:
        self.model = model
        self._handle = ctypes.c_void_p()
        config = _capi.StreamConfig()
        lib.har_stream_config_init(ctypes.byref(config), ctypes.sizeof(config))
        config.hop, config.queue, config.max_gap_ns = hop, queue, max_gap_ns
        config.reuse = 0 if reuse else 1
        call(
            lib.har_stream_create,
            model.handle,
            ctypes.byref(config),
            ctypes.byref(self._handle),
        )

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Gives the memory back; the stream cannot be used afterwards."""
        if getattr(self, "_handle", None):
            lib.har_stream_destroy(self._handle)
            self._handle = ctypes.c_void_p()

    @property
    def handle(self) -> ctypes.c_void_p:
        """The `har_stream *`, owned by this object."""
        return self._handle

    def push(self, samples: ArrayLike, times_ns: ArrayLike | None = None) -> int:
        """Pushes float32 [rows, channels], with or without int64 [rows] timestamps.

        Returns how many rows were taken; where that is fewer than given, poll and push the rest.
        """
        rows = rows_of(samples)
        times = None if times_ns is None else np.ascontiguousarray(times_ns, np.int64)
        if times is not None and times.shape != (len(rows),):
            raise ValueError(f"times_ns has shape {times.shape}, must be ({len(rows)},)")
        taken = ctypes.c_size_t()
        call(
            lib.har_push_samples,
            self._handle,
            rows.ctypes.data,
            len(rows),
            rows.shape[1],
            None if times is None else times.ctypes.data,
            ctypes.byref(taken),
        )
        return taken.value

    def poll(self) -> Event | None:
        """The label of the next due window, None when none is due."""
        event = sized(_capi.Event)
        status = call(lib.har_poll_label, self._handle, ctypes.byref(event))
        return _event(event) if status == _capi.OK else None

    def flush(self) -> bool:
        """Ends the recording; False while the queue is full: poll and flush again."""
        return call(lib.har_stream_flush, self._handle) == _capi.OK

    def reset(self) -> None:
        """Back to the state of a new stream."""
        call(lib.har_stream_reset, self._handle)

    def classify(self, window: ArrayLike) -> Event:
        """The label of one window after the signal steps: [window, signal channels]."""
        rows = rows_of(window)
        event = sized(_capi.Event)
        call(
            lib.har_classify_window,
            self._handle,
            rows.ctypes.data,
            len(rows),
            rows.shape[1],
            ctypes.byref(event),
        )
        return _event(event)

    def feed(self, samples: ArrayLike, times_ns: ArrayLike | None = None) -> Iterator[Event]:
        """Pushes all of `samples` and gives the labels that become due on the way."""
        rows = rows_of(samples)
        times = None if times_ns is None else np.ascontiguousarray(times_ns, np.int64)
        at = 0
        while at < len(rows):
            at += self.push(rows[at:], None if times is None else times[at:])
            yield from self._due()

    def run(self, samples: ArrayLike, times_ns: ArrayLike | None = None) -> Iterator[Event]:
        """The labels of a whole recording: feed, flush, and what is then due."""
        yield from self.feed(samples, times_ns)
        while not self.flush():
            yield from self._due()
        yield from self._due()

    def _due(self) -> Iterator[Event]:
        while (event := self.poll()) is not None:
            yield event


def _event(event: _capi.Event) -> Event:
    return Event(
        class_index=event.class_index,
        name=event.name.decode(),
        confidence=event.confidence,
        scores=np.ctypeslib.as_array(event.scores, (event.score_count,)).copy(),
        t_start_ns=event.t_start_ns,
        t_end_ns=event.t_end_ns,
        first_sample=event.first_sample,
        flags=event.flags,
    )
