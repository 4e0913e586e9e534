"""What is measured of every model that ships: accuracy by the C library, size, memory, time."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from libhar import Model
from libhar.evaluate import Evaluation, evaluate, labelled_windows

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("fp32", "int8")
FIRST = "uci_har_cnn"
"""Stands first, and times are ratios to its FP32 form's."""
TIMED_WINDOWS = 64
ROUNDS = 15


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

    def as_dict(self) -> dict[str, Any]:
        return {
            kind: {**self.evaluations[kind].as_dict(), "cost": asdict(self.costs[kind])}
            for kind in KINDS
        }


def shipped(root: Path, folder: Path) -> list[Shipped]:
    """Every network with a record in docs/results and both files in models.

    Raises ValueError where a file does not score what was recorded of the seed that ships.
    """
    records = {
        path.stem: json.loads(path.read_text())
        for path in sorted((root / "docs" / "results").glob("*.json"))
    }
    records = {
        name: records[name]
        for name in sorted(records, key=lambda name: (name != FIRST, name))
        if "fp32" in records[name]
    }
    models = {(name, kind): Model(file_of(root, name, kind)) for name in records for kind in KINDS}
    times = _times([models[key] for key in models])
    costs = {key: _cost(model, us) for (key, model), us in zip(models.items(), times)}
    networks = []
    for name, record in records.items():
        evaluations = {}
        for kind in KINDS:
            print(f"{name} {kind}", flush=True)
            model = models[name, kind]
            evaluations[kind] = evaluate(
                model, labelled_windows(model, record["data"], folder, "test")
            )
            _check(name, kind, record[kind][0], evaluations[kind])
        networks.append(
            Shipped(name, record, evaluations, {kind: costs[name, kind] for kind in KINDS})
        )
    return networks


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
    """The median over rounds that all models take part in by turns, so that ratios hold."""
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
    return [float(t) for t in np.median(times, axis=0) / TIMED_WINDOWS * 1e6]
