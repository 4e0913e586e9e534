"""What is sent is a reading or refused with a reason, whatever it is."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.live import sensor_server, web_motion
from examples.live.readings import Reading, Refused

BOTH = ("accelerometer", "gyroscope")
GOOD = {
    "accuracy": 2,
    "timestamp": 3925657519043709,
    "values": [0.31892395, -0.97802734, 10.049896],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def test_addresses_of_one_and_of_several_sensors() -> None:
    one = urlsplit(sensor_server.address("ws://10.0.0.7:8080", ("accelerometer",)))
    assert (one.netloc, one.path) == ("10.0.0.7:8080", "/sensor/connect")
    assert parse_qs(one.query) == {"type": ["android.sensor.accelerometer"]}
    both = urlsplit(sensor_server.address("ws://10.0.0.7:8080/", BOTH))
    assert both.path == "/sensors/connect"
    types = json.loads(parse_qs(both.query)["types"][0])
    assert types == ["android.sensor.accelerometer", "android.sensor.gyroscope"]


@pytest.mark.parametrize("server", ["10.0.0.7:8080", "http://10.0.0.7", "ws://", ""])
def test_an_address_that_is_none_is_named(server: str) -> None:
    with pytest.raises(ValueError, match="not of the form ws://host:port"):
        sensor_server.address(server, BOTH)


def test_a_sensor_the_app_cannot_have() -> None:
    with pytest.raises(ValueError, match="'barometer'"):
        sensor_server.address("ws://a:1", ("barometer",))


def test_messages_of_one_and_of_several_sensors() -> None:
    expected = Reading("accelerometer", 3925657519043709, (0.31892395, -0.97802734, 10.049896))
    assert sensor_server.parse(json.dumps(GOOD), ("accelerometer",)) == expected
    typed = {**GOOD, "type": "android.sensor.gyroscope"}
    assert sensor_server.parse(json.dumps(typed), BOTH).sensor == "gyroscope"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"values": [1, 2]}, "not three numbers"),
        ({"values": "1,2,3"}, "not three numbers"),
        ({"values": [1, 2, "3"]}, "'3' is not a number"),
        ({"values": [1, 2, None]}, "None is not a number"),
        ({"values": [1, 2, True]}, "True is not a number"),
        ({"values": [1, 2, float("nan")]}, "nan is not a finite number"),
        ({"values": [1, 2, float("inf")]}, "inf is not a finite number"),
        ({"values": [1, 2, 1e39]}, "is not a finite number"),
        ({"values": [1, 2, 10**400]}, "is not a finite number"),
        ({"timestamp": None}, "not a whole number of nanoseconds"),
        ({"timestamp": "12"}, "not a whole number of nanoseconds"),
        ({"timestamp": 12.5}, "not a whole number of nanoseconds"),
        ({"timestamp": True}, "not a whole number of nanoseconds"),
        ({"timestamp": -1}, "is not between 0 and"),
        ({"timestamp": 2**70}, "is not between 0 and"),
        ({"type": "android.sensor.light"}, "which was not asked for"),
        ({"type": ["android.sensor.light"]}, "which was not asked for"),
        ({"type": None}, "which was not asked for"),
    ],
)
def test_wrong_types_are_refused_with_a_reason(change: dict, why: str) -> None:
    message = {**GOOD, "type": "android.sensor.accelerometer", **change}
    with pytest.raises(Refused, match=why):
        sensor_server.parse(json.dumps(message), BOTH)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "7", "null", "[" * 5000, '"a"', "\0"])
def test_junk_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"not JSON|not a JSON object"):
        sensor_server.parse(text, BOTH)
    with pytest.raises(Refused, match=r"not JSON|not a JSON object"):
        web_motion.parse(text)


@given(st.text(max_size=30) | anything.map(json.dumps))
def test_nothing_that_is_sent_does_anything_else(text: str) -> None:
    for parse in (lambda: sensor_server.parse(text, BOTH), lambda: web_motion.parse(text)):
        try:
            parse()
        except Refused as problem:
            assert len(str(problem)) < 200


@given(st.integers(0, 9), st.lists(anything, max_size=4))
def test_a_batch_gives_a_reading_or_a_reason_for_each_sensor(number: int, samples: list) -> None:
    parsed, found = web_motion.parse(json.dumps({"batch": number, "samples": samples}))
    assert parsed == number
    assert all(isinstance(item, (Reading, Refused)) for item in found)
    assert len(found) <= 2 * len(samples)


def test_a_batch_of_a_browser() -> None:
    text = '{"batch": 3, "samples": [[1.5, 0, 0, 9.8, 1, 2, 3], [17, 0, 0, 9.7, null, null, null]]}'
    assert web_motion.parse(text) == (
        3,
        [
            Reading("accelerometer", 1_500_000, (0.0, 0.0, 9.8)),
            Reading("gyroscope", 1_500_000, (1.0, 2.0, 3.0)),
            Reading("accelerometer", 17_000_000, (0.0, 0.0, 9.7)),
        ],
    )


def test_a_batch_without_a_number_is_refused() -> None:
    with pytest.raises(Refused, match="the number of a batch is None"):
        web_motion.parse('{"samples": []}')
    with pytest.raises(Refused, match="no list of at most"):
        web_motion.parse('{"batch": 1, "samples": {}}')
