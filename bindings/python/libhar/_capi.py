"""The C library through ctypes: its structs, its functions.

The structs mirror include/har/*.h field by field; a test compares their sizes with the compiler's.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import (
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any

from libhar._library import Library
from libhar.errors import HarError

OK, AGAIN, PARTIAL = 0, 1, 2
NO_BYTE = 2**64 - 1


class Error(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("byte", c_uint64),
        ("value", c_double),
        ("bound", c_double),
        ("field", c_char * 96),
        ("text", c_char * 256),
    ]


class Allocator(Structure):
    _fields_ = [("user", c_void_p), ("allocate", c_void_p), ("release", c_void_p)]


class ModelConfig(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("copy_bytes", c_uint32),
        ("allocator", Allocator),
        ("cpu_allowed", c_uint32),
        ("backend", c_uint32),
        ("hop", c_uint32),
        ("reserved", c_uint32),
    ]


class DecisionConfig(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("temperature", c_float),
        ("smoothing", c_float),
        ("majority", c_uint32),
        ("enter_above", c_float),
        ("exit_below", c_float),
        ("min_duration_ns", c_int64),
        ("abstain_below", c_float),
        ("reserved", c_uint32),
    ]


MAX_SENSORS = 16


class SourceSensor(Structure):
    _fields_ = [
        *((name, c_uint32) for name in ("kind", "unit", "placement", "columns")),
        ("axis", c_int32 * 3),
        ("sign", c_int32 * 3),
        ("rate_hz", c_double),
        ("range", c_double),
    ]


class Source(Structure):
    _fields_ = [
        *((name, c_uint32) for name in ("struct_size", "preset", "sensor_count", "mount")),
        ("sensors", SourceSensor * MAX_SENSORS),
        ("matrix", c_double * 9),
    ]


class StreamConfig(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("hop", c_uint32),
        ("queue", c_uint32),
        ("reserved", c_uint32),
        ("max_gap_ns", c_int64),
        ("arena", c_void_p),
        ("arena_size", c_uint64),
        ("allocator", Allocator),
        ("source", POINTER(Source)),
        ("max_wait_ns", c_int64),
        ("decision", POINTER(DecisionConfig)),
        ("reuse", c_uint32),
        ("still_gate", c_uint32),
        ("max_stretch", c_uint32),
        ("reserved2", c_uint32),
    ]


class ModelInfo(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        *(
            (name, c_uint32)
            for name in (
                "format_major",
                "format_minor",
                "channel_count",
                "signal_channel_count",
                "class_count",
                "window",
                "hop",
                "latency",
                "signal_step_count",
                "plan_step_count",
                "golden_count",
                "measurement_count",
                "numeric",
            )
        ),
        ("rate_hz", c_double),
        *(
            (name, c_uint64)
            for name in (
                "file_bytes",
                "model_bytes",
                "stream_bytes",
                "arena_bytes",
                "parameters",
                "macs",
            )
        ),
    ]


class ChannelInfo(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        *((name, c_char_p) for name in ("name", "kind", "axis", "unit", "placement")),
    ]


class Measurement(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("metric", c_char_p),
        ("split", c_char_p),
        ("value", c_double),
        ("low", c_double),
        ("high", c_double),
        ("interval", c_char_p),
    ]


class PlanStep(Structure):
    _fields_ = [
        *((name, c_uint32) for name in ("struct_size", "rows", "columns", "in_place")),
        *((name, c_char_p) for name in ("name", "op", "fused", "backend", "kernel")),
        *((name, c_uint64) for name in ("macs", "weight_bytes", "offset")),
        ("reason", c_char_p),
    ]


class OverlapStep(Structure):
    _fields_ = [
        *((name, c_uint32) for name in ("struct_size", "rows", "kept", "reserved")),
        ("macs", c_uint64),
        *((name, c_char_p) for name in ("kernel", "reason", "note")),
    ]


class Selftest(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("checked", c_uint32),
        ("golden", c_char_p),
        ("stage", c_char_p),
        ("index", c_uint32),
        ("reserved", c_uint32),
        *(
            (name, c_double)
            for name in (
                "expected",
                "found",
                "tolerance",
                "worst_signal",
                "worst_network",
                "worst_scores",
            )
        ),
    ]


class Event(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("class_index", c_int32),
        ("name", c_char_p),
        ("scores", POINTER(c_float)),
        ("score_count", c_uint32),
        ("confidence", c_float),
        ("t_start_ns", c_int64),
        ("t_end_ns", c_int64),
        ("first_sample", c_uint64),
        ("flags", c_uint32),
        ("reserved", c_uint32),
        ("left_index", c_int32),
        ("raw_index", c_int32),
        ("since_ns", c_int64),
        ("reasons", c_uint32),
        ("reserved2", c_uint32),
    ]


class StreamCounters(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reasons_now", c_uint32),
        *(
            (name, c_uint64)
            for name in (
                "samples",
                "gaps",
                "windows",
                "windows_skipped",
                "windows_stretched",
                "macs",
                "macs_fresh",
                "rows",
                "rows_lost",
                "duplicates",
            )
        ),
        ("rate_hz", c_double * MAX_SENSORS),
    ]


class ExplainerConfig(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("arena", c_void_p),
        ("arena_size", c_uint64),
        ("allocator", Allocator),
    ]


class ExplainerInfo(Structure):
    _fields_ = [
        *(
            (name, c_uint32)
            for name in (
                "struct_size",
                "linear_from",
                "sample_columns",
                "has_class_map",
                "attention_count",
                "reserved",
            )
        ),
        *((name, c_uint64) for name in ("bytes", "macs", "forward_macs")),
    ]


class ExplainOptions(Structure):
    _fields_ = [
        *((name, c_uint32) for name in ("struct_size", "method", "target")),
        ("class_index", c_int32),
        *((name, c_uint32) for name in ("at", "attention")),
        ("macs", c_uint64),
    ]


class Explanation(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        *((name, c_int32) for name in ("class_index", "other_index")),
        *((name, c_uint32) for name in ("signal_steps", "rows", "columns")),
        ("name", c_char_p),
        *((name, POINTER(c_float)) for name in ("values", "per_column")),
        ("value", c_float),
        ("reserved", c_uint32),
        *((name, c_uint64) for name in ("first_sample", "macs")),
    ]


_pointer = c_void_p  # handles and arrays of numbers travel as addresses

FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "har_version": (c_uint32, []),
    "har_status_name": (c_char_p, [c_int32]),
    "har_status_text": (c_char_p, [c_int32]),
    "har_error_init": (None, [POINTER(Error), c_uint32]),
    "har_model_config_init": (None, [POINTER(ModelConfig), c_uint32]),
    "har_model_open_file": (
        c_int32,
        [c_char_p, POINTER(ModelConfig), POINTER(_pointer), POINTER(Error)],
    ),
    "har_model_open_memory": (
        c_int32,
        [c_char_p, c_size_t, POINTER(ModelConfig), POINTER(_pointer), POINTER(Error)],
    ),
    "har_model_retain": (_pointer, [_pointer]),
    "har_model_release": (None, [_pointer]),
    "har_model_get_info": (c_int32, [_pointer, POINTER(ModelInfo)]),
    "har_model_text": (c_char_p, [_pointer, c_int32]),
    "har_model_class_name": (c_char_p, [_pointer, c_uint32]),
    "har_model_get_channel": (c_int32, [_pointer, c_uint32, POINTER(ChannelInfo)]),
    "har_model_get_measurement": (c_int32, [_pointer, c_uint32, POINTER(Measurement)]),
    "har_model_describe_signal_step": (c_int32, [_pointer, c_uint32, c_char_p, c_size_t]),
    "har_backends": (c_uint32, []),
    "har_backend_name": (c_char_p, [c_uint32]),
    "har_cpu_features": (c_uint32, []),
    "har_cpu_name": (c_char_p, [c_uint32]),
    "har_model_get_plan_step": (c_int32, [_pointer, c_uint32, POINTER(PlanStep)]),
    "har_model_get_overlap_step": (
        c_int32,
        [_pointer, c_uint32, c_uint32, POINTER(OverlapStep)],
    ),
    "har_model_selftest": (c_int32, [_pointer, POINTER(Selftest), POINTER(Error)]),
    "har_decision_config_init": (c_int32, [POINTER(DecisionConfig), c_uint32, _pointer]),
    "har_stream_config_init": (None, [POINTER(StreamConfig), c_uint32]),
    "har_stream_memory_needed": (
        c_int32,
        [_pointer, POINTER(StreamConfig), POINTER(c_uint64), POINTER(Error)],
    ),
    "har_stream_create": (
        c_int32,
        [_pointer, POINTER(StreamConfig), POINTER(_pointer), POINTER(Error)],
    ),
    "har_stream_destroy": (None, [_pointer]),
    "har_push_samples": (
        c_int32,
        [_pointer, _pointer, c_size_t, c_uint32, _pointer, POINTER(c_size_t), POINTER(Error)],
    ),
    "har_source_init": (None, [POINTER(Source), c_uint32, c_uint32]),
    "har_reason_name": (c_char_p, [c_uint32]),
    "har_push_sensor": (
        c_int32,
        [
            _pointer,
            c_uint32,
            _pointer,
            c_size_t,
            c_uint32,
            _pointer,
            POINTER(c_size_t),
            POINTER(Error),
        ],
    ),
    "har_poll_label": (c_int32, [_pointer, POINTER(Event), POINTER(Error)]),
    "har_poll_labels": (
        c_int32,
        [
            _pointer,
            c_uint32,
            POINTER(Event),
            _pointer,
            c_size_t,
            POINTER(c_size_t),
            POINTER(Error),
        ],
    ),
    "har_classify_window": (
        c_int32,
        [_pointer, _pointer, c_size_t, c_uint32, POINTER(Event), POINTER(Error)],
    ),
    "har_classify_batch": (
        c_int32,
        [_pointer, _pointer, c_size_t, c_uint32, _pointer, _pointer, POINTER(Error)],
    ),
    "har_explainer_config_init": (None, [POINTER(ExplainerConfig), c_uint32]),
    "har_explainer_get_info": (c_int32, [_pointer, POINTER(ExplainerInfo), POINTER(Error)]),
    "har_explainer_create": (
        c_int32,
        [_pointer, POINTER(ExplainerConfig), POINTER(_pointer), POINTER(Error)],
    ),
    "har_explainer_destroy": (None, [_pointer]),
    "har_explain_options_init": (None, [POINTER(ExplainOptions), c_uint32]),
    "har_explain_window": (
        c_int32,
        [
            _pointer,
            _pointer,
            c_size_t,
            c_uint32,
            POINTER(ExplainOptions),
            POINTER(Explanation),
            POINTER(Error),
        ],
    ),
    "har_explain_stream": (
        c_int32,
        [_pointer, _pointer, POINTER(ExplainOptions), POINTER(Explanation), POINTER(Error)],
    ),
    "har_stream_flush": (c_int32, [_pointer, POINTER(Error)]),
    "har_stream_reset": (c_int32, [_pointer, POINTER(Error)]),
    "har_stream_get_counters": (c_int32, [_pointer, POINTER(StreamCounters)]),
    "har_preprocess": (
        c_int32,
        [_pointer, _pointer, c_size_t, c_uint32, _pointer, POINTER(Error)],
    ),
}
"""Result and argument types of every function of the public API."""


lib = Library(FUNCTIONS)


def call(function: Callable[..., int], *arguments: Any) -> int:
    """Calls a function that ends in a `har_error *`; raises HarError for a negative status."""
    error = Error()
    lib.har_error_init(ctypes.byref(error), ctypes.sizeof(error))
    status = function(*arguments, ctypes.byref(error))
    if status < 0:
        raise HarError(
            status,
            lib.har_status_name(status).decode(),
            error.text.decode(errors="replace") or lib.har_status_text(status).decode(),
            error.field.decode(errors="replace"),
            error.value,
            error.bound,
            None if error.byte == NO_BYTE else error.byte,
        )
    return status


def check(status: int) -> None:
    """Raises HarError for a negative status of a function without an error record."""
    if status < 0:
        raise HarError(
            status, lib.har_status_name(status).decode(), lib.har_status_text(status).decode()
        )


def sized(struct: type[Structure]) -> Any:
    """A struct of the API with its size filled in."""
    return struct(struct_size=ctypes.sizeof(struct))
