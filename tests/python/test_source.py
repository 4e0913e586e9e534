"""Sources: units, signs, axes and mounts against the physics, and what is refused."""

from __future__ import annotations

import libhar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libhar import Source, SourceSensor
from scipy.spatial.transform import Rotation
from sources import NS, G, Track, row_model, rows

TIMES = np.arange(8) * (NS // 50)


@pytest.fixture(scope="module")
def model() -> libhar.Model:
    return row_model()


def first_row(model: libhar.Model, source: Source, *values: object) -> np.ndarray:
    """The model's row for constant readings of each sensor."""
    tracks = [Track(np.tile(np.array(v, np.float32), (len(TIMES), 1)), TIMES) for v in values]
    return rows(libhar.Stream(model, source=source), tracks)[0][0]


NONE = (0, 0, 0)


@pytest.mark.parametrize(
    ("preset", "readings", "acceleration"),
    [
        # flat on a table, screen up: Android reads +9.81 on z, Core Motion -1 g
        ("android_sensor", [(0, 0, G), NONE], (0, 0, G)),
        ("ios_core_motion_accelerometer", [(0, 0, -1), NONE], (0, 0, G)),
        ("ios_device_motion", [NONE, (0, 0, -1), NONE], (0, 0, G)),
        ("web_device_motion", [(0, 0, G), NONE], (0, 0, G)),
        ("web_device_motion_ios", [(0, 0, -G), NONE], (0, 0, G)),
        ("uci_har", [(0, 0, 1), NONE], (0, 0, G)),
        # free fall: every accelerometer reads 0; userAcceleration is 1 g against gravity
        ("android_sensor", [NONE, NONE], NONE),
        ("ios_core_motion_accelerometer", [NONE, NONE], NONE),
        ("ios_device_motion", [(0, 0, 1), (0, 0, -1), NONE], NONE),
        # pushed to the right at 1 g, standing on its lower edge
        ("android_sensor", [(G, G, 0), NONE], (G, G, 0)),
        ("ios_core_motion_accelerometer", [(-1, -1, 0), NONE], (G, G, 0)),
        ("ios_device_motion", [(-1, 0, 0), (0, -1, 0), NONE], (G, G, 0)),
    ],
)
def test_presets_agree_at_rest_in_motion_and_in_free_fall(
    model: libhar.Model, preset: str, readings: list[object], acceleration: object
) -> None:
    row = first_row(model, Source.preset(preset), *readings)
    np.testing.assert_allclose(row[:3], acceleration, atol=1e-6)


def test_rotation_of_the_presets(model: libhar.Model) -> None:
    """Right-handed about x, y, z everywhere; a browser's alpha, beta, gamma in deg/s."""
    rates = (0.1, -0.2, 0.3)
    for preset in ("android_sensor", "ios_core_motion_accelerometer", "uci_har"):
        found = first_row(model, Source.preset(preset), NONE, rates)
        np.testing.assert_allclose(found[3:], rates, atol=1e-6)
    found = first_row(model, Source.preset("ios_device_motion"), NONE, NONE, rates)
    np.testing.assert_allclose(found[3:], rates, atol=1e-6)
    for preset in ("web_device_motion", "web_device_motion_ios"):
        found = first_row(model, Source.preset(preset), NONE, np.rad2deg(rates))
        np.testing.assert_allclose(found[3:], rates, atol=1e-6)


def test_presets_are_described() -> None:
    found = Source.preset("web_device_motion_ios", rate_hz=60)
    assert [s.kind for s in found.sensors] == ["accelerometer", "gyroscope"]
    assert found.sensors[0] == SourceSensor("accelerometer", "m/s^2", ("-x", "-y", "-z"), 60.0)
    assert found.sensors[1].unit == "deg/s"
    with pytest.raises(ValueError, match="preset is 'windows'"):
        Source.preset("windows")


@given(
    order=st.permutations(range(3)),
    signs=st.tuples(*[st.sampled_from((-1, 1))] * 3),
    unit=st.sampled_from([("m/s^2", 1.0), ("g", G)]),
    turn=st.tuples(*[st.floats(-3, 3)] * 3),
    mirrored=st.booleans(),
)
def test_axes_units_and_mount_are_a_matrix(
    order: list[int],
    signs: tuple[int, ...],
    unit: tuple[str, float],
    turn: tuple[float, ...],
    mirrored: bool,
) -> None:
    """Against NumPy: what column j holds is axis order[j]; the mount turns arrows, and a mirror
    turns rates of rotation the other way besides."""
    axes = tuple(("-" if s < 0 else "") + "xyz"[a] for a, s in zip(order, signs))
    mount = Rotation.from_rotvec(turn).as_matrix() @ np.diag([-1.0 if mirrored else 1.0, 1, 1])
    source = Source(
        [SourceSensor("accelerometer", unit[0], axes), SourceSensor("gyroscope", "deg/s", axes)],
        mount,
    )
    pushed = np.array([[0.5, -1.5, 2.5], [10.0, 20.0, -30.0]])
    device = np.zeros((2, 3))
    for j, (a, s) in enumerate(zip(order, signs)):
        device[:, a] = s * pushed[:, j]
    row = first_row(row_model(), source, *pushed)
    np.testing.assert_allclose(row[:3], mount @ device[0] * unit[1], rtol=1e-5, atol=1e-5)
    axial = -mount if mirrored else mount
    np.testing.assert_allclose(row[3:], axial @ np.deg2rad(device[1]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("mount", "acc", "gyro"),
    [
        ("as_trained", (1, 1, 1), (1, 1, 1)),
        ("upside_down", (-1, -1, 1), (-1, -1, 1)),
        ("face_in", (-1, 1, -1), (-1, 1, -1)),
        ("other_wrist", (-1, 1, 1), (1, -1, -1)),
    ],
)
def test_named_mounts(model: libhar.Model, mount: str, acc: object, gyro: object) -> None:
    source = Source.preset("android_sensor", mount=mount)
    row = first_row(model, source, (1, 2, 3), (4, 5, 6))
    np.testing.assert_array_equal(row, np.r_[np.array(acc) * (1, 2, 3), np.array(gyro) * (4, 5, 6)])


def test_linear_acceleration_is_the_rest() -> None:
    """A model of linear acceleration, served by an accelerometer and a gravity sensor."""
    model = row_model()
    described = row_model(kind="linear_acceleration", unit="m/s^2", placement="waist")
    source = Source([SourceSensor("accelerometer", "g"), SourceSensor("gravity", "m/s^2")])
    with pytest.raises(libhar.HarError, match="channel 3, gyro_x"):
        libhar.Stream(model, source=source)
    row = first_row(described, source, (1, 2, 3), (G, 0, 0))
    np.testing.assert_allclose(row[:3], (0, 2 * G, 3 * G), atol=1e-5)


def test_placements_choose_the_sensor() -> None:
    model = row_model(placement="left_wrist")
    gyro = SourceSensor("gyroscope", "rad/s")
    waist, wrist = (
        SourceSensor("accelerometer", "g", placement=p) for p in ("waist", "left_wrist")
    )
    row = first_row(model, Source([waist, wrist, gyro]), (1, 0, 0), (2, 0, 0), NONE)
    np.testing.assert_allclose(row[0], 2 * G, rtol=1e-6)
    with pytest.raises(libhar.HarError, match="channel 0, acc_x"):
        libhar.Stream(model, source=Source([waist, gyro]))


ACC, GYRO = SourceSensor("accelerometer", "g"), SourceSensor("gyroscope", "rad/s")


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (Source([]), "config.source.sensor_count"),
        (Source([SourceSensor("accelerometer", "rad/s"), GYRO]), "config.source.sensors[0].unit"),
        (Source([SourceSensor("accelerometer", "g", rate_hz=-1.0), GYRO]), "sensors[0].rate_hz"),
        (Source([ACC, SourceSensor("gyroscope", "rad/s", range=-1.0)]), "sensors[1].range"),
        (Source([ACC, GYRO], mount=np.eye(3) * 1.1), "config.source.matrix row 0 by row 0"),
        (Source([ACC, SourceSensor("gyroscope", "rad/s", ("x", "y"))]), "names"),
        (Source([ACC, SourceSensor("barometer", "hPa", ("",))]), "channel 3, gyro_x"),
        (Source([SourceSensor("accelerometer", "g", rate_hz=9e4), GYRO]), None),
    ],
)
def test_a_source_that_cannot_be_is_refused(
    model: libhar.Model, source: Source, field: str | None
) -> None:
    if field == "names":
        with pytest.raises(ValueError, match="must name x, y and z"):
            libhar.Stream(model, source=source)
    elif field is None:
        with pytest.raises(libhar.HarError, match="readings that wait"):
            libhar.Stream(model, source=source, max_wait_ns=20 * NS)
    else:
        with pytest.raises(libhar.HarError) as caught:
            libhar.Stream(model, source=source)
        assert caught.value.name == "HAR_ERR_VALUE"
        assert field in caught.value.field


