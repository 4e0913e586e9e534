"""Gives recorded readings at the pace at which they were made, or faster."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from examples.live.hub import Hub
from examples.live.phone import Phone
from examples.live.readings import Reading
from examples.live.recording import Unreadable

_PATIENCE_S = 0.02
"""Readings that are due within it are given together."""
_TURN = 64
"""After so many readings others get a turn, however late they are."""


async def run(hub: Hub, phone: Phone, recording: Iterator[Reading], speed: float) -> None:
    """Gives each reading when its time has come, `speed` times as fast as it was recorded."""
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    first_ns: int | None = None
    hub.set_state(phone, "connected", "" if speed == 1 else f"{speed:g} times as fast")
    try:
        for number, reading in enumerate(recording):
            first_ns = reading.time_ns if first_ns is None else first_ns
            early_s = begin_s + (reading.time_ns - first_ns) / 1e9 / speed - loop.time()
            if early_s > _PATIENCE_S or number % _TURN == 0:
                await asyncio.sleep(max(early_s, 0))
            hub.take(phone, [reading])
        hub.end(phone, "the recording is at its end")
    except Unreadable as problem:
        phone.session.refuse(str(problem))
        hub.end(phone, "the recording cannot be read further")
