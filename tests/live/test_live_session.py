"""A session: every reading is taken, recorded and told, or refused, counted and noted."""

from __future__ import annotations

import errno
import json
from contextlib import closing
from pathlib import Path

import libhar
import numpy as np
import pytest
from fake_phone import BEGIN_NS, phone_messages
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar._capi import lib
from recorded import har_labels, labels_of, simulated

from examples.live import sensor_server, words
from examples.live import session as session_module
from examples.live.clock import SECOND_NS
from examples.live.readings import LATEST_NS, Reading
from examples.live.record import Recorder, path_for
from examples.live.recording import Unreadable, is_per_sensor, readings
from examples.live.session import Label, Session

MODEL = Path(__file__).resolve().parents[2] / "models" / "hapt_gru.har"
BOTH = ("accelerometer", "gyroscope")


def session_of(model: libhar.Model, path: Path | None = None) -> Session:
    recorder = None if path is None else Recorder(path, "a test")
    return Session(model, libhar.Source.preset("android_sensor"), "test", recorder)


def sent(rows: int = 2000, seed: int = 5) -> list[Reading]:
    messages = phone_messages(simulated()[:rows], seed)
    return [sensor_server.parse(message, BOTH) for message in messages]


def feed(session: Session, sent: list[Reading]) -> list[Label]:
    labels = [label for reading in sent for label in session.take(reading)[1]]
    return labels + session.end()


def test_har_run_makes_the_same_labels(
    model: libhar.Model, har_program: Path, tmp_path: Path
) -> None:
    path = tmp_path / "session.csv"
    session = session_of(model, path)
    labels = feed(session, sent())
    assert (session.taken, session.refused) == (len(sent()), 0)
    assert len(labels) > 20
    assert len({label.event.name for label in labels}) > 1
    assert [label.number for label in labels] == list(range(len(labels)))
    assert labels_of(labels) == har_labels(har_program, MODEL, path, "android_sensor")


