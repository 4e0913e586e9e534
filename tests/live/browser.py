"""Headless Chromium, driven through its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE_S = 30.0
LARGEST_MESSAGE = 64 << 20


class Browser:
    """One browser; `open` gives a page. Used inside one event loop."""

    def __init__(self, program: str, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        words += ["--remote-debugging-port=0", f"--user-data-dir={folder}", "--hide-scrollbars"]
        words += ["--no-first-run", "--disable-extensions", "--disable-background-networking"]
        self._process = subprocess.Popen(
            [program, *words, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    async def open(self, client: aiohttp.ClientSession, url: str) -> Page:
        """A new page at `url`."""
        port = await self._port()
        async with client.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
            target = await answer.json(content_type=None)
        socket = await client.ws_connect(
            target["webSocketDebuggerUrl"], max_msg_size=LARGEST_MESSAGE
        )
        page = Page(socket)
        for domain in ("Page", "Runtime", "Log"):
            await page.call(f"{domain}.enable")
        await page.call("Page.navigate", url=url)
        await page.until("document.readyState === 'complete'")
        return page

    async def _port(self) -> int:
        path = self._folder / "DevToolsActivePort"
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            lines = path.read_text().splitlines() if path.is_file() else []
            if len(lines) > 1:
                return int(lines[0])
            assert self._process.poll() is None, "Chromium ended at once"
            await asyncio.sleep(0.05)
        raise AssertionError("Chromium does not say its port")

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


class Page:
    """One page: calls of the protocol, JavaScript, pictures.

    `errors` collects what went wrong in its scripts, and what its security policy refused.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.errors: list[Any] = []
        self._socket = socket
        self._numbers = itertools.count(1)

    async def call(self, method: str, **parameters: Any) -> Any:
        """The answer to one call of the DevTools protocol."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json(timeout=PATIENCE_S)
            event = message.get("params", {})
            is_log = message.get("method") == "Log.entryAdded"
            if message.get("method") == "Runtime.exceptionThrown" or (
                is_log and event["entry"]["source"] in ("javascript", "security")
            ):
                self.errors.append(event)
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]

    async def run(self, script: str) -> Any:
        """The JSON value of a JavaScript expression, a promise awaited."""
        answer = await self.call(
            "Runtime.evaluate",
            expression=f"(async () => JSON.stringify(await ({script})))()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, f"{script}: {answer['exceptionDetails']}"
        return json.loads(answer["result"].get("value", "null"))

    async def until(self, condition: str, patience_s: float = PATIENCE_S) -> None:
        """Waits for a JavaScript condition."""
        end = time.monotonic() + patience_s
        while not await self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"never came true: {condition}"
            await asyncio.sleep(0.05)

    async def screen(self, width: int, height: int, *, dark: bool = False) -> None:
        """Sets the size of the screen and whether the device is dark."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self, path: Path) -> None:
        """A PNG of the whole page."""
        answer = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))
