"""Streams: one source of samples on its way to labels."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libhar import _capi
from libhar._capi import call, lib, sized
from libhar.bounds import I64, whole
from libhar.decision import Decision
from libhar.model import Model, rows_of, values_of
from libhar.owned import Owned
from libhar.source import Source
from libhar.times import ns_of

UNKNOWN = 1 << 0
AFTER_GAP = 1 << 1
ENTER = 1 << 2
EXIT = 1 << 3
REPEATED = 1 << 4
CONTRACT = 1 << 5


@dataclass(frozen=True)
class Event:
    """One label, the fields of `har_event`. `scores` is float32 [classes]; `reasons` say what in
    the samples since the event before is not as the model expects."""

    class_index: int
    name: str
    confidence: float
    scores: NDArray[np.float32]
    t_start_ns: int
    t_end_ns: int
    first_sample: int
    flags: int
    left_index: int
    raw_index: int
    since_ns: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counters:
    """What a stream has done; the fields of `har_stream_counters`. `rate_hz` has one for each
    sensor of the source, 0 where it is not known yet."""

    reasons_now: tuple[str, ...]
    samples: int
    gaps: int
    windows: int
    windows_skipped: int
    windows_stretched: int
    macs: int
    macs_fresh: int
    rows: int
    rows_lost: int
    duplicates: int
    rate_hz: tuple[float, ...]


class Stream(Owned):
    """Takes samples in any pieces and gives labels. One thread at a time.

    `hop` and `queue` are in samples, `max_gap_ns` in nanoseconds; 0 means the model's default.
    `decision` None is the model's. `still_gate` and `max_stretch` save windows while nothing
    changes, as include/har/stream.h says. Without `reuse` every window is computed afresh. With a
    `source`, `push_sensor` takes the readings of its sensors, and `max_wait_ns` bounds how long one
    sensor is waited for (0: however long). Raises HarError, and ValueError for a source with
    unknown names, for numbers that no field holds, and once the stream is closed.
    """

    _destroy = lib.har_stream_destroy

    def __init__(
        self,
        model: Model,
        *,
        hop: int = 0,
        queue: int = 0,
        max_gap_ns: int = 0,
        source: Source | None = None,
        max_wait_ns: int = 0,
        decision: Decision | None = None,
        reuse: bool = True,
        still_gate: bool = False,
        max_stretch: int = 0,
    ) -> None:
        self.model = model
        self.source = source
        super().__init__()
        config = _capi.StreamConfig()
        lib.har_stream_config_init(ctypes.byref(config), ctypes.sizeof(config))
        config.hop, config.queue = whole(hop, "hop"), whole(queue, "queue")
        config.max_gap_ns = whole(max_gap_ns, "max_gap_ns", I64, -I64)
        config.max_wait_ns = whole(max_wait_ns, "max_wait_ns", I64, -I64)
        config.reuse = 0 if reuse else 1
        if source is not None:
            config.source = ctypes.pointer(source.as_struct())
        if decision is not None:
            config.decision = ctypes.pointer(decision.as_struct())
        config.still_gate, config.max_stretch = still_gate, whole(max_stretch, "max_stretch")
        call(
            lib.har_stream_create,
            model.handle,
            ctypes.byref(config),
            ctypes.byref(self._handle),
        )

    def push(self, samples: ArrayLike, times_ns: ArrayLike | None = None) -> int:
        """Pushes float32 [rows, channels], with or without [rows] timestamps: integers, which are
        nanoseconds, or datetime64 of any unit.

        Returns how many rows were taken; where that is fewer than given, poll and push the rest.
        """
        rows = rows_of(samples)
        times = None if times_ns is None else ns_of(times_ns, len(rows))
        taken = ctypes.c_size_t()
        call(
            lib.har_push_samples,
            self.handle,
            rows.ctypes.data,
            len(rows),
            rows.shape[1],
            None if times is None else times.ctypes.data,
            ctypes.byref(taken),
        )
        return taken.value

    def push_sensor(
        self, sensor: SupportsIndex | str, values: ArrayLike, times_ns: ArrayLike
    ) -> int:
        """Pushes float32 [rows, columns] of one sensor of the source, by its number or kind.

        `times_ns` is [rows], as in push. Returns how many rows were taken; where that is fewer than
        given, poll, push the other sensors, and push the rest.
        """
        if self.source is None:
            raise ValueError("the stream has no source")
        rows = rows_of(values)
        times = ns_of(times_ns, len(rows))
        taken = ctypes.c_size_t()
        call(
            lib.har_push_sensor,
            self.handle,
            self.source.number_of(sensor),
            rows.ctypes.data,
            len(rows),
            rows.shape[1],
            times.ctypes.data,
            ctypes.byref(taken),
        )
        return taken.value

    def counters(self) -> Counters:
        """What the stream has done since it was made or reset."""
        found = values_of(lib.har_stream_get_counters, _capi.StreamCounters, self.handle)
        sensors = 0 if self.source is None else len(self.source.sensors)
        rates = tuple(found.pop("rate_hz")[:sensors])
        return Counters(reasons_now=_reasons(found.pop("reasons_now")), rate_hz=rates, **found)

    def poll(self) -> Event | None:
        """The label of the next due window, None when none is due."""
        event = sized(_capi.Event)
        status = call(lib.har_poll_label, self.handle, ctypes.byref(event))
        return _event(event) if status == _capi.OK else None

    def poll_all(self, threads: int = 1, most: int = 4096) -> list[Event]:
        """The labels of all due windows, at most `most`, 1 or more: those of poll, bit for bit.

        The windows run on `threads`, at most 256, 0 means one for each core; on one where the
        library was built without pthreadpool, and with the still gate or stretching.
        """
        most = whole(most, "most", least=1)
        events = (_capi.Event * most)()
        events[0].struct_size = ctypes.sizeof(_capi.Event)
        scores = np.empty((most, self.model.info.class_count), np.float32)
        count = ctypes.c_size_t()
        call(
            lib.har_poll_labels,
            self.handle,
            whole(threads, "threads"),
            events,
            scores.ctypes.data,
            most,
            ctypes.byref(count),
        )
        return [_event(event) for event in events[: count.value]]

    def flush(self) -> bool:
        """Ends the recording; False while the queue is full: poll and flush again."""
        return call(lib.har_stream_flush, self.handle) == _capi.OK

    def reset(self) -> None:
        """Back to the state of a new stream."""
        call(lib.har_stream_reset, self.handle)

    def classify(self, window: ArrayLike) -> Event:
        """The label of one window after the signal steps: [window, signal channels]."""
        rows = rows_of(window)
        event = sized(_capi.Event)
        call(
            lib.har_classify_window,
            self.handle,
            rows.ctypes.data,
            len(rows),
            rows.shape[1],
            ctypes.byref(event),
        )
        return _event(event)

    def feed(
        self, samples: ArrayLike, times_ns: ArrayLike | None = None, *, threads: int = 1
    ) -> Iterator[Event]:
        """Pushes all of `samples` and gives the labels that become due on the way, as poll_all
        does: more than one of the `threads` has work where the queue is long."""
        rows = rows_of(samples)
        times = None if times_ns is None else ns_of(times_ns, len(rows))
        at = 0
        while at < len(rows):
            at += self.push(rows[at:], None if times is None else times[at:])
            yield from self._due(threads)

    def run(
        self, samples: ArrayLike, times_ns: ArrayLike | None = None, *, threads: int = 1
    ) -> Iterator[Event]:
        """The labels of a whole recording: feed, flush, and what is then due."""
        yield from self.feed(samples, times_ns, threads=threads)
        while not self.flush():
            yield from self._due(threads)
        yield from self._due(threads)

    def _due(self, threads: int) -> Iterator[Event]:
        if threads == 1:
            while (event := self.poll()) is not None:
                yield event
        else:
            while events := self.poll_all(threads):
                yield from events


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
        left_index=event.left_index,
        raw_index=event.raw_index,
        since_ns=event.since_ns,
        reasons=_reasons(event.reasons),
    )


def _reasons(bits: int) -> tuple[str, ...]:
    """The names of HAR_REASON_* bits."""
    single = (1 << i for i in range(32) if bits >> i & 1)
    return tuple(lib.har_reason_name(bit).decode() for bit in single)
