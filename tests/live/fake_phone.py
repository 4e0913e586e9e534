"""A phone with the app SensorServer, made up: a WebSocket server that sends recorded readings.

It speaks the app's protocol: `/sensor/connect?type=...` and `/sensors/connect?types=[...]`, JSON
with `values`, `timestamp` in nanoseconds, `accuracy` and, for several sensors, `type`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

GRAVITY = 9.80665
BEGIN_NS = 4_000_000_000_000
"""An hour after the phone was started."""

Message = str | bytes


class FakePhone:
    """Sends `messages` in bursts to whoever connects; goes on where a dropped connection ended."""

    def __init__(self, messages: Iterable[Message], *, drops: Iterable[int] = ()) -> None:
        self.messages = list(messages)
        self.sent = 0
        self.connections: list[str] = []
        self.done = asyncio.Event()
        self._drops = sorted(drops)
        self._random = np.random.default_rng(11)

    async def start(self) -> str:
        """Serves on a free port; its address."""
        app = web.Application()
        app.router.add_get("/{kind}/connect", self._connect)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"ws://127.0.0.1:{self._runner.addresses[0][1]}"

    async def end(self) -> None:
        await self._runner.cleanup()

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        self.connections.append(request.path_qs)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        while self.sent < len(self.messages):
            if self._drops and self.sent >= self._drops[0]:
                self._drops.pop(0)
                assert request.transport is not None
                request.transport.close()  # what was sent arrives, but no goodbye
                return socket
            await self._burst(socket)
        self.done.set()
        async for _ in socket:
            pass
        return socket

    async def _burst(self, socket: web.WebSocketResponse) -> None:
        ends = [len(self.messages), *self._drops]
        most = min(end - self.sent for end in ends if end > self.sent)
        for _ in range(min(int(self._random.integers(20, 80)), most)):
            message = self.messages[self.sent]
            self.sent += 1
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_str(message)
        await asyncio.sleep(0.002)


def message_of(sensor: str, time_ns: int, values: Iterable[float]) -> str:
    """One message of the app for several sensors."""
    content: dict[str, Any] = {
        "type": f"android.sensor.{sensor}",
        "accuracy": 3,
        "timestamp": time_ns,
        "values": list(values),
    }
    return json.dumps(content)


def phone_messages(signal: NDArray[np.float32], seed: int, rate_hz: float = 50.0) -> list[str]:
    """Both sensors of [rows, 6] in g and rad/s at 50 Hz as an Android phone sends them.

    Each has a clock of its own within the same time: other rate, phase and jitter.
    """
    random = np.random.default_rng(seed)
    at_s = np.arange(len(signal)) / 50.0
    found: list[tuple[int, int, str]] = []
    sensors = (("accelerometer", 0, GRAVITY), ("gyroscope", 3, 1.0))
    for number, (sensor, column, scale) in enumerate(sensors):
        own_rate = rate_hz * (1 + random.uniform(-0.03, 0.03))
        times_s = np.arange(0.01 * (number + 1), at_s[-1], 1 / own_rate)
        times_s += random.uniform(-0.1, 0.1, len(times_s)) / own_rate
        axes = [np.interp(times_s, at_s, signal[:, column + i]) * scale for i in range(3)]
        for row, time_s in enumerate(times_s):
            time_ns = BEGIN_NS + round(1e9 * time_s)
            values = [float(np.float32(axis[row])) for axis in axes]
            late_ns = round(1e9 * random.exponential(0.01))
            found.append((time_ns + late_ns, time_ns, message_of(sensor, time_ns, values)))
    return _in_order_of_each_sensor(found)


def _in_order_of_each_sensor(found: list[tuple[int, int, str]]) -> list[str]:
    """Sorted by arrival; a sensor's own readings arrive in their order, as in the app."""
    arrival = [message for _, _, message in sorted(found)]
    waiting: dict[str, list[str]] = {}
    for _, _, message in sorted(found, key=lambda item: item[1]):
        waiting.setdefault(json.loads(message)["type"], []).append(message)
    queues = {sensor: iter(messages) for sensor, messages in waiting.items()}
    return [next(queues[json.loads(message)["type"]]) for message in arrival]
