"""INT8: the C library against the NumPy reference of the contract, bit for bit; the quantizer."""

from __future__ import annotations

from pathlib import Path

import libhar
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import flat, schema
from libhar.convert.onnx_graph import import_onnx
from libhar.quantize import quantize
from libhar.quantize.weights import quantize_weights
from libhar.reference import Network, decide
from libhar.reference.functions import exp, sigmoid, tanh
from makers import noise, with_network
from networks import IntegerNetwork, torch_network
from test_convert import export, scores_of

WINDOW, COLUMNS = 20, 3


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32 - 1))
def test_integer_networks_give_the_contracts_bits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = IntegerNetwork(rng, WINDOW, COLUMNS)
    source = with_network(network.build.graph, network.build.buffers)
    windows = np.stack([noise(rng, WINDOW, COLUMNS) for _ in range(4)])
    windows[3] *= 1000  # every clamp at work
    wanted, _ = decide(None, Network(network.build.graph, network.build.buffers).run(windows))
    model = libhar.Model(flat.encode(source))
    assert model.info.numeric == 1
    found = scores_of(model, windows)
    assert found.tobytes() == wanted.astype(np.float32).tobytes()


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_quantized_networks_run_and_stay_close(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("net")
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    export(torch_network(rng, WINDOW, COLUMNS), folder / "n.onnx", False, (1, COLUMNS, WINDOW))
    source = with_network(*import_onnx(folder / "n.onnx", WINDOW, COLUMNS))
    windows = np.stack([noise(rng, WINDOW, COLUMNS) for _ in range(64)])
    integer, errors = quantize(source, windows, percentile=100)
    found = scores_of(libhar.Model(flat.encode(integer)), windows)
    assert integer.graph is not None and source.graph is not None
    reference, _ = decide(None, Network(integer.graph, integer.buffers).run(windows))
    assert found.tobytes() == reference.astype(np.float32).tobytes()
    float_scores = scores_of(libhar.Model(flat.encode(source)), windows)
    assert np.abs(found - float_scores).mean() < 0.05
    assert errors and all(np.isfinite(e.largest) for e in errors)
    weights = [t for t in integer.graph.tensors if t.dtype is schema.DType.I8]
    assert weights
    for tensor in weights:
        codes = integer.buffers[tensor.buffer].data.view(np.int8)
        assert np.abs(codes.astype(int)).max() <= 63


def test_weights_shrink_until_no_accumulator_can_overflow() -> None:
    real = np.ones((1, 4000))
    integers = quantize_weights(real, np.array([0.5]), np.float32(1e-3), 32767)
    reach = 32767 * np.abs(integers.weight.astype(np.int64)).sum() + abs(int(integers.bias[0]))
    assert reach <= 2**31 - 1
    np.testing.assert_allclose(integers.weight * integers.scales[0], real, rtol=0.05)


def test_functions_are_accurate() -> None:
    x = np.linspace(-87, 88, 400_001).astype(np.float32)
    wanted = np.exp(x.astype(np.float64))
    assert np.max(np.abs(exp(x) - wanted) / wanted) < 3e-7
    x = np.linspace(-12, 12, 400_001).astype(np.float32)
    assert np.max(np.abs(tanh(x) - np.tanh(x.astype(np.float64)))) < 2e-7
    assert np.max(np.abs(sigmoid(x) - 1 / (1 + np.exp(-x.astype(np.float64))))) < 2e-7


def test_what_cannot_be_quantized_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    export(torch_network(rng, WINDOW, COLUMNS), tmp_path / "n.onnx", False, (1, COLUMNS, WINDOW))
    source = with_network(*import_onnx(tmp_path / "n.onnx", WINDOW, COLUMNS))
    windows = np.stack([noise(rng, WINDOW, COLUMNS) for _ in range(4)])
    with pytest.raises(ValueError, match=r"shape \(4, 19, 3\), must be \[windows, 20, 3\]"):
        quantize(source, windows[:, 1:])
    with pytest.raises(ValueError, match="percentile is 20"):
        quantize(source, windows, 20)
    integer, _ = quantize(source, windows)
    with pytest.raises(ValueError, match="integer tensors already"):
        quantize(integer, windows)
    with pytest.raises(ValueError, match="no network"):
        quantize(schema.Model(name="none"), windows)
