"""A `.har` file: window after window through har_classify_window, or as a stream of samples."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from libhar import Model, Stream, _capi

from bench.contender import CLASSES, Absent, Floats, NativeCall


def runtime() -> ctypes.CDLL:
    """The library, loaded."""
    return _capi.lib.load()


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
    """A model and one stream: of new windows, or of windows `hop` samples apart."""

    def __init__(self, path: Path, variables: dict[str, str], hop: int = 0) -> None:
        with environment(**variables):
            self.model = Model(path, hop=hop)
            self._stream = Stream(self.model, hop=hop, reuse=hop > 0)
        info = self.model.info
        self._hop = hop
        self._window = np.zeros((info.window, info.signal_channel_count), np.float32)
        self._event = _capi.sized(_capi.Event)
        self._taken = ctypes.c_size_t()
        self.call = self._push_and_poll() if hop else self._classify()

    def _classify(self) -> NativeCall:
        window = self._window
        arguments = (window.ctypes.data, *window.shape, ctypes.addressof(self._event))
        return self._native(_capi.lib.har_classify_window, *arguments)

    def _push_and_poll(self) -> NativeCall:
        """The newest `hop` samples in, and the label that is due then."""
        newest = self._window[len(self._window) - self._hop :]
        taken = ctypes.addressof(self._taken)
        poll = self._native(_capi.lib.har_poll_label, ctypes.addressof(self._event), 0)
        arguments = (newest.ctypes.data, *newest.shape, 0, taken, 0)
        return replace(self._native(_capi.lib.har_push_samples, *arguments), then=poll)

    def _native(self, function: object, *arguments: int) -> NativeCall:
        address = ctypes.cast(function, ctypes.c_void_p).value  # type: ignore[arg-type]
        handle = self._stream.handle.value
        assert address is not None and handle is not None
        return NativeCall(address, (handle, *arguments))

    def set_input(self, window: Floats) -> None:
        self._window[:] = window
        if self._hop:
            self._stream.reset()
            self._stream.push(window[: len(window) - self._hop])

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


def open_har(
    path: Path, rows: int, columns: int, *, variables: dict[str, str], hop: int = 0
) -> HarRunner:
    """Opens it under `HAR_CPU` or `HAR_BACKEND`. Raises Absent where that changes nothing."""
    if hop >= rows:
        raise Absent(f"a window has {rows} samples")
    runner = HarRunner(path, variables, hop)
    (wanted,) = variables.values()
    if wanted not in runner.kernels():
        raise Absent(f"nothing of this network runs on {wanted}")
    return runner
