"""One phone's way from readings to labels, and what the page is told of it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libhar
import numpy as np

from examples.live import words
from examples.live.clock import SECOND_NS, Clock
from examples.live.readings import Reading, Refused
from examples.live.record import Recorder

log = logging.getLogger("live")

MAX_WAIT_NS = 2 * SECOND_NS
"""A sensor this far behind another is silent; `har run --source` has the same."""

MOST_NOTICES = 20
HISTORY_NS = 15 * 60 * SECOND_NS
"""How much of a session a page that is opened late still gets."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label as the page shows it; `number` counts from 0 in a session."""

    number: int
    event: libhar.Event


class Session:
    """Feeds a stream and keeps what a page that is opened later must know.

    A reading is taken as it is, recorded and told, or refused, counted, told and noted in the
    recording; nothing is passed over in silence. One thread at a time.
    """

    def __init__(
        self,
        model: libhar.Model,
        source: libhar.Source,
        name: str,
        recorder: Recorder | None = None,
    ) -> None:
        self.labels: deque[Label] = deque()
        self.begin_ns: int | None = None
        self.taken = 0
        self.refused = 0
        self.notices: dict[str, int] = {}
        """Texts for the page, each with how often it happened, the latest last."""
        self._name = name
        self._stream = libhar.Stream(model, source=source, max_wait_ns=MAX_WAIT_NS)
        self._clock = Clock()
        self._recorder = recorder
        self._count = 0
        self._told = 0
        self._ended = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the running check complains of, now or with the last label, in plain words."""
        of_label = self.labels[-1].event.reasons if self.labels else ()
        names = dict.fromkeys((*self._stream.counters().reasons_now, *of_label))
        return tuple(words.reason(name) for name in names)

    def take(self, reading: Reading) -> tuple[Reading | None, list[Label]]:
        """The reading with its time on the session's clock, None where it was refused; labels."""
        if self._ended:
            return None, []
        try:
            time_ns, restarted = self._clock.place(reading.sensor, reading.time_ns)
        except OverflowError as problem:
            self.refuse(str(problem))
            return None, []
        if restarted:
            self.notice("the phone's clock started anew; the session goes on after a gap")
        placed = Reading(reading.sensor, time_ns, reading.values)
        labels: list[Label] = []
        try:
            labels.extend(self._push(placed))
        except libhar.HarError as problem:
            self.refuse(words.refusal(reading.sensor, problem), placed)
            return None, labels
        self._record(lambda recorder: recorder.write(placed))
        if self.begin_ns is None:
            self.begin_ns = time_ns
        self.taken += 1
        return placed, labels

    def refuse(self, why: str | Refused, reading: Reading | None = None) -> None:
        """Counts and tells what cannot be used, and keeps it beside the recording's rows."""
        self.refused += 1
        self.notice(str(why))
        self._record(lambda recorder: recorder.note(str(why), reading))

    def notice(self, text: str) -> None:
        """Something the page tells; the same text again is counted."""
        self.notices[text] = self.notices.pop(text, 0) + 1
        while len(self.notices) > MOST_NOTICES:
            del self.notices[next(iter(self.notices))]
        self._told += 1
        if self._told <= MOST_NOTICES or self._told.bit_count() == 1:  # a flood fills no disk
            log.warning("%s: %s (message %d)", self._name, text, self._told)

    def seconds(self, time_ns: int) -> float:
        """A time of this session in seconds since its first reading."""
        return (time_ns - (self.begin_ns or 0)) / 1e9

    def save(self) -> None:
        """What was recorded so far is on its way to the disk."""
        self._record(Recorder.flush)

    def end(self) -> list[Label]:
        """The last labels; nothing is taken any more, and the recording is complete."""
        if self._ended:
            return []
        self._ended = True
        labels: list[Label] = []
        while not self._stream.flush():
            labels.extend(self._due())
        labels.extend(self._due())
        self._record(Recorder.close)
        return labels

    def _record(self, action: Callable[[Recorder], None]) -> None:
        """Does it where there is a recording; one that cannot be written ends, not the session."""
        if self._recorder is None:
            return
        try:
            action(self._recorder)
        except OSError as problem:
            self._recorder = None
            self.notice(f"the recording ends here, it cannot be written: {problem}")

    def _push(self, reading: Reading) -> Iterator[Label]:
        values = np.array([reading.values], np.float32)
        times = np.array([reading.time_ns], np.int64)
        while self._stream.push_sensor(reading.sensor, values, times) == 0:
            yield from self._due()  # which makes room
        yield from self._due()

    def _due(self) -> Iterator[Label]:
        while (event := self._stream.poll()) is not None:
            label = Label(self._count, event)
            self._count += 1
            self.labels.append(label)
            while self.labels[0].event.t_end_ns < event.t_end_ns - HISTORY_NS:
                self.labels.popleft()
            yield label
