"""What explaining a window costs beside its inference.

    python bench/explain.py [MODEL ...]

Prints for every model the time of the network on a fresh window and of a gradient by the network's
input; and from the samples on: the push of a hop with the window that it completes, computed
afresh, and a gradient by the samples.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from pathlib import Path

import libhar
import numpy as np
from libhar import _capi
from libhar._capi import lib, sized
from libhar.explain import At, Explainer, options_of

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 400


def quick(run: Callable[[], object]) -> float:
    """Microseconds: the fifth of the times that is the quickest, at its end."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        run()
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[ROUNDS // 5] / 1000


def from_samples(stream: libhar.Stream, model: libhar.Model) -> float:
    """Microseconds of a push of one hop and the poll of the window that is due then."""
    rows, channels = model.info.hop, model.info.channel_count
    samples = np.random.default_rng(2).normal(scale=0.5, size=(rows, channels)).astype(np.float32)
    event, taken = ctypes.byref(sized(_capi.Event)), ctypes.byref(ctypes.c_size_t())

    def step() -> None:
        lib.har_push_samples(stream.handle, samples.ctypes.data, rows, channels, None, taken, None)
        lib.har_poll_label(stream.handle, event, None)

    for _ in range(model.info.window // rows + 1):
        step()
    return quick(step)


def measured(path: Path) -> tuple[float, float, float, float]:
    model = libhar.Model(path)
    stream, explainer = libhar.Stream(model, reuse=False), Explainer(model)
    shape = (model.info.window, model.info.signal_channel_count)
    window = np.random.default_rng(1).normal(scale=0.5, size=shape).astype(np.float32)
    event, found = ctypes.byref(sized(_capi.Event)), ctypes.byref(sized(_capi.Explanation))

    def explain(at: At) -> float:
        options = ctypes.byref(options_of(model, at=at))
        return quick(
            lambda: lib.har_explain_window(
                explainer.handle, window.ctypes.data, *shape, options, found, None
            )
        )

    inference = quick(
        lambda: lib.har_classify_window(stream.handle, window.ctypes.data, *shape, event, None)
    )
    whole = from_samples(stream, model)
    return inference, explain(At.NETWORK), whole, explain(At.SAMPLES)


def main() -> None:
    paths = [Path(p) for p in sys.argv[1:]] or sorted((ROOT / "models").glob("*.har"))
    print(f"{'model':36} {'network':>8} {'gradient':>8} {'ratio':>5}", end="  ")
    print(f"{'samples to label':>16} {'gradient':>8} {'ratio':>5} (us)")
    for path in paths:
        inference, network, whole, samples = measured(path)
        ratios = network / inference, samples / whole
        print(f"{path.stem:36} {inference:8.1f} {network:8.1f} {ratios[0]:5.2f}", end="  ")
        print(f"{whole:16.1f} {samples:8.1f} {ratios[1]:5.2f}")


if __name__ == "__main__":
    main()
