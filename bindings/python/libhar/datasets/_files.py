"""Reading the two forms that recordings come in: tables of text and packed arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libhar.arrays import Npz
from libhar.datasets._recording import DataError


def table(
    path: Path, delimiter: str | None = None, columns: int | None = None
) -> NDArray[np.float64]:
    """The numbers of a text file, [lines, columns]. Raises DataError."""
    if not path.is_file():
        raise DataError(f"{path} is not there")
    try:
        values = np.loadtxt(path, delimiter=delimiter, ndmin=2)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    if columns is not None and values.shape[1] != columns:
        raise DataError(f"{path} has {values.shape[1]} columns, not {columns}")
    return values


def packed(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz; `data_lo` and `data_hi` come back as `data`.

    They are the low and high bytes of the differences in time, modulo 2^16, of int16 samples with
    the time axis moved last; `time_axis` says where it was. Raises OSError, ArraysError.
    """
    stored = Npz(path)
    arrays = {name: stored.array(name) for name in stored.names}
    if "data_lo" in arrays:
        low, high = arrays.pop("data_lo"), arrays.pop("data_hi")
        steps = (low.astype(np.uint16) | (high.astype(np.uint16) << 8)).view(np.int16)
        samples = np.cumsum(steps, axis=-1, dtype=np.int16)
        arrays["data"] = np.moveaxis(samples, -1, int(arrays.pop("time_axis")))
    return arrays
