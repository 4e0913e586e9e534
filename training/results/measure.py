"""What is measured of every model that ships: accuracy by the C library, size, memory, time."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from libhar import Model, flat
from libhar.calibrate import undecided
from libhar.datasets import Windows
from libhar.evaluate import Evaluation, evaluate, labelled_windows

from training.results.frameworks import Agreement, with_pytorch

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("fp32", "int8")
FIRST = "uci_har_cnn"
"""Stands first, and times are ratios to its FP32 form's."""
TIMED_WINDOWS = 8
ROUNDS = 150


@dataclass(frozen=True)
class Cost:
    """What a model takes. Bytes, and microseconds of a window on one thread, warm."""

    parameters: int
    macs: int
    file_bytes: int
    model_bytes: int
    stream_bytes: int
    window_us: float


@dataclass(frozen=True)
class Shipped:
    """One network that ships: its FP32 and INT8 files measured here, and what the recipe recorded
    of every seed when it published them."""

    name: str
    recorded: dict[str, Any]
    evaluations: dict[str, Evaluation]
    costs: dict[str, Cost]
    agreement: Agreement

    def as_dict(self) -> dict[str, Any]:
        return {
            kind: {**self.evaluations[kind].as_dict(), "cost": asdict(self.costs[kind])}
            for kind in KINDS
        } | {"agreement": asdict(self.agreement)}


def shipped(root: Path, folder: Path) -> list[Shipped]:
    """Every network with a record in docs/results and both files in models.

    Raises ValueError where a file does not score what was recorded of the seed that ships, or
    differs from PyTorch by more than the contract allows.
    """
    records = records_of(root)
    models = {(name, kind): Model(file_of(root, name, kind)) for name in records for kind in KINDS}
    times = _times([models[key] for key in models])
    costs = {key: _cost(model, us) for (key, model), us in zip(models.items(), times)}
    networks = []
    for name, record in records.items():
        evaluations = {}
        windows = labelled_windows(models[name, "fp32"], record["data"], folder, "test")
        for kind in KINDS:
            print(f"{name} {kind}", flush=True)
            evaluations[kind] = counted(name, kind, models[name, kind], windows, record)
        cost = {kind: costs[name, kind] for kind in KINDS}
        agreement = with_pytorch(name, undecided(flat.load(file_of(root, name, "fp32"))), windows)
        networks.append(Shipped(name, record, evaluations, cost, agreement))
    return networks


def records_of(root: Path) -> dict[str, dict[str, Any]]:
    """What the recipes recorded in docs/results when they published, by network."""
    records = {
        path.stem: json.loads(path.read_text())
        for path in sorted((root / "docs" / "results").glob("*.json"))
    }
    return {
        name: records[name]
        for name in sorted(records, key=lambda name: (name != FIRST, name))
        if "fp32" in records[name]
    }


def counted(
    name: str, kind: str, model: Model, windows: Windows, record: dict[str, Any]
) -> Evaluation:
    """The evaluation of a file. Raises ValueError where it does not score what was recorded."""
    found = evaluate(model, windows)
    _check(name, kind, record[kind][0], found)
    return found


def file_of(root: Path, name: str, kind: str) -> Path:
    """The model file of a network, FP32 or INT8."""
    return root / "models" / f"{name}{'_int8' if kind == 'int8' else ''}.har"


def _check(name: str, kind: str, recorded: dict[str, Any], found: Evaluation) -> None:
    """INT8 counts the same everywhere; FP32 may differ by a window that stands on an edge."""
    allowed = 0 if kind == "int8" else 1
    if found.windows != recorded["windows"]:
        raise ValueError(f"{name} {kind}: {found.windows} windows, recorded {recorded['windows']}")
    if abs(found.correct - recorded["correct"]) > allowed:
        raise ValueError(
            f"{name} {kind}: {found.correct} of {found.windows} windows are right, the record of "
            f"the seed that ships says {recorded['correct']}"
        )


def _cost(model: Model, window_us: float) -> Cost:
    info = model.info
    return Cost(
        info.parameters,
        info.macs,
        info.file_bytes,
        info.model_bytes,
        info.stream_bytes,
        window_us,
    )


def _times(models: Sequence[Model]) -> list[float]:
    """Microseconds of a window: the least of many short rounds that all models take by turns.

    What else runs on the machine only ever adds to a time, so that ratios hold.
    """
    rng = np.random.default_rng(0)
    windows = []
    for model in models:
        shape = (TIMED_WINDOWS, model.info.window, model.info.signal_channel_count)
        windows.append(rng.normal(size=shape).astype(np.float32))
    times = np.zeros((ROUNDS, len(models)))
    for timed in times:
        for i, (model, batch) in enumerate(zip(models, windows)):
            start = time.perf_counter()
            model.classify(batch, threads=1)
            timed[i] = time.perf_counter() - start
    return [float(t) for t in times.min(axis=0) / TIMED_WINDOWS * 1e6]
