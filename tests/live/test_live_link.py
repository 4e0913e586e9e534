"""The connection to an app: made again whenever it breaks, and nothing that was sent is lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path

import aiohttp
import pytest
from fake_phone import FakePhone, message_of, phone_messages
from recorded import simulated

from examples.live import link, sensor_server
from examples.live.hub import Hub
from examples.live.phone import Phone

MODEL = Path(__file__).resolve().parents[2] / "models" / "hapt_gru.har"
PATIENCE_S = 20.0
BOTH = ("accelerometer", "gyroscope")


async def followed(fake: FakePhone, count: int) -> Phone:
    """A phone that followed `fake` until `count` messages were taken or refused."""
    hub = Hub(MODEL, None)
    phone = hub.add("phone:a", "a", "app", "android_sensor")
    url = sensor_server.address(await fake.start(), BOTH)
    async with aiohttp.ClientSession() as client:
        task = asyncio.create_task(link.follow(hub, phone, client, url, BOTH))
        session = phone.session
        async with asyncio.timeout(PATIENCE_S):
            while session.taken + session.refused < count and not task.done():
                await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await fake.end()
    return phone


def test_waits_grow_and_are_bounded() -> None:
    assert list(itertools.islice(link.delays(0.5, 15.0), 8)) == [0.5, 1, 2, 4, 8, 15, 15, 15]


def test_dropped_connections_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FIRST_WAIT_S", 0.01)
    messages = phone_messages(simulated()[:1000], 1)
    fake = FakePhone(messages, drops=(1, 200, 201, 900))
    phone = asyncio.run(followed(fake, len(messages)))
    assert len(fake.connections) == 5
    assert (phone.session.taken, phone.session.refused) == (len(messages), 0)
    assert phone.session.labels


def test_junk_is_counted_and_the_rest_taken() -> None:
    good = phone_messages(simulated()[:600], 2)
    junk = [
        "not JSON",
        "",
        b"\x00\xff",
        "[" * 3000,
        "x" * 200_000,
        message_of("light", 5, [1, 2, 3]),
        message_of("gyroscope", 5, [1, 2]),
        message_of("gyroscope", 5, [1, 2, float("nan")]),
        good[0].replace("[", "[1e400, "),
    ]
    messages = list(good)
    for at, bad in enumerate(junk):
        messages.insert(40 * at + 3, bad)
    phone = asyncio.run(followed(FakePhone(messages), len(messages)))
    assert (phone.session.taken, phone.session.refused) == (len(good), len(junk))
    assert any("not JSON: 'not JSON'" in text for text in phone.session.notices)
    assert any("more than 4096 characters" in text for text in phone.session.notices)


def test_a_message_beyond_every_bound_ends_only_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "FIRST_WAIT_S", 0.01)
    good = phone_messages(simulated()[:300], 3)
    fake = FakePhone([*good[:100], "x" * (link.LARGEST_MESSAGE + 1), *good[100:]], drops=(101,))
    phone = asyncio.run(followed(fake, len(good)))
    assert phone.session.taken == len(good)


def test_a_phone_that_is_not_there_is_said() -> None:
    async def state() -> tuple[str, str]:
        hub = Hub(MODEL, None)
        phone = hub.add("phone:a", "a", "app", "android_sensor")
        async with aiohttp.ClientSession() as client:
            url = sensor_server.address("ws://127.0.0.1:9", BOTH)
            task = asyncio.create_task(link.follow(hub, phone, client, url, BOTH))
            async with asyncio.timeout(PATIENCE_S):
                while phone.state != "broken":
                    await asyncio.sleep(0.01)
            task.cancel()
        return phone.state, phone.text

    found, text = asyncio.run(state())
    assert found == "broken"
    assert "no connection" in text and "trying again in 0.5 s" in text
