"""The protocol of the Android app SensorServer: where to connect, what its messages say.

The app is a WebSocket server on the phone. One sensor is at
`/sensor/connect?type=android.sensor.accelerometer` and sends
`{"accuracy": 2, "timestamp": 3925657519043709, "values": [0.31, -0.97, 10.04]}`; several are at
`/sensors/connect?types=["...","..."]`, where each message names its sensor in `type` as well.
Times are nanoseconds since the phone was started. The app closes with a code of its own where a
sensor is missing.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

from examples.live.readings import Reading, Refused, decoded, reading_of, shown

_PREFIX = "android.sensor."
_TYPES = {
    "accelerometer": f"{_PREFIX}accelerometer",
    "gyroscope": f"{_PREFIX}gyroscope",
    "magnetometer": f"{_PREFIX}magnetic_field",
}
_SENSORS = {name: sensor for sensor, name in _TYPES.items()}

_CLOSED = {
    1000: "the app ended the connection",
    1001: "the app went away",
    1006: "the connection broke",
    1009: "the app sent a message that is too large",
    4001: "the phone has not every sensor that the model needs",
    4002: "the app does not know this address; is it SensorServer?",
    4004: "the server in the app was stopped",
    4005: "the connection was closed in the app",
}


def closed(code: int | None) -> str:
    """Why the app ended the connection, from the code that it closed with."""
    return _CLOSED.get(code or 1006, f"the app closed the connection with code {code}")


def address(server: str, sensors: tuple[str, ...]) -> str:
    """Where the app at `ws://host:port` gives `sensors`. Raises ValueError."""
    parts = urlsplit(server)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError(f"{server!r} is not of the form ws://host:port")
    unknown = [sensor for sensor in sensors if sensor not in _TYPES]
    if unknown:
        raise ValueError(f"the app has no sensor for {unknown[0]!r}, which the model needs")
    base = f"{parts.scheme}://{parts.netloc}"
    types = [_TYPES[sensor] for sensor in sensors]
    if len(types) == 1:
        return f"{base}/sensor/connect?type={quote(types[0])}"
    listed = json.dumps(types, separators=(",", ":"))
    return f"{base}/sensors/connect?types={quote(listed)}"


def parse(text: str, sensors: tuple[str, ...]) -> Reading:
    """The reading in one message; without a `type` it is of the only sensor. Raises Refused."""
    message = decoded(text)
    named = message.get("type", _TYPES[sensors[0]] if len(sensors) == 1 else None)
    sensor = _SENSORS.get(named) if isinstance(named, str) else None
    if sensor not in sensors:
        raise Refused(f"a message is of the sensor {shown(named)}, which was not asked for")
    return reading_of(sensor, message.get("timestamp"), message.get("values"))
