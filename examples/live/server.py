"""The web server: the page, what it is told, and the browsers that are phones themselves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import libhar
from aiohttp import WSMsgType, web

from examples.live import web_motion
from examples.live.hub import Hub, Page, TooMany
from examples.live.phone import Phone
from examples.live.readings import Refused

log = logging.getLogger("live")

PAGE = Path(__file__).parent / "page"
HUB = web.AppKey("hub", Hub)
LARGEST_BATCH = 1 << 20
SILENT_S = 20.0
LONGEST_NAME = 40
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src data:; connect-src 'self' ws: wss:;"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def application(hub: Hub) -> web.Application:
    """The routes: `/` the page, `/live` what it is told, `/motion` a browser's readings."""
    app = web.Application(middlewares=[_guarded])
    app[HUB] = hub
    app.router.add_get("/", _index)
    app.router.add_get("/live", _live)
    app.router.add_get("/motion", _motion)
    app.router.add_static("/page/", PAGE)
    return app


@web.middleware
async def _guarded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Pages of other sites may not connect; a browser always says where a page is from."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.split("://")[-1] != request.host:
        raise web.HTTPForbidden(text="only this server's own page may connect\n")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html")


async def _live(request: web.Request) -> web.StreamResponse:
    hub = request.app[HUB]
    socket = web.WebSocketResponse(heartbeat=SILENT_S, max_msg_size=1024)
    await socket.prepare(request)
    page = hub.open_page()
    telling = asyncio.create_task(_tell(socket, page))
    try:
        async for _ in socket:
            pass  # a page only listens; its end is seen here
    finally:
        hub.pages.discard(page)
        page.tell(None)
        await telling
    return socket


async def _tell(socket: web.WebSocketResponse, page: Page) -> None:
    with contextlib.suppress(ConnectionError):
        while (text := await page.queue.get()) is not None:
            await socket.send_str(text)
        await socket.close()


async def _motion(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse(heartbeat=SILENT_S, max_msg_size=LARGEST_BATCH)
    await socket.prepare(request)
    hub = request.app[HUB]
    try:
        phone = _phone_of(hub, request)
    except (Refused, TooMany, OSError, libhar.HarError) as problem:
        log.warning("a browser was refused: %s", problem)
        await socket.send_str(json.dumps({"refused": str(problem)}))
        await socket.close()
        return socket
    hub.set_state(phone, "connected")
    phone.connections += 1
    try:
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(json.dumps({"taken": _take(hub, phone, message.data)}))
            else:
                hub.take(phone, [Refused("a message is not text")])
    finally:
        phone.connections -= 1
        if phone.connections == 0 and phone.state != "finished":
            hub.set_state(phone, "broken", "the browser is not connected")
    return socket


def _phone_of(hub: Hub, request: web.Request) -> Phone:
    """The phone a browser is: the one it was before its connection broke, or a new one."""
    phone_id, preset = request.query.get("id", ""), request.query.get("preset", "")
    if not (8 <= len(phone_id) <= 64 and phone_id.isalnum()):
        raise Refused("the browser gives no id of 8 to 64 letters and digits")
    if preset not in web_motion.PRESETS:
        raise Refused(f"the preset {preset[:40]!r} is not one of {', '.join(web_motion.PRESETS)}")
    name = " ".join(request.query.get("name", "").split())[:LONGEST_NAME] or "browser"
    known = hub.phones.get(phone_id)
    return known or hub.add(phone_id, name, "browser", preset)


def _take(hub: Hub, phone: Phone, text: str) -> int:
    """Feeds one batch unless it was fed before; the number of the last one that was."""
    try:
        number, readings = web_motion.parse(text)
    except Refused as problem:
        hub.take(phone, [problem])
        return phone.last_batch
    if number > phone.last_batch:
        phone.last_batch = number
        hub.take(phone, readings)
    return phone.last_batch
