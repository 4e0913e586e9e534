"""The protocol of this example's own page: a browser that sends its DeviceMotion events.

`{"batch": 7, "samples": [[t_ms, ax, ay, az, alpha, beta, gamma], ...]}`: the time of each event in
milliseconds since the page was opened, accelerationIncludingGravity in m/s^2 and rotationRate in
degrees a second, as the browser gives them; null where it has no such sensor. The server answers
each batch with `{"taken": 7}`; the page sends again what was not answered before a connection
broke, and the server passes over what it had.
"""

from __future__ import annotations

from typing import Any

from examples.live.readings import LATEST_NS, Reading, Refused, decoded, reading_of, shown

PRESETS = ("web_device_motion", "web_device_motion_ios")
MOST_SAMPLES = 1000
_COLUMNS = 7
NS_PER_MS = 1_000_000


def parse(text: str) -> tuple[int, list[Reading | Refused]]:
    """The number of a batch and its readings, in order, or why one is none. Raises Refused."""
    message = decoded(text)
    number, samples = message.get("batch"), message.get("samples")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise Refused(f"the number of a batch is {shown(number)}")
    if not isinstance(samples, list) or len(samples) > MOST_SAMPLES:
        raise Refused(f"a batch holds no list of at most {MOST_SAMPLES} samples")
    return number, [reading for sample in samples for reading in _readings(sample)]


def _readings(sample: Any) -> list[Reading | Refused]:
    try:
        if not isinstance(sample, list) or len(sample) != _COLUMNS:
            raise Refused(f"a sample is {shown(sample)}, not {_COLUMNS} numbers")
        time_ns = _nanoseconds(sample[0])
    except Refused as problem:
        return [problem]
    return [
        _reading(sensor, time_ns, values)
        for sensor, values in (("accelerometer", sample[1:4]), ("gyroscope", sample[4:7]))
        if values != [None, None, None]
    ]


def _reading(sensor: str, time_ns: int, values: list[Any]) -> Reading | Refused:
    try:
        return reading_of(sensor, time_ns, values)
    except Refused as problem:
        return problem


def _nanoseconds(milliseconds: Any) -> int:
    if not isinstance(milliseconds, (int, float)) or isinstance(milliseconds, bool):
        raise Refused(f"the time {shown(milliseconds)} is not a number of milliseconds")
    if not 0 <= milliseconds * NS_PER_MS < LATEST_NS:
        raise Refused(f"the time {shown(milliseconds)} is not one of a clock in milliseconds")
    return round(milliseconds * NS_PER_MS)
