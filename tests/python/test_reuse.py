"""Overlapping windows share work, and no bit shows it.

The reference is each window given alone to `Stream.classify` of another stream of the same model
and hop, which computes it from end to end by the steps' ordinary runs.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import libhar
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import _capi, flat, schema
from libhar._capi import call, lib
from libhar.convert.onnx_graph import import_onnx
from makers import noise, with_network
from networks import IntegerNetwork, torch_network
from test_convert import export
from torch import nn

WINDOWS = 2000
HOPS = (1, 8, 16, 32, 64)
COLUMNS = 3


def shipped() -> list[Path]:
    return sorted((Path(__file__).resolve().parents[2] / "models").glob("*.har"))


def without_smoothing(path: Path) -> bytes:
    """The model with scores that are those of each window alone."""
    model = flat.load(path)
    model.decision = schema.Decision()
    return flat.encode(model)


def afresh(model: libhar.Model, samples: np.ndarray, hop: int) -> list[bytes]:
    """Scores of every window of a recording, each computed alone."""
    signal = model.preprocess(samples)
    window = model.info.window
    stream = libhar.Stream(model, hop=hop)
    starts = range(0, len(signal) - window + 1, hop)
    return [stream.classify(signal[at : at + window]).scores.tobytes() for at in starts]


def streamed(stream: libhar.Stream, samples: np.ndarray) -> list[bytes]:
    return [event.scores.tobytes() for event in stream.run(samples)]


def assert_same(model: libhar.Model, samples: np.ndarray, hop: int) -> None:
    found = streamed(libhar.Stream(model, hop=hop), samples)
    wanted = afresh(model, samples, hop)
    differing = [i for i, (a, b) in enumerate(zip(found, wanted)) if a != b]
    assert len(found) == len(wanted) and not differing, (hop, differing[:5])


def stream_bytes(model: libhar.Model, hop: int, reuse: int) -> int:
    config, found = _capi.StreamConfig(), ctypes.c_uint64()
    lib.har_stream_config_init(ctypes.byref(config), ctypes.sizeof(config))
    config.hop, config.reuse = hop, reuse
    call(lib.har_stream_memory_needed, model.handle, ctypes.byref(config), ctypes.byref(found))
    return found.value


def is_kept(model: libhar.Model, hop: int) -> bool:
    """A stream that keeps something between windows takes more memory."""
    return stream_bytes(model, hop, 0) > stream_bytes(model, hop, 1)


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_two_thousand_windows_of_every_model(path: Path) -> None:
    model = without_smoothing(path)
    info = libhar.Model(model).info
    for hop in HOPS:
        hop = min(hop, info.window)
        rng = np.random.default_rng(hop)
        samples = noise(rng, info.window + (WINDOWS - 1) * hop, info.channel_count)
        assert_same(libhar.Model(model), samples, hop)
        if hop != info.hop:
            assert_same(libhar.Model(model, hop=hop), samples, hop)


@pytest.mark.parametrize("stem", ["uci_har_cnn", "uci_har_cnn_int8", "uci_har_student"])
def test_networks_of_convolutions_keep_at_a_hop_of_sixteen(root: Path, stem: str) -> None:
    model = libhar.Model(root / f"models/{stem}.har", hop=16)
    assert is_kept(model, 16) and not is_kept(model, model.info.window)


def test_what_is_computed_is_counted(root: Path) -> None:
    """Of the first window all, of the others what the plan says; hops passed over share less."""
    model = libhar.Model(root / "models/uci_har_cnn_int8.har", hop=16)
    steps = model.overlap(16)
    saved = sum(step.macs for step in steps)
    assert saved < model.info.macs / 3 and any(step.kept for step in steps)
    assert all(bool(step.note) == (step.kept == 0) for step in steps)
    samples = noise(np.random.default_rng(5), model.info.window + 9 * 16, model.info.channel_count)
    stream = libhar.Stream(model, hop=16)
    assert len(list(stream.run(samples))) == 10
    assert stream.counters().macs == model.info.macs + 9 * saved
    assert stream.counters().macs_fresh == 10 * model.info.macs
    off = libhar.Stream(model, hop=16, reuse=False)
    assert len(list(off.run(samples))) == 10
    assert off.counters().macs == 10 * model.info.macs


def test_what_came_before_does_not_show(root: Path) -> None:
    """After a reset, a gap, and windows given from outside, the bits are those of a new stream."""
    for stem in ("uci_har_cnn", "uci_har_cnn_int8"):
        model = libhar.Model(without_smoothing(root / f"models/{stem}.har"), hop=16)
        rng = np.random.default_rng(3)
        info = model.info
        samples = noise(rng, 40 * info.window, info.channel_count)
        other = noise(rng, info.window, info.signal_channel_count)
        with libhar.Stream(model, hop=16) as stream:
            first = streamed(stream, samples)
            assert first == afresh(model, samples, 16)
            stream.reset()
            again = []
            for at in range(0, len(samples), 50):
                for event in stream.feed(samples[at : at + 50]):
                    again.append(event.scores.tobytes())
                    stream.classify(other)
            again += [event.scores.tobytes() for event in stream.run(samples[:0])]
            assert again == first
            stream.reset()
            times = np.arange(len(samples), dtype=np.int64) * 20_000_000
            middle = len(samples) // 2
            times[middle:] += 10**10
            pieces = [
                event.scores.tobytes()
                for at in range(0, len(samples), 100)
                for event in stream.feed(samples[at : at + 100], times[at : at + 100])
            ]
            pieces += [event.scores.tobytes() for event in stream.run(samples[:0])]
            wanted = afresh(model, samples[:middle], 16) + afresh(model, samples[middle:], 16)
            assert pieces == wanted


def check_random(model_bytes: bytes, rng: np.random.Generator, window: int) -> None:
    hop = int(rng.choice([1, 2, 3, 4, 6, 8, 12, 16, 24]))
    model = libhar.Model(model_bytes, hop=hop)
    samples = noise(rng, window + 12 * hop, COLUMNS)
    assert_same(model, samples, hop)
    assert_same(model, samples, int(rng.integers(1, window)))


def wide_network(rng: np.random.Generator, window: int) -> nn.Module:
    """Convolutions wide and long enough for every kernel and tile, with shapes drawn at random."""
    layers: list[nn.Module] = []
    columns = COLUMNS
    for _ in range(int(rng.integers(1, 5))):
        outputs = int(rng.integers(8, 40))
        kernel, dilation = int(rng.choice([1, 3, 3, 3, 5])), int(rng.choice([1, 1, 1, 2]))
        padding = int(rng.integers(0, kernel))
        stride = int(rng.choice([1, 1, 1, 2]))
        layers.append(nn.Conv1d(columns, outputs, kernel, stride, padding, dilation))
        layers += [nn.BatchNorm1d(outputs)] * int(rng.integers(0, 2))
        layers += [nn.ReLU() if rng.random() < 0.7 else nn.GELU()] * int(rng.integers(0, 2))
        layers += [nn.MaxPool1d(2)] * int(rng.random() < 0.4)
        columns = outputs
        if nn.Sequential(*layers).eval()(torch.zeros(1, COLUMNS, window)).shape[2] < 16:
            break
    head: list[nn.Module] = [nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(columns, 5)]
    return nn.Sequential(*layers, *head).eval()


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_networks(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    path = tmp_path_factory.mktemp("net") / "n.onnx"
    window = int(rng.choice([48, 96, 128]))
    network = (
        wide_network(rng, window) if rng.random() < 0.6 else torch_network(rng, window, COLUMNS)
    )
    export(network, path, False, (1, COLUMNS, window))
    check_random(flat.encode(with_network(*import_onnx(path, window, COLUMNS))), rng, window)


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_integer_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = IntegerNetwork(rng, 40, COLUMNS)
    source = with_network(network.build.graph, network.build.buffers)
    check_random(flat.encode(source), rng, 40)


def test_a_config_out_of_bounds_is_refused(root: Path) -> None:
    path = root / "models/uci_har_cnn_int8.har"
    with pytest.raises(libhar.HarError, match=r"config\.hop is 129"):
        libhar.Model(path, hop=129)
    with pytest.raises(libhar.HarError, match=r"config\.reuse is 2"):
        stream_bytes(libhar.Model(path), 16, 2)
