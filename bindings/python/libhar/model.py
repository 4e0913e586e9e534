"""Models: one opened `*.har` file."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libhar import _capi
from libhar._capi import call, check, lib, sized
from libhar.bounds import whole
from libhar.errors import HarError, of_file

_TEXTS = (
    "name",
    "version",
    "description",
    "training_data",
    "split",
    "licence",
    "source",
    "devices",
)


@dataclass(frozen=True)
class Info:
    """What a model is, in numbers; the fields of `har_model_info`."""

    format_major: int
    format_minor: int
    channel_count: int
    signal_channel_count: int
    class_count: int
    window: int
    hop: int
    latency: int
    signal_step_count: int
    plan_step_count: int
    golden_count: int
    measurement_count: int
    numeric: int
    rate_hz: float
    file_bytes: int
    model_bytes: int
    stream_bytes: int
    arena_bytes: int
    parameters: int
    macs: int


@dataclass(frozen=True)
class ChannelInfo:
    """One sensor channel."""

    name: str
    kind: str
    axis: str
    unit: str
    placement: str


@dataclass(frozen=True)
class MeasurementInfo:
    """One measured figure of the card; without an interval where `interval` is ""."""

    metric: str
    split: str
    value: float
    low: float
    high: float
    interval: str


@dataclass(frozen=True)
class PlanStep:
    """One step of the plan: an op with what was fused into it."""

    name: str
    op: str
    fused: str
    backend: str
    kernel: str
    rows: int
    columns: int
    in_place: bool
    macs: int
    weight_bytes: int
    offset: int
    reason: str


@dataclass(frozen=True)
class OverlapStep:
    """What a step of the plan does for a window that overlaps the last one."""

    rows: int
    kept: int
    """Rows that the last window has left."""
    macs: int
    kernel: str
    reason: str
    note: str
    """Why nothing is kept."""


@dataclass(frozen=True)
class SelftestReport:
    """What the golden vectors showed; `golden` and `stage` are None where all were reproduced."""

    checked: int
    golden: str | None
    stage: str | None
    index: int
    expected: float
    found: float
    tolerance: float
    worst_signal: float
    worst_network: float
    worst_scores: float

    @property
    def passed(self) -> bool:
        return self.stage is None


class Model:
    """A recognizer, opened from a path or from the bytes of a file, which are copied.

    Never changes after it is opened; any number of threads and streams may use it. Raises HarError,
    which names the file, and ValueError for numbers that no field holds.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | bytearray | memoryview,
        *,
        cpu_allowed: int = 0,
        backend: int = 0,
        hop: int = 0,
    ) -> None:
        """`cpu_allowed` and `backend` are those of har_model_config: 0 leaves the choice open.

        `hop`, in samples, is what kernels of overlapping windows are chosen for; 0: the model's.
        """
        self._handle = ctypes.c_void_p()
        out = ctypes.byref(self._handle)
        config = _capi.ModelConfig()
        lib.har_model_config_init(ctypes.byref(config), ctypes.sizeof(config))
        config.cpu_allowed = whole(cpu_allowed, "cpu_allowed")
        config.backend = whole(backend, "backend")
        config.hop = whole(hop, "hop")
        if isinstance(source, (bytes, bytearray, memoryview)):
            content = bytes(source)
            config.copy_bytes = 1
            call(lib.har_model_open_memory, content, len(content), ctypes.byref(config), out)
        else:
            with of_file(os.fsdecode(source)):
                call(lib.har_model_open_file, _path(source), ctypes.byref(config), out)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            lib.har_model_release(self._handle)

    @property
    def handle(self) -> ctypes.c_void_p:
        """The `har_model *`, owned by this object."""
        return self._handle

    @cached_property
    def info(self) -> Info:
        return Info(**values_of(lib.har_model_get_info, _capi.ModelInfo, self._handle))

    @cached_property
    def texts(self) -> dict[str, str]:
        """The card's texts: name, version, description, training_data, split, licence, source,
        devices; "" where the file has none."""
        return {name: lib.har_model_text(self._handle, i).decode() for i, name in enumerate(_TEXTS)}

    @property
    def name(self) -> str:
        return self.texts["name"]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes; empty for a model without a network."""
        count = self.info.class_count
        return tuple(lib.har_model_class_name(self._handle, i).decode() for i in range(count))

    @cached_property
    def channels(self) -> tuple[ChannelInfo, ...]:
        """The sensor channels, in the order samples have them."""
        return tuple(
            ChannelInfo(**values_of(lib.har_model_get_channel, _capi.ChannelInfo, self._handle, i))
            for i in range(self.info.channel_count)
        )

    @cached_property
    def measurements(self) -> tuple[MeasurementInfo, ...]:
        """The card's figures, in the order of the file."""
        return tuple(
            MeasurementInfo(
                **values_of(lib.har_model_get_measurement, _capi.Measurement, self._handle, i)
            )
            for i in range(self.info.measurement_count)
        )

    @cached_property
    def plan(self) -> tuple[PlanStep, ...]:
        """The steps that compute the network."""
        found = (
            values_of(lib.har_model_get_plan_step, _capi.PlanStep, self._handle, i)
            for i in range(self.info.plan_step_count)
        )
        return tuple(PlanStep(**{**f, "in_place": bool(f["in_place"])}) for f in found)

    def overlap(self, hop: int = 0) -> tuple[OverlapStep, ...]:
        """What the steps do for a window `hop` samples after the last; 0: the model's hop."""
        hop = whole(hop, "hop")
        found = (
            values_of(lib.har_model_get_overlap_step, _capi.OverlapStep, self._handle, i, hop)
            for i in range(self.info.plan_step_count)
        )
        return tuple(OverlapStep(**f) for f in found)

    def preprocess(self, samples: ArrayLike) -> NDArray[np.float32]:
        """The signal steps over a whole recording: [rows, channels] to [rows, signal channels].

        Row i of the result belongs to sample i; the values are, bit for bit, those of a stream's
        windows.
        """
        recording = rows_of(samples)
        output = np.empty((len(recording), self.info.signal_channel_count), np.float32)
        call(
            lib.har_preprocess,
            self._handle,
            recording.ctypes.data,
            len(recording),
            recording.shape[1],
            output.ctypes.data,
        )
        return output

    def classify(
        self, windows: ArrayLike, *, threads: int = 0
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """The network over [count, window, signal channels], the signal steps already applied.

        Returns float32 [count, classes] scores, not smoothed, and int32 [count] classes, -1 for
        unknown. `threads` is at most 256, 0 means one for each core. Raises HarError.
        """
        info = self.info
        array = np.ascontiguousarray(windows, np.float32)
        shape = (info.window, info.signal_channel_count)
        if array.ndim != 3 or array.shape[1:] != shape:
            raise ValueError(
                f"windows have shape {array.shape}, must be [count, {shape[0]}, {shape[1]}]"
            )
        scores = np.empty((len(array), info.class_count), np.float32)
        classes = np.empty(len(array), np.int32)
        call(
            lib.har_classify_batch,
            self._handle,
            array.ctypes.data,
            len(array),
            whole(threads, "threads"),
            scores.ctypes.data,
            classes.ctypes.data,
        )
        return scores, classes

    def selftest(self) -> SelftestReport:
        """Runs the golden vectors. Raises HarError where the model has none."""
        report = sized(_capi.Selftest)
        try:
            call(lib.har_model_selftest, self._handle, ctypes.byref(report))
        except HarError as error:
            if error.name != "HAR_ERR_GOLDEN_MISMATCH":
                raise
        return SelftestReport(**fields_of(report))


def _path(source: str | os.PathLike[str]) -> bytes:
    """A path as C takes it, which would end at the first null."""
    path = os.fsencode(source)
    if b"\0" in path:
        raise ValueError(f"the path is {path!r}, must not hold a null")
    return path


def rows_of(samples: ArrayLike) -> NDArray[np.float32]:
    """Samples as float32 [rows, columns] without gaps. Raises ValueError for other shapes."""
    array = np.ascontiguousarray(samples, np.float32)
    if array.ndim != 2:
        raise ValueError(f"samples have shape {array.shape}, must be [rows, channels]")
    return array


def fields_of(struct: ctypes.Structure) -> dict[str, Any]:
    """The fields of a C struct, texts decoded, without the ones that only serve the ABI."""
    values = {name: getattr(struct, name) for name, *_ in struct._fields_}
    return {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in values.items()
        if name not in ("struct_size", "reserved")
    }


def values_of(function: Any, struct: type[ctypes.Structure], *arguments: Any) -> dict[str, Any]:
    filled = sized(struct)
    check(function(*arguments, ctypes.byref(filled)))
    return fields_of(filled)
