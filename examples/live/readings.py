"""One reading of one sensor, checked: nothing else goes further into the program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

FLOAT32_MAX = 3.4028234663852886e38
LATEST_NS = 2**61
"""Times from here on, 73 years of nanoseconds, are taken for junk."""


class Refused(Exception):
    """What was sent cannot be used; the text says why, in words for the page."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Three axes of one sensor at one time, in the unit and the axes of the phone."""

    sensor: str
    time_ns: int
    values: tuple[float, float, float]


def decoded(text: str) -> dict[str, Any]:
    """The JSON object that a message is. Raises Refused."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(f"a message is not JSON: {shown(text)}") from None
    if not isinstance(message, dict):
        raise Refused(f"a message is not a JSON object: {shown(text)}")
    return message


def reading_of(sensor: str, time_ns: Any, values: Any) -> Reading:
    """A reading out of decoded JSON. Raises Refused."""
    if not isinstance(time_ns, int) or isinstance(time_ns, bool):
        raise Refused(f"{sensor}: the time is {shown(time_ns)}, not a whole number of nanoseconds")
    if not 0 <= time_ns < LATEST_NS:
        raise Refused(f"{sensor}: the time {time_ns} is not between 0 and {LATEST_NS}")
    if not isinstance(values, list) or len(values) != 3:
        raise Refused(f"{sensor}: the values are {shown(values)}, not three numbers")
    x, y, z = (_number(sensor, value) for value in values)
    return Reading(sensor, time_ns, (x, y, z))


def _number(sensor: str, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Refused(f"{sensor}: {shown(value)} is not a number")
    if not abs(value) <= FLOAT32_MAX:  # NaN is not, either
        raise Refused(f"{sensor}: {shown(value)} is not a finite number")
    return float(value)


def shown(value: object) -> str:
    """A short text of anything that was sent."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
