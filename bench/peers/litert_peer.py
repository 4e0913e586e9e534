"""LiteRT with its XNNPACK delegate, one thread, through its C interface."""

from __future__ import annotations

import importlib.metadata
from functools import partial
from pathlib import Path

import ai_edge_litert
from libhar import flat

from bench.contender import Contender, Limit, Network, Precision
from bench.held import hold
from bench.ours import har_file
from bench.peers.litert_c import CompiledRunner, runtime
from bench.peers.tflite_file import TfliteFile


def library() -> Path:
    """The shared library that the wheel ships."""
    return Path(ai_edge_litert.__file__).parent / "libLiteRt.so"


def _make(network: Network, precision: Precision, folder: Path) -> tuple[Path, ...]:
    path = folder / f"{network.name}_{precision}.tflite"
    if not path.exists():
        model = flat.load(har_file(network, "fp32", folder))
        TfliteFile(model, network.samples, precision).save(path)
    return (path,)


def _contender(name: str, loaded: Path, limit: Limit = "") -> Contender:
    version = importlib.metadata.version("ai-edge-litert")
    load, start = partial(CompiledRunner, library=loaded), partial(runtime, loaded)
    return Contender(name, version, _make, start, load, libraries=(library(),), limit=limit)


def contenders() -> list[Contender]:
    """One: its choice of kernels is its own."""
    return [_contender("LiteRT", library())]


def held_contender(folder: Path) -> Contender:
    """The same on what a processor with AVX2 alone has."""
    return _contender("LiteRT held to AVX2", hold(library(), folder), "avx2")
