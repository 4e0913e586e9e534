"""libhar as a contender: each instruction set of this machine, and XNNPACK beneath it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from libhar import Model, Stream, _capi, flat, schema
from libhar.convert import ConvertError, convert
from libhar.quantize import quantize

from bench.contender import Absent, Contender, Floats, NativeCall, Network, Precision

CLASSES = 6
INSTRUCTION_SETS = ("avx2", "avxvnni", "avx512", "avx512vnni", "neon", "neondot")


def _spec(network: Network, folder: Path) -> Path:
    """A recognizer around the network: one sensor channel for each column, no signal steps."""
    channels = ", ".join(
        f'{{ name = "c{i}", kind = "accelerometer", axis = "x", unit = "g" }}'
        for i in range(network.columns)
    )
    labels = ", ".join(f'"class {i}"' for i in range(CLASSES))
    path = folder / f"{network.name}.toml"
    path.write_text(
        f'name = "{network.name}"\nversion = "1"\nlabels = [{labels}]\n\n'
        f"[signal]\nrate_hz = 50\nwindow = {network.rows}\nhop = {network.rows}\n"
        f"channels = [{channels}]\n"
    )
    return path


def har_file(network: Network, precision: Precision, folder: Path) -> Path:
    """The network as a `.har` file; made once. Raises Absent where the file has no such op."""
    path = folder / f"{network.name}_{precision}.har"
    if path.exists():
        return path
    try:
        model: schema.Model = convert(_spec(network, folder), network.onnx)
    except ConvertError as error:
        raise Absent(f"not in the file yet: {error}") from error
    if precision == "int8":
        model, _ = quantize(model, network.samples)
    flat.save(model, path)
    return path


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
    """One window after the other through har_classify_window."""

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
        return {f"{step.backend}/{step.kernel}" for step in self.model.plan if step.macs > 0}


def contenders() -> list[Contender]:
    """One for each instruction set of this machine, and one for XNNPACK where it is linked."""
    version = "{}.{}.{}".format(*_version())
    features = _capi.lib.har_cpu_features()
    names = [n for i, n in enumerate(INSTRUCTION_SETS) if features & (1 << i)]
    found = [_contender(f"libhar {name}", version, {"HAR_CPU": name}) for name in names]
    found.append(_contender("libhar on XNNPACK", version, {"HAR_BACKEND": "xnnpack"}))
    return found


def _version() -> tuple[int, int, int]:
    number = int(_capi.lib.har_version())
    return number >> 16, number >> 8 & 255, number & 255


def _contender(name: str, version: str, variables: dict[str, str]) -> Contender:
    def load(network: Network, precision: Precision, folder: Path) -> HarRunner:
        runner = HarRunner(har_file(network, precision, folder), variables)
        wanted = variables.get("HAR_CPU", "xnnpack")
        if not any(wanted in kernel.split("/") for kernel in runner.kernels()):
            raise Absent(f"nothing of this network runs on {wanted}")
        return runner

    return Contender(
        name,
        version,
        load,
        gives="probabilities",
        model_file=har_file,
        libraries=(Path(str(_capi.lib._name)),),
    )
