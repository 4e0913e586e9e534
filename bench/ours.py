"""libhar as a contender: each instruction set of this machine, and XNNPACK beneath it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from libhar import _capi, flat, schema
from libhar.convert import ConvertError, convert
from libhar.quantize import quantize

from bench.contender import CLASSES, Absent, Contender, Network, Precision
from bench.har_run import open_har, runtime

HOP = 16
"""Samples between windows that overlap."""
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


def contenders() -> list[Contender]:
    """One for each instruction set of this machine, and one for XNNPACK where it is linked."""
    version = "{}.{}.{}".format(*_version())
    features = _capi.lib.har_cpu_features()
    names = [n for i, n in enumerate(INSTRUCTION_SETS) if features & (1 << i)]
    found = [_contender(f"libhar {name}", version, {"HAR_CPU": name}) for name in names]
    found += [
        _contender(f"libhar {name}, every {HOP} samples", version, {"HAR_CPU": name}, HOP)
        for name in names
    ]
    found.append(_contender("libhar on XNNPACK", version, {"HAR_BACKEND": "xnnpack"}))
    return found


def _version() -> tuple[int, int, int]:
    number = int(_capi.lib.har_version())
    return number >> 16, number >> 8 & 255, number & 255


def _contender(name: str, version: str, variables: dict[str, str], hop: int = 0) -> Contender:
    def make(network: Network, precision: Precision, folder: Path) -> tuple[Path, ...]:
        return (har_file(network, precision, folder),)

    return Contender(
        name,
        version,
        make,
        runtime,
        partial(open_har, variables=variables, hop=hop),
        gives="probabilities",
        libraries=(Path(str(_capi.lib._name)),),
        limit="avx2" if variables.get("HAR_CPU") == "avx2" else "",
        hop=hop,
    )
