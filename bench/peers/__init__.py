"""The peers: every one that is installed, and why the others are not."""

from __future__ import annotations

import importlib

from bench.contender import Contender

MODULES = {
    "ONNX Runtime": "bench.peers.onnxruntime_peer",
    "LiteRT": "bench.peers.litert_peer",
    "ExecuTorch": "bench.peers.executorch_peer",
    "ncnn": "bench.peers.ncnn_peer",
}


def contenders() -> tuple[list[Contender], dict[str, str]]:
    """The contenders there are, and for each peer that is absent the reason."""
    found: list[Contender] = []
    absent = {}
    for name, module in MODULES.items():
        try:
            found += importlib.import_module(module).contenders()
        except (ImportError, OSError) as error:
            absent[name] = f"{type(error).__name__}: {error}"
    return found, absent
