"""Runs the live example: `python -m examples.live --help`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import ssl
import sys

import aiohttp
import libhar
from aiohttp import web

from examples.live import link, options, recording, replay, sensor_server
from examples.live.hub import Hub
from examples.live.server import application

log = logging.getLogger("live")


def main() -> int:
    chosen = options.parse()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    try:
        asyncio.run(_run(chosen))
    except (OSError, ValueError, libhar.HarError, recording.Unreadable) as problem:
        print(f"live: {problem}", file=sys.stderr)
        return 1
    return 0


async def _run(chosen: options.Options) -> None:
    """Serves until SIGINT or SIGTERM, then ends every session and tells the pages."""
    hub = Hub(chosen.model, chosen.record)
    runner = web.AppRunner(application(hub), shutdown_timeout=2.0)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks: list[asyncio.Task[None]] = []
    async with aiohttp.ClientSession() as client:
        try:
            tasks += _start_phones(hub, client, chosen)
            await runner.setup()
            await _listen(runner, chosen)
            tasks.append(asyncio.create_task(hub.report()))
            await _stopped(stop, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            hub.close()
            await runner.cleanup()


async def _listen(runner: web.AppRunner, chosen: options.Options) -> None:
    context = None
    if chosen.tls is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*chosen.tls)
    site = web.TCPSite(runner, chosen.host, chosen.port, ssl_context=context)
    await site.start()
    address = runner.addresses[0]
    scheme = "https" if context else "http"
    log.info("the page is at %s://%s:%d/", scheme, address[0], address[1])


def _start_phones(
    hub: Hub, client: aiohttp.ClientSession, chosen: options.Options
) -> list[asyncio.Task[None]]:
    """Begins to follow every phone and replay of the command line."""
    tasks = []
    sensors = tuple(dict.fromkeys(channel.kind for channel in hub.model.channels))
    for name, server in chosen.phones:
        url = sensor_server.address(server, sensors)
        phone = hub.add(f"phone:{name}", name, "app", chosen.source)
        tasks.append(asyncio.create_task(link.follow(hub, phone, client, url, sensors)))
    for name, path in chosen.replays:
        preset = chosen.source if recording.is_per_sensor(path) else recording.PRESET
        phone = hub.add(f"replay:{name}", name, "recording", preset)
        readings = recording.readings(path, hub.model)
        tasks.append(asyncio.create_task(replay.run(hub, phone, readings, chosen.speed)))
    return tasks


async def _stopped(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Waits for `stop`; raises what ended a task that should not have ended."""
    waiting = asyncio.create_task(stop.wait())
    open_tasks: set[asyncio.Task[object]] = {waiting, *tasks}
    while not waiting.done():
        done, open_tasks = await asyncio.wait(open_tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
