"""One phone's times, made to run on where its clock starts anew."""

from __future__ import annotations

from examples.live.readings import LATEST_NS

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
LATE_NS = SECOND_NS
"""A reading that is earlier than its sensor's last by up to this is late; else it restarted."""


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
        last = self._latest.get(sensor)
        restarted = last is not None and not last - LATE_NS <= placed <= last + DAY_NS
        if restarted:
            latest = max(self._latest.values())
            self._offset_ns = latest + SECOND_NS - time_ns
            placed = latest + SECOND_NS
            self._latest = dict.fromkeys(self._latest, latest)
        if placed >= 2 * LATEST_NS - DAY_NS:
            raise OverflowError("the times of this phone have jumped too far")
        self._latest[sensor] = max(placed, self._latest.get(sensor, 0))
        return placed, restarted
