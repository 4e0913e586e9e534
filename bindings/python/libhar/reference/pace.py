"""Hop stretching, as include/har/stream.h says it."""

from __future__ import annotations

from libhar.reference.decider import Decided


class Pace:
    """Says after each window how many due windows pass over without being computed."""

    def __init__(self, confident: float, max_stretch: int) -> None:
        self._confident = confident
        self._most = max(max_stretch, 1)
        self.reset()

    def reset(self) -> None:
        """One window a hop again."""
        self._stretch = 1

    def step(self, decided: Decided) -> int:
        """Due windows to pass over before the next."""
        steady = decided.is_steady and decided.own >= self._confident
        self._stretch = min(2 * self._stretch, self._most) if steady else 1
        return self._stretch - 1
