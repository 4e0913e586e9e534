"""Times of calls, warm and cold; native calls are timed in C."""

from __future__ import annotations

import ctypes
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.contender import NativeCall, PythonCall, Runner

COLD_BYTES = 64 << 20
"""Touched before a cold call: more than the share of the last cache that a core of a server has."""
SURE = 5.0
"""As many times the binding's own a call from Python must take to be ranked."""


class _Call(ctypes.Structure):
    _fields_ = [
        ("function", ctypes.c_void_p),
        ("arguments", ctypes.c_size_t * 8),
        ("then", ctypes.c_void_p),
    ]


@dataclass(frozen=True)
class Times:
    """Of single calls, in microseconds."""

    median: float
    p99: float
    calls: int
    binding: float = 0.0
    """What was subtracted from each, because the calls were timed from Python."""

    @property
    def is_sure(self) -> bool:
        """Whether the median is more than the noise of what was subtracted."""
        return self.median >= SURE * self.binding

    @staticmethod
    def of(nanoseconds: NDArray[np.float64], binding: float = 0.0) -> Times:
        """`binding` in nanoseconds, too."""
        micro = nanoseconds / 1e3
        middle, late = float(np.median(micro)), float(np.percentile(micro, 99))
        return Times(middle, late, len(micro), binding / 1e3)


class Timer:
    """Compiles timer.c into `folder` and calls it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        library = folder / "libbench_timer.so"
        source = Path(__file__).with_name("timer.c")
        command = ["cc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-pthread"]
        subprocess.run([*command, str(source), "-o", str(library)], check=True)
        self._lib = ctypes.CDLL(str(library))
        self._lib.bench_stack.restype = ctypes.c_size_t
        self._memory = (ctypes.c_ubyte * COLD_BYTES)()

    def times(self, call: NativeCall | PythonCall, calls: int, cold: bool) -> NDArray[np.float64]:
        """Nanoseconds of each of `calls` calls; of a Python call less `binding`."""
        own = self.binding(call, min(calls, 200), cold)
        if isinstance(call, NativeCall):
            return self._native(call, calls, cold)
        return np.maximum(self._python(call.function, calls, cold) - own, 1.0)

    def binding(self, call: NativeCall | PythonCall, calls: int, cold: bool) -> float:
        """Nanoseconds that a Python call's binding takes, warm of warm calls and cold of cold ones;
        0 of a native call."""
        if isinstance(call, NativeCall):
            return 0.0
        return float(np.median(self._python(call.trivial, calls, cold)))

    def stack_bytes(self, call: NativeCall) -> int:
        """What one call needs of the stack."""
        return int(self._lib.bench_stack(ctypes.byref(_native(call))))

    def _native(self, call: NativeCall, calls: int, cold: bool) -> NDArray[np.float64]:
        found = np.zeros(calls, np.uint64)
        self._lib.bench_time(
            ctypes.byref(_native(call)),
            ctypes.c_uint32(calls),
            self._memory,
            ctypes.c_size_t(COLD_BYTES if cold else 0),
            ctypes.c_void_p(found.ctypes.data),
        )
        return found.astype(np.float64)

    def _python(self, function: object, calls: int, cold: bool) -> NDArray[np.float64]:
        assert callable(function)
        found = np.zeros(calls)
        for i in range(calls):
            if cold:
                self._lib.bench_flush(self._memory, ctypes.c_size_t(COLD_BYTES))
            start = time.perf_counter_ns()
            function()
            found[i] = time.perf_counter_ns() - start
        return found


def _native(call: NativeCall) -> _Call:
    arguments = [*call.arguments, *([0] * (8 - len(call.arguments)))]
    made = _Call(call.function, (ctypes.c_size_t * 8)(*arguments), None)
    if call.then:
        made.following = _native(call.then)  # lives as long as the address of it
        made.then = ctypes.addressof(made.following)
    return made


def rounds(
    timer: Timer, runners: dict[str, Runner], count: int, seconds: float
) -> dict[str, tuple[Times, Times]]:
    """Warm and cold times of every runner, taken in turns, so that noise falls on all alike.

    In each of `count` rounds every runner is called for about `seconds` warm, and for some cold
    calls.
    """
    warm: dict[str, list[NDArray[np.float64]]] = {name: [] for name in runners}
    cold: dict[str, list[NDArray[np.float64]]] = {name: [] for name in runners}
    for _ in range(count):
        for name, runner in runners.items():
            once = float(np.median(timer.times(runner.call, 9, cold=False))) * 1e-9
            calls = int(min(max(seconds / once, 20), 20000))
            warm[name].append(timer.times(runner.call, calls, cold=False))
            cold[name].append(timer.times(runner.call, 12, cold=True))
    return {
        name: (
            Times.of(np.concatenate(warm[name]), timer.binding(runner.call, 200, cold=False)),
            Times.of(np.concatenate(cold[name]), timer.binding(runner.call, 24, cold=True)),
        )
        for name, runner in runners.items()
    }
