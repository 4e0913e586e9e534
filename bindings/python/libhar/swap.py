"""Another model for a running stream: from one window to the next, or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libhar.errors import HarError
from libhar.model import Model, rows_of
from libhar.stream import Event, Stream


class SwappingStream:
    """A stream whose model can be replaced while it runs. One thread at a time.

    `swap` opens the way for another model: it must read the same channels at the same rate and
    reproduce its golden vectors on this machine, or it is refused and everything stays as it was.
    Then samples go into both streams until the new one has a whole window and its first label:
    there, at a window boundary of its own, it takes over, and the old one is closed. Until then
    labels are the old model's, so that none is missing; the hop before and after is each model's
    own. Where the new stream fails on the way it is dropped and the old one carries on:
    `failure` says why. Settings are those of `Stream`, for every model.
    """

    def __init__(self, model: Model, **settings: Any) -> None:
        self._settings = settings
        self._stream = Stream(model, **settings)
        self._next: Stream | None = None
        self._rows = 0
        """Taken by the stream in use; of both, where there is a next one."""
        self._begin = 0
        """Number of the sample that the stream in use began with."""
        self._next_begin = 0
        self._times = False
        self.failure: Exception | None = None

    @property
    def model(self) -> Model:
        """The model that the labels are of."""
        return self._stream.model

    @property
    def is_swapping(self) -> bool:
        return self._next is not None

    def swap(self, model: Model) -> None:
        """Raises ValueError where a golden vector is not reproduced, where the model has none or
        reads something else, and HarError where its stream cannot be made; then nothing has
        changed. A second call before the first took over replaces the waiting model."""
        old, new = self.model, model
        if new.channels != old.channels or new.info.rate_hz != old.info.rate_hz:
            raise ValueError(f"{new.name} reads other channels, or another rate, than {old.name}")
        if not new.info.golden_count:
            raise ValueError(f"{new.name} has no golden vectors: nothing shows that it works here")
        report = new.selftest()
        if not report.passed:
            raise ValueError(
                f"{new.name} does not reproduce golden vector {report.golden!r} here: stage "
                f"{report.stage}, value {report.index} is {report.found:g}, must be "
                f"{report.expected:g}"
            )
        waiting = Stream(new, **self._settings)
        self._drop()
        self._next, self._next_begin, self.failure = waiting, self._rows, None

    def feed(self, samples: ArrayLike, times_ns: ArrayLike | None = None) -> Iterator[Event]:
        """Pushes all of `samples`, as `Stream.feed`, and gives the labels that become due."""
        rows = rows_of(samples)
        times = None if times_ns is None else np.ascontiguousarray(times_ns, np.int64)
        self._times = times is not None
        hop = self.model.info.hop
        for at in range(0, len(rows), hop):
            part = slice(at, at + hop)
            yield from self._feed_part(rows[part], None if times is None else times[part])

    def _feed_part(self, rows: NDArray[np.float32], times: NDArray[np.int64] | None) -> list[Event]:
        due = [self._placed(event) for event in self._stream.feed(rows, times)]
        self._rows += len(rows)
        if self._next is None:
            return due
        try:
            fresh = list(self._next.feed(rows, times))
        except (HarError, ValueError) as error:
            self.failure = error
            self._drop()
            return due
        if not fresh:
            return due
        window = self.model.info.window
        self._take_over()
        new = [self._placed(event) for event in fresh]
        end = new[0].first_sample + self.model.info.window
        return [event for event in due if event.first_sample + window < end] + new

    def _take_over(self) -> None:
        assert self._next is not None
        self._stream.close()
        self._stream, self._next = self._next, None
        self._begin = self._next_begin

    def _drop(self) -> None:
        if self._next is not None:
            self._next.close()
            self._next = None

    def _placed(self, event: Event) -> Event:
        """Numbers of samples, and times where samples have none, go on from the first model's."""
        if self._begin == 0:
            return event
        shift = 0 if self._times else round(self._begin * 1e9 / self.model.info.rate_hz)
        return dataclasses.replace(
            event,
            first_sample=event.first_sample + self._begin,
            t_start_ns=event.t_start_ns + shift,
            t_end_ns=event.t_end_ns + shift,
            since_ns=event.since_ns + shift,
        )
