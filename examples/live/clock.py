"""One phone's times, made to run on where its clock starts anew."""

from __future__ import annotations

from examples.live.readings import LATEST_NS

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
LATE_NS = SECOND_NS
"""A reading that is earlier than its sensor's last by up to this is late; else it restarted."""
STAGGER_NS = 60 * SECOND_NS
"""How much earlier than those of others the first reading of a sensor may be."""
_STREAM_NS = 2 * LATEST_NS
"""A stream takes no times from here on; so one absurd time leaves room for what comes after it."""


class Clock:
    """Adds what is missing to the times of a phone that was started again.

    Such a phone counts from zero again; its times go on one second after the last, which the
    stream sees as a gap. A jump forward of more than a day is treated alike. A reading that is only
    late keeps its time: the stream decides about it.
    """

    def __init__(self) -> None:
        self._offset_ns = 0
        self._latest: dict[str, int] = {}

    def place(self, sensor: str, time_ns: int) -> tuple[int, bool]:
        """The time to use, and whether the clock restarted here. Raises OverflowError."""
        placed = time_ns + self._offset_ns
        latest = max(self._latest.values(), default=placed)
        earliest = self._latest.get(sensor, latest - STAGGER_NS) - LATE_NS
        restarted = not earliest <= placed <= latest + DAY_NS
        if restarted:
            self._offset_ns = latest + SECOND_NS - time_ns
            placed = latest + SECOND_NS
            self._latest = dict.fromkeys(self._latest, latest)
        if placed >= _STREAM_NS:
            raise OverflowError("the times of this phone have jumped too far")
        self._latest[sensor] = max(placed, self._latest.get(sensor, placed))
        return placed, restarted
