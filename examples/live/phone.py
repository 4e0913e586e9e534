"""One phone: who it is, how its connection is, its session."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from examples.live.readings import Reading
from examples.live.session import Session

RECENT = 2000
"""Ten seconds of two sensors at 100 Hz."""

State = Literal["waiting", "connected", "broken", "finished"]


@dataclass(eq=False)
class Phone:
    """`by` says how its readings come; `units` has the unit of each sensor's readings."""

    id: str
    name: str
    by: Literal["app", "browser", "recording"]
    session: Session
    units: dict[str, str]
    state: State = "waiting"
    text: str = ""
    connections: int = 0
    """Of a browser; an old one may end after a new one has begun."""
    last_batch: int = -1
    """The last batch that a browser sent and that was fed."""
    unsent: list[Reading] = field(default_factory=list)
    """Readings that the pages have not been told of."""
    recent: deque[Reading] = field(default_factory=partial(deque, maxlen=RECENT))
    """The last of those that they have been told of, for a page that is opened later."""
