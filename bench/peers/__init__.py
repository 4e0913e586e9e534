"""The peers: every one that is installed, and why the others are not."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path

from bench.contender import Absent, Contender

MODULES = {
    "ONNX Runtime": "bench.peers.onnxruntime_peer",
    "LiteRT": "bench.peers.litert_peer",
    "ExecuTorch": "bench.peers.executorch_peer",
    "ncnn": "bench.peers.ncnn_peer",
}


HOLDABLE = ("ONNX Runtime", "LiteRT")
"""Those timed on AVX2 alone, too: their C interface is in one library."""


def contenders(folder: Path) -> tuple[list[Contender], dict[str, str]]:
    """The contenders there are, and for each peer that is absent the reason. Copies of libraries
    go to `folder`."""
    found: list[Contender] = []
    absent = {}
    for name, place in MODULES.items():
        try:
            module = importlib.import_module(place)
            found += module.contenders()
        except (ImportError, OSError) as error:
            absent[name] = f"{type(error).__name__}: {error}"
            continue
        if name in HOLDABLE:
            try:
                found.append(module.held_contender(folder))
            except (Absent, OSError, subprocess.CalledProcessError) as error:
                absent[f"{name} held to AVX2"] = str(error)
    return found, absent
