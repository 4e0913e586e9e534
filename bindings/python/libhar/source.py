"""Sources: what an app's sensors give, where that is not what a model was trained on."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from libhar import _capi
from libhar._capi import lib
from libhar.bounds import whole

KINDS = (
    "other",
    "accelerometer",
    "gyroscope",
    "magnetometer",
    "gravity",
    "linear_acceleration",
    "barometer",
    "heart_rate",
)
UNITS = ("none", "m/s^2", "g", "rad/s", "deg/s", "uT", "earth_field", "hPa", "beats/min")
PLACEMENTS = (
    "unspecified",
    "waist",
    "pocket",
    "hand",
    "left_wrist",
    "right_wrist",
    "left_arm",
    "right_arm",
    "left_leg",
    "right_leg",
    "left_ankle",
    "right_ankle",
    "chest",
    "back",
    "head",
)
PRESETS = (
    "custom",
    "android_sensor",
    "ios_core_motion_accelerometer",
    "ios_device_motion",
    "web_device_motion",
    "web_device_motion_ios",
    "uci_har",
)
MOUNTS = ("as_trained", "upside_down", "face_in", "other_wrist")
"""What `Source.mount` takes beside a matrix; include/har/source.h says what each turns."""

_MATRIX = len(MOUNTS)
_AXES = "xyz"


@dataclass(frozen=True)
class SourceSensor:
    """One sensor of the app. `axes` says what each pushed column holds: "x", "-y" and so on; a
    sensor without axes has ("",). `rate_hz` and `range` (in `unit`) are stated, or 0."""

    kind: str
    unit: str
    axes: tuple[str, ...] = ("x", "y", "z")
    rate_hz: float = 0.0
    range: float = 0.0
    placement: str = "unspecified"


@dataclass(frozen=True)
class Source:
    """The sensors of an app, in the order of their numbers, and how the device is mounted: one of
    MOUNTS, or [3, 3] that gives the model's axes from the device's."""

    sensors: Sequence[SourceSensor]
    mount: str | ArrayLike = "as_trained"
    name: str = field(default="custom", compare=False)

    @classmethod
    def preset(
        cls,
        name: str,
        *,
        rate_hz: float | None = None,
        mount: str | ArrayLike = "as_trained",
        placement: str = "unspecified",
    ) -> Source:
        """One of PRESETS; `rate_hz` of all sensors where given. Raises ValueError."""
        made = _capi.Source()
        number = _number(PRESETS, name, "preset")
        lib.har_source_init(ctypes.byref(made), ctypes.sizeof(made), number)
        sensors = [_sensor(made.sensors[i]) for i in range(made.sensor_count)]
        rates = [s.rate_hz if rate_hz is None else rate_hz for s in sensors]
        return cls(
            [replace(s, rate_hz=r, placement=placement) for s, r in zip(sensors, rates)],
            mount,
            name,
        )

    def __eq__(self, other: object) -> bool:
        """Whether both have the same sensors, mounted alike."""
        if not isinstance(other, Source):
            return NotImplemented
        return self.sensors == other.sensors and np.array_equal(self.mount, other.mount)

    def number_of(self, sensor: SupportsIndex | str) -> int:
        """The number of a sensor given by it or by its kind. Raises ValueError."""
        if not isinstance(sensor, str):
            return whole(sensor, "sensor")
        return _number([s.kind for s in self.sensors], sensor, "sensor")

    def as_struct(self) -> _capi.Source:
        """For the C library. Raises ValueError for names that are not known."""
        if len(self.sensors) > _capi.MAX_SENSORS:
            raise ValueError(f"{len(self.sensors)} sensors, at most {_capi.MAX_SENSORS}")
        made = _capi.Source()
        lib.har_source_init(ctypes.byref(made), ctypes.sizeof(made), 0)
        made.preset = _number(PRESETS, self.name, "preset")
        made.sensor_count = len(self.sensors)
        for i, sensor in enumerate(self.sensors):
            _fill(made.sensors[i], sensor)
        if isinstance(self.mount, str):
            made.mount = _number(MOUNTS, self.mount, "mount")
        else:
            matrix = np.asarray(self.mount, np.float64)
            if matrix.shape != (3, 3):
                raise ValueError(f"mount has shape {matrix.shape}, must be (3, 3)")
            made.mount = _MATRIX
            made.matrix[:] = matrix.ravel().tolist()
        return made


def _number(names: Sequence[str], name: str, what: str) -> int:
    if name not in names:
        raise ValueError(f"{what} is {name!r}, must be one of {', '.join(map(repr, names))}")
    return list(names).index(name)


def _sensor(made: _capi.SourceSensor) -> SourceSensor:
    axes = [""] * 3
    for a, name in enumerate(_AXES):
        axes[made.axis[a]] = ("-" if made.sign[a] < 0 else "") + name
    return SourceSensor(
        KINDS[made.kind],
        UNITS[made.unit],
        tuple(axes) if made.columns == 3 else ("",),
        made.rate_hz,
        made.range,
        PLACEMENTS[made.placement],
    )


def _fill(made: _capi.SourceSensor, sensor: SourceSensor) -> None:
    made.kind = _number(KINDS, sensor.kind, "kind")
    made.unit = _number(UNITS, sensor.unit, "unit")
    made.placement = _number(PLACEMENTS, sensor.placement, "placement")
    made.columns = len(sensor.axes)
    made.rate_hz, made.range = sensor.rate_hz, sensor.range
    if tuple(sensor.axes) == ("",):
        return
    names = [axis[1:] if axis.startswith(("+", "-")) else axis for axis in sensor.axes]
    if sorted(names) != list(_AXES):
        raise ValueError(f"axes are {sensor.axes}, must name x, y and z once each")
    for a, name in enumerate(_AXES):
        column = names.index(name)
        made.axis[a] = column
        made.sign[a] = -1 if sensor.axes[column].startswith("-") else 1
