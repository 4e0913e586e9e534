"""One hash of an INT8 model's scores on every machine there is here, emulated where it must be.

    python tests/cross/score_hash.py [--all] [MODEL:DATA ...]

DATA is a name that `libhar eval` takes; the windows are those of its test people where HAR_DATA_DIR
is set, else those of the model's golden vectors and of the simulated recording. Without --all slow
machines get the first of them, and one model runs; what each got is printed. tests/cross/hash.sh
says where the builds come from.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import libhar
import numpy as np
from libhar import datasets, flat
from libhar.evaluate import labelled_windows
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
FOLDER = BUILD / "hash"
QUICK = ("uci_har_student_int8:uci_har",)
ALL = (
    "uci_har_student_int8:uci_har",
    "hapt_rnn_int8:hapt",
    "wisdm_rab_kd_int8:wisdm_watch",
)
SIMULATED = ROOT / "examples" / "recordings" / "simulated.csv"
SIMULATED_COLUMNS = range(6)
EMULATED, BOARD = 600, 300
"""Windows in a short run: a few seconds each."""
MOST_BOARD_MODEL = 128 * 1024
"""Bytes of a model that the smallest board has room for, beside its memory."""


@dataclass(frozen=True)
class Machine:
    """How score_hash runs there; `short` windows in a short run, None: all."""

    name: str
    command: tuple[str, ...]
    cpu: str = ""
    short: int | None = None
    is_board: bool = False

    def hash_of(self, model: Path, windows: Path, count: int) -> str:
        """What score_hash prints: the number of windows and the hash."""
        words = [str(model.relative_to(ROOT)), str(windows.relative_to(ROOT)), str(count)]
        if self.is_board:
            joined = ",".join(f"arg={word}" for word in words)
            command = [*self.command, "-semihosting-config", f"enable=on,target=native,{joined}"]
        else:
            command = [*self.command, *words]
        environment = {**os.environ, "WINEPREFIX": str(BUILD / "wine"), "WINEDEBUG": "-all"}
        if self.cpu:
            environment["HAR_CPU"] = self.cpu
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            sys.exit(f"{self.name}: {' '.join(command)}: {done.stdout}{done.stderr}")
        return (done.stdout + done.stderr).strip()  # a board prints to standard error


def machines() -> list[Machine]:
    """Every one; the first is the reference."""
    here = str(BUILD / "debug-native" / "score_hash")
    found = [Machine(f"x86-64 {cpu}", (here,), cpu) for cpu in X86]
    for folder, emulator, sets in ARM:
        command = (emulator, "-cpu", "max", str(BUILD / folder / "score_hash"))
        found += [Machine(f"{folder} {cpu}", command, cpu, EMULATED) for cpu in sets]
    wasm = (str(ROOT / "tests" / "cross" / "wasi"), str(BUILD / "wasm32" / "score_hash"))
    found += [Machine(f"WebAssembly {cpu}", wasm, cpu) for cpu in ("ref", "wasm")]
    windows = ("wine", str(BUILD / "windows" / "score_hash.exe"))
    found += [Machine(f"Windows {cpu}", windows, cpu) for cpu in ("ref", "avx2")]
    for processor, board in BOARDS:
        elf = str(BUILD / f"hash-{processor}" / "score_hash")
        command = ("qemu-system-arm", "-M", board, "-nographic", "-kernel", elf)
        found.append(Machine(f"{processor}, {board}", command, "", BOARD, True))
    return found


X86 = ("ref", "avx2", "avxvnni", "avx512", "avx512vnni")  # what the processor lacks is left out
ARM = (
    ("aarch64-linux", "qemu-aarch64-static", ("ref", "neon", "neondot")),
    ("armv7-linux", "qemu-arm-static", ("ref", "neon")),
)
BOARDS = (
    ("cortex-m4f", "mps2-an386"),
    ("cortex-m7", "mps2-an500"),
    ("cortex-m55", "mps3-an547"),
)


def windows_of(path: Path, data: str) -> NDArray[np.float32]:
    """[windows, samples, columns] after the signal steps."""
    model = libhar.Model(path)
    if os.environ.get("HAR_DATA_DIR"):
        return labelled_windows(model, data, datasets.data_folder(None), "test").signal
    golden = [np.asarray(g.signal, np.float32) for g in flat.load(path).golden or []]
    shape = (-1, model.info.window, model.info.signal_channel_count)
    return np.concatenate([*(signal.reshape(shape) for signal in golden), *simulated(model)])


def simulated(model: libhar.Model) -> list[NDArray[np.float32]]:
    """The windows of the simulated recording, where the model takes its six channels."""
    if len(model.channels) != len(SIMULATED_COLUMNS):
        return []
    rows = np.loadtxt(SIMULATED, np.float32, delimiter=",", skiprows=2, usecols=SIMULATED_COLUMNS)
    signal = model.preprocess(rows)
    window = model.info.window
    starts = range(0, len(signal) - window + 1, model.info.hop)
    return [np.stack([signal[start : start + window] for start in starts])]


def compare(name: str, data: str, every: bool) -> bool:
    """Prints a line for each machine; whether all agree."""
    path = ROOT / "models" / f"{name}.har"
    windows = windows_of(path, data)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.windows"
    windows.astype("<f4").tofile(file)
    print(f"{name}, {len(windows)} windows")
    wanted: dict[int, str] = {}
    agree = True
    all_machines = machines()
    for machine in all_machines:
        if machine.is_board and path.stat().st_size > MOST_BOARD_MODEL:
            print(f"  {machine.name:24} has no room for {path.stat().st_size} bytes")
            continue
        count = min(len(windows), len(windows) if every else machine.short or len(windows))
        if count not in wanted:
            wanted[count] = all_machines[0].hash_of(path, file, count)
        found = machine.hash_of(path, file, count)
        is_same = found == wanted[count]
        agree = agree and is_same and found.startswith(f"{count} ")
        print(f"  {machine.name:24} {found} {'' if is_same else 'DIFFERS'}", flush=True)
    return agree


def main(words: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("models", nargs="*", metavar="MODEL:DATA")
    parser.add_argument("--all", action="store_true", help="all windows, three models")
    options = parser.parse_args(list(words))
    if not os.environ.get("HAR_DATA_DIR"):
        print("HAR_DATA_DIR is not set: the windows of the golden vectors")
    models = options.models or (ALL if options.all else QUICK)
    return 0 if all([compare(*model.split(":"), options.all) for model in models]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
