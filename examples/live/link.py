"""The connection to the SensorServer app on one phone: made again whenever it breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import aiohttp

from examples.live import sensor_server
from examples.live.hub import Hub
from examples.live.phone import Phone
from examples.live.readings import Reading, Refused

log = logging.getLogger("live")

LARGEST_MESSAGE = 4 << 20
"""Bytes. What is larger than a reading is refused and counted; beyond this the connection goes."""
LARGEST_READING = 4096
SILENT_S = 10.0
"""A phone that answers no ping for so long is gone."""


FIRST_WAIT_S = 0.5
MOST_WAIT_S = 15.0


def delays(first_s: float, most_s: float) -> Iterator[float]:
    """How long to wait before each new attempt: twice as long each time, up to `most_s`."""
    wait_s = first_s
    while True:
        yield wait_s
        wait_s = min(2 * wait_s, most_s)


async def follow(
    hub: Hub, phone: Phone, client: aiohttp.ClientSession, url: str, sensors: tuple[str, ...]
) -> None:
    """Keeps the phone connected until cancelled."""
    waits = delays(FIRST_WAIT_S, MOST_WAIT_S)
    while True:
        taken = phone.session.taken
        why = await _one_connection(hub, phone, client, url, sensors)
        if phone.session.taken > taken:
            waits = delays(FIRST_WAIT_S, MOST_WAIT_S)
        wait_s = next(waits)
        hub.set_state(phone, "broken", f"{why}; trying again in {wait_s:g} s")
        await asyncio.sleep(wait_s)


async def _one_connection(
    hub: Hub, phone: Phone, client: aiohttp.ClientSession, url: str, sensors: tuple[str, ...]
) -> str:
    """Connects, takes all that comes until the connection ends, and says why it ended."""
    try:
        async with client.ws_connect(
            url, max_msg_size=LARGEST_MESSAGE, heartbeat=2 * SILENT_S
        ) as socket:
            hub.set_state(phone, "connected")
            async for message in socket:
                hub.take(phone, [_reading(message, sensors)])
            return sensor_server.closed(socket.close_code)
    except TimeoutError:
        return "the phone does not answer"
    except (aiohttp.ClientError, OSError) as problem:
        return f"no connection ({problem})"


def _reading(message: aiohttp.WSMessage, sensors: tuple[str, ...]) -> Reading | Refused:
    if message.type == aiohttp.WSMsgType.ERROR:
        return Refused(f"a message cannot be read ({message.data})")
    if message.type != aiohttp.WSMsgType.TEXT:
        return Refused("a message is not text")
    if len(message.data) > LARGEST_READING:
        return Refused(f"a message has more than {LARGEST_READING} characters")
    try:
        return sensor_server.parse(message.data, sensors)
    except Refused as problem:
        return problem
