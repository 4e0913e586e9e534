"""The decision, step by step as include/har/decision.h says it, in binary32 like the library."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

import numpy as np

from libhar import schema
from libhar.reference.codes import F32, Array

UNKNOWN = -1
NS_PER_MS = 1_000_000


@dataclass(frozen=True)
class Decided:
    """What an event says of the decision; `left_index` is -1 where nothing was left."""

    class_index: int
    raw_index: int
    left_index: int
    enters: bool
    is_steady: bool
    confidence: float
    own: float
    """The window's own probability of `raw_index`."""
    scores: Array
    since_ns: int


class Decider:
    """Takes the probabilities of window after window."""

    def __init__(self, settings: schema.Decision) -> None:
        self.settings = settings
        abstain = F32(settings.abstain_below)
        self._enter = max(F32(settings.enter_above), abstain)
        self._stay = F32(settings.exit_below) if settings.exit_below > 0 else abstain
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self._left = UNKNOWN
        self._begin()

    def gap(self) -> None:
        """The next window is a first one; its event closes what is decided now."""
        if self._decided is not None:
            self._left = self._decided
        self._begin()

    def _begin(self) -> None:
        self._scores: Array | None = None
        self._votes: deque[int] = deque(maxlen=max(self.settings.majority, 1))
        self._decided: int | None = None
        self._wanted = UNKNOWN
        self._wanted_by = (0, 0)
        self._since = 0

    def step(self, p: Array, start_ns: int, end_ns: int) -> Decided:
        """One more window: its own probabilities [classes], its first and last sample's times."""
        scores = self._smoothed(np.asarray(p, F32))
        wanted = self._want(scores, self._elect(scores))
        first = self._decided is None
        if first or wanted != self._wanted:
            self._wanted, self._wanted_by = wanted, (start_ns, end_ns)
        lasted = end_ns - self._wanted_by[1] >= self.settings.min_duration_ms * NS_PER_MS
        changes = first or (wanted != self._decided and lasted)
        left = UNKNOWN
        if changes:
            left = self._left if self._decided is None else self._decided
            self._decided, self._since, self._left = wanted, self._wanted_by[0], UNKNOWN
        assert self._decided is not None
        raw, shown = _largest(p), self._decided
        if shown == UNKNOWN:
            shown = _largest(scores)
        steady = not changes and wanted == self._decided == raw != UNKNOWN
        return Decided(
            class_index=self._decided,
            raw_index=raw,
            left_index=left,
            enters=changes and wanted != UNKNOWN,
            is_steady=steady,
            confidence=float(scores[shown]) if shown != UNKNOWN else 0.0,
            own=float(p[raw]) if raw != UNKNOWN else 0.0,
            scores=scores,
            since_ns=self._since,
        )

    def _smoothed(self, p: Array) -> Array:
        keep = F32(self.settings.smoothing)
        if self._scores is None or keep == 0:
            scores = p.copy()
        else:
            smoothed = keep * self._scores + (F32(1) - keep) * p
            scores = np.where(np.isnan(self._scores), p, smoothed)
        self._scores = scores if _largest(scores) != UNKNOWN else None
        return scores

    def _elect(self, scores: Array) -> int:
        self._votes.append(_largest(scores))
        counted = Counter(vote for vote in self._votes if vote != UNKNOWN)
        if not counted:
            return UNKNOWN
        return max(counted, key=lambda c: (counted[c], scores[c], -c))

    def _want(self, scores: Array, candidate: int) -> int:
        if candidate != UNKNOWN and scores[candidate] >= self._enter:
            return candidate
        decided = UNKNOWN if self._decided is None else self._decided
        return decided if decided != UNKNOWN and scores[decided] >= self._stay else UNKNOWN


def _largest(scores: Array) -> int:
    """The first of the largest; UNKNOWN where none is a number above 0."""
    numbers = np.where(np.isnan(scores), F32(0), scores)
    return int(numbers.argmax()) if numbers.max() > 0 else UNKNOWN
