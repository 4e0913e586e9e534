"""Timestamps as the C library takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LATEST = np.iinfo(np.int64).max


def ns_of(times_ns: ArrayLike, rows: int) -> NDArray[np.int64]:
    """Timestamps of `rows` rows as int64 nanoseconds without gaps.

    Taken are integers, which are nanoseconds, and datetime64 of any unit. Raises ValueError for
    other shapes and types, NaT, and times that nanoseconds in int64 cannot hold.
    """
    times = np.asarray(times_ns)
    if times.shape != (rows,):
        raise ValueError(f"times_ns has shape {times.shape}, must be ({rows},)")
    if rows == 0:  # an empty list is an array of floats
        return np.empty(0, np.int64)
    if times.dtype.kind == "M":
        return _from_dates(times)
    if times.dtype.kind not in "iu":
        raise ValueError(f"times_ns is {times.dtype}, must be integers (ns) or datetime64")
    if int(times.max()) > _LATEST:
        raise ValueError(f"times_ns holds {times.max()}, must be at most {_LATEST}")
    return np.ascontiguousarray(times, np.int64)


def _from_dates(times: NDArray[Any]) -> NDArray[np.int64]:
    in_ns = times.astype("datetime64[ns]")
    # NumPy wraps dates that nanoseconds cannot hold, by centuries; NaT equals nothing
    wrong = np.flatnonzero(in_ns.astype("datetime64[us]") != times.astype("datetime64[us]"))
    if len(wrong):
        raise ValueError(
            f"times_ns[{wrong[0]}] is {times[wrong[0]]}, must be a time between the years 1678 "
            "and 2262"
        )
    return in_ns.view(np.int64)