def test_har_run_makes_the_same_labels_of_what_was_not_well(
    model: libhar.Model, har_program: Path, tmp_path: Path
) -> None:
    """Gaps, a sensor that stops, late and repeated readings, a clock that starts anew."""
    path = tmp_path / "session.csv"
    good = sent(3000)
    middle, end = good[len(good) // 3].time_ns, good[2 * len(good) // 3].time_ns
    holes = [r for r in good if not middle < r.time_ns < middle + SECOND_NS]
    silent = [r for r in holes if r.sensor != "gyroscope" or not end < r.time_ns < end + 9e9]
    repeated = [r for at, r in enumerate(silent) for _ in range(1 + (at % 50 == 0))]
    late = [Reading(r.sensor, r.time_ns - 50_000_000, r.values) for r in repeated[700:703]]
    again = [Reading(r.sensor, r.time_ns - BEGIN_NS, r.values) for r in good[:1500]]
    session = session_of(model, path)
    labels = feed(session, [*repeated[:700], *late, *repeated[700:], *again])
    assert session.refused == 3
    assert session.taken == len(repeated) + len(again)
    assert any("earlier than the one before" in text for text in session.notices)
    assert any("clock started anew" in text for text in session.notices)
    assert sum(bool(label.event.flags & libhar.AFTER_GAP) for label in labels) >= 3
    assert labels_of(labels) == har_labels(har_program, MODEL, path, "android_sensor")
    noted = [line for line in path.read_text().splitlines() if line.startswith("# refused")]
    assert len(noted) == 3
    assert all(str(r.time_ns) in line for r, line in zip(late, noted))


def test_the_record_holds_every_value_to_the_bit(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    values = random.integers(0, 2**32, 3000, np.uint32).view(np.float32)
    values = values[np.isfinite(values)][:2400].reshape(-1, 3)
    path = tmp_path / "r.csv"
    with closing(Recorder(path, "of\nmany lines")) as recorder:
        for at, row in enumerate(values):
            recorder.write(Reading("gyroscope", 2**60 + at, tuple(map(float, row))))
    rows = [line.split(",") for line in path.read_text().splitlines() if line[0] != "#"]
    assert rows[0] == ["t_ns", "sensor", "x", "y", "z"]
    assert [int(row[0]) for row in rows[1:]] == [2**60 + at for at in range(len(values))]
    found = np.array([row[2:] for row in rows[1:]], np.float32)
    assert np.array_equal(found.view(np.uint32), values.view(np.uint32))


def test_a_record_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        Recorder(path, "")
    assert path.read_text() == "mine"


def test_a_full_disk_ends_the_record_not_the_session(
    model: libhar.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(recorder: Recorder, reading: Reading) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    session = session_of(model, tmp_path / "session.csv")
    session.take(sent(300)[0])
    monkeypatch.setattr(Recorder, "write", full)
    labels = feed(session, sent(300)[1:])
    assert (session.taken, session.refused) == (len(sent(300)), 0)
    assert labels
    told = [text for text in session.notices if "No space left" in text]
    assert [session.notices[text] for text in told] == [1]


def test_each_phone_has_its_own_record() -> None:
    assert path_for(Path("a/walk.csv"), "left", first=True) == Path("a/walk.csv")
    assert path_for(Path("a/walk.csv"), "../l b", first=False) == Path("a/walk.___l_b.csv")


def test_the_history_is_bounded(model: libhar.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    history_ns = 60 * SECOND_NS
    monkeypatch.setattr(session_module, "HISTORY_NS", history_ns)
    session = session_of(model)
    still = (0.1, 9.7, 0.3)
    for at in range(0, 2 * history_ns, 20_000_000):
        session.take(Reading("accelerometer", at, still))
        session.take(Reading("gyroscope", at, (0.0, 0.0, 0.0)))
    first, last = session.labels[0].event, session.labels[-1].event
    assert history_ns - 3 * SECOND_NS < last.t_end_ns - first.t_end_ns <= history_ns


def test_a_wrong_unit_is_said_in_words(model: libhar.Model) -> None:
    """Readings in m/s^2 that are stated to be in g."""
    right = session_of(model)
    wrong = Session(model, libhar.Source.preset("uci_har"), "test")
    for reading in sent(400):
        right.take(reading)
        wrong.take(reading)
    assert right.reasons == ()
    assert any("is the unit the one that was stated?" in reason for reason in wrong.reasons)


def test_every_reason_of_the_library_has_its_words() -> None:
    bits = [1 << bit for bit in range(32)]
    names = [name.decode() for bit in bits if (name := lib.har_reason_name(bit)) is not None]
    assert len(names) >= 8
    assert not [name for name in names if words.reason(name).startswith("The signal is not")]


def test_a_flood_of_messages_is_counted_not_kept(
    model: libhar.Model, caplog: pytest.LogCaptureFixture
) -> None:
    session = session_of(model)
    for at in range(1000):
        session.refuse("the same" if at % 2 else f"junk {at}")
    assert session.refused == 1000
    assert len(session.notices) == 20
    assert next(reversed(session.notices.items())) == ("the same", 500)
    assert len(caplog.records) < 40


def test_after_its_end_nothing_is_taken(model: libhar.Model) -> None:
    session = session_of(model)
    feed(session, sent(300))
    assert session.take(sent(10)[0]) == (None, [])
    assert session.end() == []


def test_a_record_is_read_back(model: libhar.Model, tmp_path: Path) -> None:
    path = tmp_path / "session.csv"
    session = session_of(model, path)
    feed(session, sent(300))
    assert is_per_sensor(path)
    found = list(readings(path, model))
    assert [(r.sensor, r.time_ns) for r in found] == [(r.sensor, r.time_ns) for r in sent(300)]
    values = [np.array([r.values for r in rows], np.float32) for rows in (found, sent(300))]
    assert np.array_equal(*values)


def test_a_recording_of_samples_becomes_readings(model: libhar.Model, tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    path.write_text(
        "# made up\nlabel,gyro_x,gyro_y,gyro_z,acc_z,acc_y,acc_x\n"
        "WALKING,1,2,3,4,5,6\n,7,8,9,1,2,3\n"
    )
    assert not is_per_sensor(path)
    assert list(readings(path, model)) == [
        Reading("accelerometer", 0, (6.0, 5.0, 4.0)),
        Reading("gyroscope", 0, (1.0, 2.0, 3.0)),
        Reading("accelerometer", 20_000_000, (3.0, 2.0, 1.0)),
        Reading("gyroscope", 20_000_000, (7.0, 8.0, 9.0)),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "column 'acc_x' is missing"),
        ("t_ns,acc_x\n1,2\n", "line 1: column 'acc_y' is missing"),
        ("t_ns,sensor,x,y,z\n1,gyroscope,1,2\n", "line 2: found 4 cells, expected 5"),
        ("t_ns,sensor,x,y,z\n#\n1,gyroscope,1,2,nan\n", "line 3: gyroscope: nan is not a finite"),
        ("t_ns,sensor,x,y,z\nx,gyroscope,1,2,3\n", "line 2: invalid literal"),
    ],
)
def test_a_bad_recording_is_named(model: libhar.Model, tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(Unreadable, match=why):
        list(readings(path, model))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, LATEST_NS - 1), st.booleans()), max_size=60))
def test_whatever_the_times_the_session_lives(model: libhar.Model, times: list) -> None:
    session = session_of(model)
    for time_ns, turning in times:
        session.take(Reading(BOTH[turning], time_ns, (0.0, 9.8, 0.0)))
    assert session.taken + session.refused == len(times)
    session.end()
    assert json.dumps(session.reasons)
