"""Times of one phone run on where its clock starts anew, and stay as they are where it does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from examples.live.clock import DAY_NS, LATE_NS, SECOND_NS, STAGGER_NS, Clock
from examples.live.readings import LATEST_NS


def test_times_that_run_on_are_kept() -> None:
    clock = Clock()
    for time_ns in (5, 5, 7, 7 + 3600 * SECOND_NS, DAY_NS):
        assert clock.place("accelerometer", time_ns) == (time_ns, False)


def test_a_late_reading_keeps_its_time() -> None:
    clock = Clock()
    clock.place("accelerometer", 10 * SECOND_NS)
    assert clock.place("accelerometer", 10 * SECOND_NS - LATE_NS) == (9 * SECOND_NS, False)


def test_a_restarted_phone_goes_on_a_second_later() -> None:
    clock = Clock()
    clock.place("accelerometer", 100 * SECOND_NS)
    clock.place("gyroscope", 101 * SECOND_NS)
    assert clock.place("accelerometer", 3 * SECOND_NS) == (102 * SECOND_NS, True)
    assert clock.place("gyroscope", 3 * SECOND_NS + 7) == (102 * SECOND_NS + 7, False)
    assert clock.place("accelerometer", 4 * SECOND_NS) == (103 * SECOND_NS, False)


def test_an_absurd_first_time_does_not_stop_the_rest() -> None:
    clock = Clock()
    clock.place("a", LATEST_NS - 1)
    assert clock.place("a", 5) == (LATEST_NS - 1 + SECOND_NS, True)
    assert clock.place("a", 6 + 10**6 * SECOND_NS)[0] < 2**62


def test_one_absurd_time_does_not_stop_the_rest() -> None:
    clock = Clock()
    clock.place("accelerometer", SECOND_NS)
    assert clock.place("accelerometer", LATEST_NS - 1) == (2 * SECOND_NS, True)
    assert clock.place("accelerometer", 2 * SECOND_NS) == (3 * SECOND_NS, True)
    assert clock.place("accelerometer", 3 * SECOND_NS) == (4 * SECOND_NS, False)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, LATEST_NS - 1)), max_size=40))
def test_whatever_comes_times_stay_in_range_and_nearly_in_order(sent: list) -> None:
    clock = Clock()
    last: dict[str, int] = {}
    for sensor, time_ns in sent:
        try:
            placed, _ = clock.place(sensor, time_ns)
        except OverflowError:
            continue
        assert -STAGGER_NS - LATE_NS <= placed < 2**62
        if sensor in last:
            assert last[sensor] - LATE_NS <= placed <= max(last.values()) + DAY_NS + SECOND_NS
        last[sensor] = max(placed, last.get(sensor, placed))
