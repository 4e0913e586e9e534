"""A model small enough to be computed by hand, written with flatc alone.

Two channels, windows of 8 samples every 4; the mean of each channel, a dense layer to three
classes, softmax. `scores_of` computes the same in NumPy.
"""

from __future__ import annotations

import json
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "lib" / "model" / "har_model.fbs"

CHANNELS = ("acc_x", "acc_y")
RATE_HZ = 50.0
WINDOW = 8
HOP = 4
CLASSES = ("LOW", 'HI "GH"', "OTHER \\ é")
WEIGHT = np.array([[2.0, -1.0], [0.5, 0.5], [-1.5, 1.0]], np.float32)
INTERVAL = {"low": 0.625, "high": 0.875, "interval": "95 %, by hand"}
SEAL = 0x51EA1ED0
"""Stands where the checksum goes until it is known."""


def scores_of(window: NDArray[np.float32]) -> NDArray[np.float64]:
    """The probabilities [3] of one window [8, 2]."""
    logits = WEIGHT.astype(np.float64) @ window.astype(np.float64).mean(axis=0)
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def description() -> dict[str, Any]:
    """The model as the JSON that flatc reads."""
    channel = {"kind": "ACCELEROMETER", "unit": "STANDARD_GRAVITY", "placement": "WAIST"}
    return {
        "format_version": {"major": 1, "minor": 0},
        "name": "tiny",
        "model_version": "1.2",
        "card": {
            "description": "for tests",
            "licence": "Apache-2.0",
            "measurements": [
                {"metric": "accuracy", "split": "nobody", "value": 0.5},
                {"metric": "f1/LOW", "split": "nobody", "value": 0.75, **INTERVAL},
            ],
            "devices": "a pencil",
        },
        "signal": {
            "channels": [{"name": n, "axis": n[-1].upper(), **channel} for n in CHANNELS],
            "rate_hz": RATE_HZ,
            "window": WINDOW,
            "hop": HOP,
            "steps": [],
        },
        "graph": {
            "tensors": [
                {"name": "x", "shape": [WINDOW, 2]},
                {"name": "mean", "shape": [2]},
                {"name": "weight", "shape": [3, 2], "buffer": 0},
                {"name": "logits", "shape": [3]},
            ],
            "ops": [
                {
                    "name": "pool",
                    "params_type": "GlobalPool",
                    "params": {"kind": "AVERAGE"},
                    "inputs": [0],
                    "outputs": [1],
                },
                {
                    "name": "head",
                    "params_type": "Dense",
                    "params": {},
                    "inputs": [1, 2],
                    "outputs": [3],
                },
            ],
            "input": 0,
            "output": 3,
        },
        "buffers": [{"data": list(WEIGHT.tobytes())}],
        "labels": list(CLASSES),
        "decision": {},
        "golden": [golden("level"), golden("steep")],
        "checksum": {"crc32": SEAL},
    }


def on_six_channels() -> dict[str, Any]:
    """The same behind the six channels of a phone, of which it takes the first two."""
    content = description()
    first, second = content["signal"]["channels"]
    others = [{**first, "name": name} for name in ("acc_z", "gyro_x", "gyro_y", "gyro_z")]
    content["signal"]["channels"] = [first, second, *others]
    content["signal"]["steps"] = [{"params_type": "Select", "params": {"channels": [0, 1]}}]
    content["golden"] = []
    return content


def golden(name: str) -> dict[str, Any]:
    """A golden vector with the values that NumPy gives."""
    slope = {"level": 0.0, "steep": 0.25}[name]
    raw = np.stack([np.full(WINDOW, 0.5), slope * np.arange(WINDOW)], axis=1).astype(np.float32)
    scores = scores_of(raw)
    return {
        "name": name,
        "raw": raw.ravel().tolist(),
        "signal": raw.ravel().tolist(),
        "network": (WEIGHT @ raw.mean(axis=0)).tolist(),
        "scores": scores.tolist(),
        "label": int(scores.argmax()),
        "tolerance_signal": 1e-6,
        "tolerance_network": 1e-5,
        "tolerance_scores": 1e-5,
    }


def write_model(content: dict[str, Any], path: Path) -> Path:
    """Writes `content` to `path` with flatc, then aligns the buffer and seals the file."""
    source = path.with_suffix(".json")
    source.write_text(json.dumps(content), encoding="utf-8")
    command = ["flatc", "-b", "--root-type", "har.file.Model", "-o", path.parent, SCHEMA, source]
    subprocess.run(command, check=True)
    written = path.read_bytes()
    path.write_bytes(_seal(_align(written) if "graph" in content else written))
    return path


def _align(file: bytes) -> bytes:
    """flatc leaves the one buffer beside a multiple of 64; zeros after the identifier move it."""
    (root,) = struct.unpack_from("<I", file)
    gap = -file.index(WEIGHT.tobytes()) % 64
    return struct.pack("<I", root + gap) + file[4:8] + bytes(gap) + file[8:]


def _seal(file: bytes) -> bytes:
    mark = struct.pack("<I", SEAL)
    assert file.count(mark) == 1
    checksum = zlib.crc32(file.replace(mark, bytes(4)))
    return file.replace(mark, struct.pack("<I", checksum))
