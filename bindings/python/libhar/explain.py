"""Explaining windows: which values of which channels speak for a class."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from libhar import _capi
from libhar._capi import call, lib, sized
from libhar.bounds import I32, U64, whole
from libhar.model import Model, rows_of
from libhar.owned import Owned
from libhar.stream import Stream


class Method(IntEnum):
    """How to explain; the methods of `har_explain_options`."""

    GRADIENT = 0
    OCCLUSION = 1
    CLASS_MAP = 2
    ATTENTION = 3


class Target(IntEnum):
    """What is asked for: the score of a class, its margin over the largest other, its
    probability."""

    SCORE = 0
    MARGIN = 1
    PROBABILITY = 2


class At(IntEnum):
    """By what a gradient is: what goes into the first of the linear signal steps, or the network's
    input."""

    SAMPLES = 0
    NETWORK = 1


@dataclass(frozen=True)
class ExplainerInfo:
    """What an explainer of a model can do; the fields of `har_explainer_info`."""

    linear_from: int
    sample_columns: int
    has_class_map: bool
    attention_count: int
    bytes: int
    macs: int
    forward_macs: int


@dataclass(frozen=True)
class Explanation:
    """What was found; the fields of `har_explanation`."""

    values: NDArray[np.float32]
    """float32 [rows, columns]; of a gradient by time and channel."""
    per_column: NDArray[np.float32]
    """float32 [columns]: the sum of |values| over the rows, saliency; [0] of class maps and
    attention."""
    label: str
    """The class that was asked for."""
    class_index: int
    other_index: int
    """The largest of the others, -1 where there is none."""
    value: float
    """Of what was asked for, by the network in FP32."""
    signal_steps: int
    """Signal steps between the pushed samples and `values`; 0: they are by the samples."""
    first_sample: int
    macs: int


class Explainer(Owned):
    """Explains windows of a model and of its streams. One thread at a time. Raises HarError, and
    ValueError for options that cannot be."""

    _destroy = lib.har_explainer_destroy

    def __init__(self, model: Model) -> None:
        self.model = model
        super().__init__()
        call(lib.har_explainer_create, model.handle, None, ctypes.byref(self._handle))

    @cached_property
    def _attention_count(self) -> int:
        return explainer_info(self.model).attention_count

    def window(self, window: ArrayLike, **options: Any) -> Explanation:
        """Explains float32 [window, signal channels], the signal steps already applied.

        The options are those of `options_of`.
        """
        rows = rows_of(window)
        return self._explain(
            lib.har_explain_window, (rows.ctypes.data, len(rows), rows.shape[1]), options
        )

    def stream(self, stream: Stream, **options: Any) -> Explanation:
        """Explains the last window that the stream computed, before its next push."""
        return self._explain(lib.har_explain_stream, (stream.handle,), options)

    def _explain(
        self, function: Any, what: tuple[Any, ...], options: dict[str, Any]
    ) -> Explanation:
        chosen = options_of(self.model, **options)
        if chosen.method == Method.ATTENTION and self._attention_count == 0:
            raise ValueError("method is ATTENTION, the network has no softmax inside to show")
        found = sized(_capi.Explanation)
        call(function, self.handle, *what, ctypes.byref(chosen), ctypes.byref(found))
        shape = (found.rows, found.columns)
        return Explanation(
            values=np.ctypeslib.as_array(found.values, shape).copy(),
            per_column=(
                np.ctypeslib.as_array(found.per_column, shape[1:]).copy()
                if found.per_column
                else np.empty(0, np.float32)
            ),
            label=found.name.decode(),
            class_index=found.class_index,
            other_index=found.other_index,
            value=found.value,
            signal_steps=found.signal_steps,
            first_sample=found.first_sample,
            macs=found.macs,
        )


def options_of(
    model: Model,
    *,
    label: str | SupportsIndex | None = None,
    method: Method = Method.GRADIENT,
    target: Target = Target.SCORE,
    at: At = At.SAMPLES,
    attention: int = 0,
    macs: int | None = None,
) -> _capi.ExplainOptions:
    """The options of the C library.

    `label` is a class by its name or number, None the one with the largest score; `attention` is a
    number of a softmax inside of the network; `macs` is the most that occlusion may spend, None or
    0: what eight parts of every column take. Raises ValueError for a name that the model does not
    have and for negative numbers.
    """
    chosen = _capi.ExplainOptions()
    lib.har_explain_options_init(ctypes.byref(chosen), ctypes.sizeof(chosen))
    if isinstance(label, str):
        if label not in model.labels:
            raise ValueError(f"label is {label!r}, must be one of {', '.join(model.labels)}")
        label = model.labels.index(label)
    chosen.class_index = -1 if label is None else whole(label, "label", I32)
    chosen.method, chosen.target, chosen.at = method, target, at
    chosen.attention = whole(attention, "attention")
    chosen.macs = 0 if macs is None else whole(macs, "macs", U64)
    return chosen


def explainer_info(model: Model) -> ExplainerInfo:
    """What an explainer of the model takes and can do. Raises HarError."""
    found = sized(_capi.ExplainerInfo)
    call(lib.har_explainer_get_info, model.handle, ctypes.byref(found))
    return ExplainerInfo(
        linear_from=found.linear_from,
        sample_columns=found.sample_columns,
        has_class_map=bool(found.has_class_map),
        attention_count=found.attention_count,
        bytes=found.bytes,
        macs=found.macs,
        forward_macs=found.forward_macs,
    )
