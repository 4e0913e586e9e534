"""A `.har` file, one window after the other through har_classify_window."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from libhar import Model, Stream, _capi

from bench.contender import CLASSES, Absent, Floats, NativeCall


def runtime() -> ctypes.CDLL:
    """The library, which the import loads."""
    return _capi.lib


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for as long as a model is opened."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class HarRunner:
    """A model and one stream."""

    def __init__(self, path: Path, variables: dict[str, str]) -> None:
        with environment(**variables):
            self.model = Model(path)
            self._stream = Stream(self.model)
        info = self.model.info
        self._window = np.zeros((info.window, info.signal_channel_count), np.float32)
        self._event = _capi.sized(_capi.Event)
        function = ctypes.cast(_capi.lib.har_classify_window, ctypes.c_void_p).value
        handle = self._stream.handle.value
        assert function is not None and handle is not None
        self.call = NativeCall(
            function,
            (
                handle,
                self._window.ctypes.data,
                info.window,
                info.signal_channel_count,
                ctypes.addressof(self._event),
            ),
        )

    def set_input(self, window: Floats) -> None:
        self._window[:] = window

    def output(self) -> Floats:
        return np.array(self._event.scores[:CLASSES], np.float32)

    def kernels(self) -> set[str]:
        """The backends and instruction sets that multiply and accumulate in the plan."""
        return {
            part
            for step in self.model.plan
            if step.macs > 0
            for part in (step.backend, step.kernel)
        }


def open_har(path: Path, rows: int, columns: int, *, variables: dict[str, str]) -> HarRunner:
    """Opens it under `HAR_CPU` or `HAR_BACKEND`. Raises Absent where that changes nothing."""
    runner = HarRunner(path, variables)
    (wanted,) = variables.values()
    if wanted not in runner.kernels():
        raise Absent(f"nothing of this network runs on {wanted}")
    return runner