def test_errors_of_the_push_change_nothing(model: libhar.Model) -> None:
    source = Source.preset("android_sensor")
    values = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    times = np.arange(40) * (NS // 50)
    wanted = rows(libhar.Stream(model, source=source), [Track(values, times)] * 2)[0]
    stream = libhar.Stream(model, source=source)
    for sensor in (0, 1):
        stream.push_sensor(sensor, values[:20], times[:20])
    bad = values[20:23].copy()
    bad[2, 1] = np.inf
    cases = [
        ("HAR_ERR_SAMPLE_NOT_FINITE", 0, bad, times[20:23]),
        ("HAR_ERR_TIME_BACKWARDS", 1, values[20:22], times[18:20]),
        ("HAR_ERR_TIME_BACKWARDS", 0, values[20:22], times[[21, 20]]),
        ("HAR_ERR_VALUE", 2, values[20:21], times[20:21]),
        ("HAR_ERR_VALUE", 0, values[20:21], np.array([2**62])),
        ("HAR_ERR_CHANNELS", 0, values[20:21, :2], times[20:21]),
    ]
    for name, sensor, given_values, given_times in cases:
        with pytest.raises(libhar.HarError) as caught:
            stream.push_sensor(sensor, given_values, given_times)
        assert caught.value.name == name
    with pytest.raises(libhar.HarError, match="HAR_ERR_SOURCE"):
        stream.push(np.zeros((1, 6), np.float32))
    found = []
    for sensor in (0, 1):
        stream.push_sensor(sensor, values[20:], times[20:])
    while not stream.flush():
        found += [stream.poll()]
    while (event := stream.poll()) is not None:
        found.append(event)
    np.testing.assert_array_equal([e.scores for e in found if e], wanted)
    with pytest.raises(libhar.HarError, match="HAR_ERR_FLUSHED"):
        stream.push_sensor(0, values[:1], times[-1:] + 1)
    with pytest.raises(ValueError, match="no source"):
        libhar.Stream(model).push_sensor(0, values, times)
    with pytest.raises(libhar.HarError, match="HAR_ERR_VALUE"):
        libhar.Stream(model, source=source, max_wait_ns=-1)


def test_the_stream_keeps_nothing_of_the_source(model: libhar.Model) -> None:
    """What is stated is read by create alone: an own copy serves, and a reset begins anew."""
    source = Source.preset("uci_har")
    tracks = [Track(np.ones((60, 3), np.float32), np.arange(60) * (NS // 50))] * 2
    stream = libhar.Stream(model, source=source)
    first = rows(stream, tracks)
    stream.reset()
    again = rows(stream, tracks)
    assert first[0].tobytes() == again[0].tobytes()
    assert stream.counters().rows == 60


def test_times_of_a_sensor_are_integers_or_dates(model: libhar.Model) -> None:
    """Rows that are a second apart in the model's 50 Hz: a unit read wrongly would give others."""
    source = Source.preset("uci_har")
    values = np.random.default_rng(4).normal(size=(3, 3)).astype(np.float32)
    seconds = np.arange(3) + 1_700_000_000
    found = []
    for times in (seconds * NS, seconds.astype("datetime64[s]"), (seconds * 1000).astype("M8[ms]")):
        stream = libhar.Stream(model, source=source, max_gap_ns=2 * NS)
        found.append(rows(stream, [Track(values, times)] * 2))
    assert len(found[0][0]) > 50
    for other in found[1:]:
        for one, same in zip(found[0], other):
            np.testing.assert_array_equal(one, same)
    stream = libhar.Stream(model, source=source)
    with pytest.raises(ValueError, match="times_ns is float64, must be integers"):
        stream.push_sensor(0, values, seconds * 1.0)


def test_a_sensor_s_number_may_be_numpy_s(model: libhar.Model) -> None:
    stream = libhar.Stream(model, source=Source.preset("uci_har"))
    times = np.arange(1) * NS
    for sensor in (np.int64(0), np.uint8(1)):
        assert stream.push_sensor(sensor, np.zeros((1, 3), np.float32), times) == 1
    for sensor, complaint in (
        (-1, "sensor is -1, must be at least 0"),
        (2**32, "sensor is 4294967296, must be at most"),
        (0.0, "sensor is 0.0, must be a whole number"),
        ("barometer", "sensor is 'barometer', must be one of 'accelerometer', 'gyroscope'"),
    ):
        with pytest.raises(ValueError, match=complaint):
            stream.push_sensor(sensor, np.zeros((1, 3), np.float32), times + 1)
    stream.close()
    with pytest.raises(ValueError, match="the stream is closed"):
        stream.push_sensor(0, np.zeros((1, 3), np.float32), times + 1)


@pytest.mark.parametrize("axis", ["--z", "+-z", "-+z", "++z", "-", "z-", "Z"])
def test_an_axis_has_one_sign(model: libhar.Model, axis: str) -> None:
    sensor = SourceSensor("accelerometer", "g", ("x", "+y", axis))
    with pytest.raises(ValueError, match="must name x, y and z"):
        libhar.Stream(model, source=Source([sensor, GYRO]))


def test_sources_are_compared_by_what_they_say() -> None:
    turned = np.diag([-1.0, -1.0, 1.0])
    source = Source([ACC, GYRO], turned)
    assert source == Source([ACC, GYRO], turned.copy())
    assert source == Source([ACC, GYRO], turned.tolist(), name="uci_har")
    assert source != Source([ACC, GYRO], np.eye(3))
    assert source != Source([ACC, GYRO], turned[:2])
    assert source != Source([ACC, GYRO])
    assert source != Source([ACC], turned)
    assert Source([ACC]) == Source([ACC], "as_trained") != Source([ACC], "face_in")
    assert source != "source"
    assert hash(Source((ACC, GYRO))) == hash(Source((ACC, GYRO)))
