"""What explaining a window costs beside its inference.

    python bench/explain.py [MODEL ...]

Prints for every model the time of the network on a fresh window, and of a gradient, by the
network's input and by the samples.
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


def measured(path: Path) -> tuple[float, float, float]:
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
    return inference, explain(At.NETWORK), explain(At.SAMPLES)


def main() -> None:
    paths = [Path(p) for p in sys.argv[1:]] or sorted((ROOT / "models").glob("*.har"))
    print(f"{'model':40} {'inference':>10} {'gradient':>10} {'ratio':>6} {'at samples':>10} (us)")
    for path in paths:
        inference, network, samples = measured(path)
        ratio = network / inference
        print(f"{path.stem:40} {inference:10.1f} {network:10.1f} {ratio:6.2f} {samples:10.1f}")


if __name__ == "__main__":
    main()
