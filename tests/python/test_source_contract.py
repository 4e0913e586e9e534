"""The running check: every wrong statement about a source is flagged, the right one is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import Source, SourceSensor, contract_axes, datasets, flat
from libhar import contract as reference
from sources import NS, G, Track, due, encoded, row_model, run

PRESETS = (
    "android_sensor",
    "ios_core_motion_accelerometer",
    "ios_device_motion",
    "web_device_motion",
    "web_device_motion_ios",
    "uci_har",
)
ACC, GYRO = slice(0, 3), slice(3, 6)


@pytest.fixture(scope="module")
def model(root: Path) -> libhar.Model:
    return libhar.Model(root / "models" / "hapt_gru.har")


@pytest.fixture(scope="module")
def recordings(data_dir: Path) -> list[datasets.Recording]:
    return datasets.of_split(datasets.hapt(data_dir), datasets.HAPT_TEST_PEOPLE, "test")


def stretch(recordings: list[datasets.Recording], label: str) -> list[np.ndarray]:
    """The first ten seconds of an activity of each test person that has so much of it."""
    number = datasets.HAPT_LABELS.index(label)
    found: dict[int, np.ndarray] = {}
    for recording in recordings:
        for s in recording.stretches:
            if s.label == number and s.end - s.begin >= 500:
                found.setdefault(recording.person, recording.signal[s.begin : s.begin + 500])
    return list(found.values())


def tracks_of(signal: np.ndarray, preset: str = "uci_har", rate: float = 50.0) -> list[Track]:
    times = np.rint(np.arange(len(signal)) * (NS / rate)).astype(np.int64)
    return encoded(preset, Track(signal[:, ACC], times), Track(signal[:, GYRO], times))


def reasons(
    model: libhar.Model, source: Source, tracks: list[Track], seconds: float = 2.0
) -> set[str]:
    """The reasons that are raised by the first readings of `seconds`, which are followed by
    nothing, as an app sees them: no flush."""
    first = [t.keep(t.times - t.times[0] <= seconds * NS + 170_000_000) for t in tracks]
    stream = libhar.Stream(model, source=source, max_wait_ns=NS)
    seen: set[str] = set()
    for end in range(5, max(len(t.times) for t in first) + 5, 5):
        for i, t in enumerate(first):
            stream.push_sensor(i, t.values[end - 5 : end], t.times[end - 5 : end])
        list(due(stream))
        seen |= set(stream.counters().reasons_now)
    return seen


LYING_SIGN = 6
"""Of nine test people who lie, whose acceleration of the opposite sign is flagged: others lie as
some training people do on the other side."""


@pytest.mark.parametrize("stated", PRESETS)
@pytest.mark.parametrize("sent", PRESETS)
def test_every_wrong_preset_is_flagged_within_two_seconds(
    model: libhar.Model, recordings: list[datasets.Recording], sent: str, stated: str
) -> None:
    """Walking and lying of every test person, each preset stated for each that sends. Of presets
    that differ in the sign of the acceleration alone LYING_SIGN people's lying tells. A sensor too
    many is refused; one that never comes is silent, where the stream has a bound for it."""
    wanted, given = Source.preset(stated), Source.preset(sent)
    sign_alone = [s.unit for s in wanted.sensors] == [s.unit for s in given.sensors]
    for label in ("WALKING", "LAYING"):
        tracks = [tracks_of(signal, sent) for signal in stretch(recordings, label)]
        if len(given.sensors) > len(wanted.sensors):
            stream = libhar.Stream(model, source=wanted)
            with pytest.raises(libhar.HarError, match="sensor is 2, must be below 2"):
                stream.push_sensor(2, tracks[0][2].values, tracks[0][2].times)
            continue
        found = [reasons(model, wanted, t) for t in tracks]
        if sent == stated:
            assert not set().union(*found) & {"unit", "gravity", "rate"}, (label, found)
            continue
        least = LYING_SIGN if sign_alone and label == "LAYING" else len(found)
        assert sum(map(bool, found)) >= least, (label, found)


@pytest.mark.parametrize("sensor", [0, 1])
@pytest.mark.parametrize(
    ("stated", "sent"), [(50.0, 100.0), (100.0, 50.0), (50.0, 25.0), (0.0, 25.0), (50.0, 62.5)]
)
def test_a_wrong_rate_is_flagged(
    model: libhar.Model,
    recordings: list[datasets.Recording],
    sensor: int,
    stated: float,
    sent: float,
) -> None:
    for label in ("WALKING", "LAYING"):
        signal = stretch(recordings, label)[0]
        source = Source.preset("uci_har")
        source = replace(
            source,
            sensors=[
                replace(s, rate_hz=stated if i == sensor else 50.0)
                for i, s in enumerate(source.sensors)
            ],
        )
        tracks = tracks_of(signal)
        tracks[sensor] = tracks_of(signal, rate=sent)[sensor]
        assert "rate" in reasons(model, source, tracks)
        assert "rate" not in reasons(model, Source.preset("uci_har"), tracks_of(signal, rate=48))


FLAGGED = {
    "acc -x -y -z": (9, 6),
    "acc -x y z": (9, 5),
    "acc x -y z": (4, 9),
    "acc x y -z": (3, 6),
    "acc y x z": (8, 6),
    "acc z y x": (9, 6),
    "acc x z y": (3, 5),
    "acc y z x": (8, 6),
    "acc z x y": (9, 9),
    "gyro -x -y -z": (8, 9),
    "gyro -x y z": (1, 5),
    "gyro x -y z": (5, 5),
    "gyro x y -z": (0, 0),
    "gyro y x z": (4, 5),
    "gyro z y x": (4, 5),
    "gyro x z y": (3, 6),
    "gyro y z x": (5, 9),
    "gyro z x y": (9, 7),
    "both -x -y -z": (9, 9),
    "both -x y z": (9, 9),
    "both x -y z": (9, 9),
    "both x y -z": (9, 9),
    "both y x z": (8, 9),
    "both z y x": (9, 9),
    "both x z y": (7, 9),
    "both y z x": (7, 2),
    "both z x y": (7, 0),
}
"""What stands where x y z of a sensor, or of both, should be; of nine test people, how many are
flagged within 2 seconds of walking and of lying. docs/design/source.md says why not all."""


def stated_as(mistake: str) -> Source:
    """The right source but for the axes that `mistake` says."""
    sensor, *axes = mistake.split()
    wrong = {"acc": (0,), "gyro": (1,), "both": (0, 1)}[sensor]
    right = [SourceSensor("accelerometer", "g"), SourceSensor("gyroscope", "rad/s")]
    return Source([replace(s, axes=tuple(axes)) if i in wrong else s for i, s in enumerate(right)])


def test_the_table_has_every_mistake() -> None:
    assert set(FLAGGED) == set(contract_axes.MISTAKES)


@pytest.mark.parametrize("mistake", FLAGGED)
def test_wrong_axes_within_two_seconds(
    model: libhar.Model, recordings: list[datasets.Recording], mistake: str
) -> None:
    for label, least in zip(("WALKING", "LAYING"), FLAGGED[mistake]):
        source = stated_as(mistake)
        found = [bool(reasons(model, source, tracks_of(s))) for s in stretch(recordings, label)]
        print(mistake, label, f"{sum(found)} of {len(found)} people")
        assert sum(found) >= least


@pytest.mark.parametrize("sensor", [0, 1])
def test_wrong_units_within_two_seconds(
    model: libhar.Model, recordings: list[datasets.Recording], sensor: int
) -> None:
    """g stated as m/s^2, rad/s as degrees."""
    sensors = list(Source.preset("uci_har").sensors)
    sensors[sensor] = replace(sensors[sensor], unit=("m/s^2", "deg/s")[sensor])
    for label in ("WALKING", "LAYING"):
        for signal in stretch(recordings, label):
            assert reasons(model, Source(sensors), tracks_of(signal)), label


def test_wrong_axes_are_flagged_in_the_end(
    model: libhar.Model, recordings: list[datasets.Recording]
) -> None:
    """Of a recording of some minutes, with its walks and changes of posture."""
    for mistake in FLAGGED:
        for recording in recordings[::2]:
            stream = libhar.Stream(model, source=stated_as(mistake))
            events = run(stream, tracks_of(recording.signal))
            assert any("rotation" in e.reasons for e in events), (mistake, recording.person)


def test_the_right_statement_is_seldom_flagged(
    model: libhar.Model, recordings: list[datasets.Recording]
) -> None:
    """Of all whole recordings of the test people, by half seconds."""
    flagged = total = 0
    for recording in recordings:
        for e in libhar.Stream(model, hop=25).run(recording.signal):
            assert not set(e.reasons) & {"unit", "gravity", "rate", "clipping", "stuck_axis"}
            flagged, total = flagged + bool(e.reasons), total + 1
    print(f"{flagged} of {total} half seconds")
    assert flagged <= 0.02 * total


def test_the_device_looks_as_the_reference_does(
    model: libhar.Model, recordings: list[datasets.Recording], root: Path
) -> None:
    """Each look in C against NumPy, on a recording with the gyroscope turned round."""
    table = flat.load(root / "models" / "hapt_gru.har").signal.contracts[0]
    signal = recordings[0].signal[:9000] * np.array([1, 1, 1, -1, -1, -1], np.float32)
    stream, found = libhar.Stream(model), []
    for at in range(0, len(signal), 25):
        list(stream.feed(signal[at : at + 25]))
        found.append(stream.counters().reasons_now)
    looks = reference.look(signal[:, ACC].astype(float) * G, signal[:, GYRO].astype(float), 50.0)
    wanted = looks.steady & (reference.axes_score(table, looks) > table.axes_margin)
    assert 0 < wanted.sum() < len(wanted)
    np.testing.assert_array_equal(["rotation" in f for f in found[3:]], wanted)


# ---------------------------------------------------------------- one reason each, on made signals


def made(seconds: float = 4.0, rate: float = 50.0) -> tuple[np.ndarray, np.ndarray]:
    """Acceleration in m/s^2 and rotation of a device that sways."""
    t = np.arange(int(seconds * rate)) / rate
    sway = np.stack([np.sin(9 * t), 2 * np.sin(7 * t + 1), np.sin(8 * t + 2)], axis=1)
    return sway + np.array([0, 0, G]), sway / 3


def made_reasons(acc: np.ndarray, gyro: np.ndarray, **stated: float) -> set[str]:
    times = np.arange(len(acc)) * (NS // 50)
    source = Source(
        [SourceSensor("accelerometer", "m/s^2", **stated), SourceSensor("gyroscope", "rad/s")]
    )
    tracks = [Track(v.astype(np.float32), times) for v in (acc, gyro)]
    return reasons(row_model(), source, tracks)


def test_a_quiet_contract() -> None:
    assert made_reasons(*made(), range=20.0, rate_hz=50.0) == set()


def test_missing_gravity() -> None:
    acc, gyro = made()
    assert made_reasons(acc - np.array([0, 0, G]), gyro) == {"gravity"}


def test_units_of_acceleration_and_rotation() -> None:
    acc, gyro = made()
    assert "unit" in made_reasons(acc / G, gyro)
    assert "unit" in made_reasons(acc * G, gyro)
    assert "unit" in made_reasons(acc, np.rad2deg(gyro))


def test_clipping() -> None:
    acc, gyro = made()
    assert made_reasons(np.clip(acc, -10, 10), gyro, range=10.0) == {"clipping"}
    assert made_reasons(np.clip(acc, -10, 10), gyro) == set()


def test_a_stuck_axis() -> None:
    acc, gyro = made()
    acc[:, 1] = 0.25
    assert made_reasons(acc, gyro) == {"stuck_axis"}
    still = np.tile((0.0, 0.0, G), (200, 1))
    assert made_reasons(still, np.zeros((200, 3))) == set()


def test_rate_of_samples_without_a_source() -> None:
    model = row_model()
    acc, gyro = made()
    rows = np.hstack([acc, gyro]).astype(np.float32)
    for rate, wanted in ((50.0, set()), (48.0, set()), (100.0, {"rate"}), (30.0, {"rate"})):
        times = np.rint(np.arange(len(rows)) * (NS / rate)).astype(np.int64)
        events = list(libhar.Stream(model).run(rows, times))
        assert set().union(*(e.reasons for e in events)) == wanted


def test_events_carry_each_reason_once() -> None:
    """A reason is told by the event whose samples raised it, and not again."""
    acc, gyro = made(12.0)
    acc[150:250] /= G
    rows = np.hstack([acc, gyro]).astype(np.float32)
    events = list(libhar.Stream(row_model()).run(rows))
    assert all(bool(e.flags & libhar.CONTRACT) == bool(e.reasons) for e in events)
    told = [e.first_sample for e in events if e.reasons]
    assert 150 < min(told) <= 250
    assert max(told) < 400
