"""The NumPy reference of the contract against PyTorch, op by op, in FP32; INT8 against FP32."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.reference import Network
from libhar.reference.functions import erf, gate_sigmoid, gate_tanh
from scipy import special
from torch import Tensor, nn
from torch.nn import functional

ROWS = 7
Kind = schema.ActivationKind


def run(
    params: schema.OpParams,
    x: np.ndarray,
    constants: list[np.ndarray],
    shape: tuple[int, int],
    repeats: int = 1,
) -> np.ndarray:
    """One op over [windows, rows, columns], its first inputs the same tensor."""
    build = GraphBuilder()
    build.graph.input = build.computed("x", x.shape[1], x.shape[2])
    inputs = [build.graph.input] * repeats
    inputs += [
        build.constant(f"c{i}", c.astype(np.float32).reshape(c.shape))
        for i, c in enumerate(constants)
    ]
    output = build.computed("y", *shape)
    build.graph.output = build.op("op", params, inputs, output)
    return Network(build.graph, build.buffers).run_all(x.astype(np.float32))[output]


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), cell=st.sampled_from(["RNN", "LSTM", "GRU"]))
def test_recurrent_layers_are_pytorchs(seed: int, cell: str) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    columns, units = int(rng.integers(1, 6)), int(rng.integers(1, 9))
    bias, relu, last = (bool(v) for v in rng.random(3) < 0.5)
    more = {"nonlinearity": "relu"} if cell == "RNN" and relu else {}
    layer = getattr(nn, cell)(columns, units, bias=bias, batch_first=True, **more)
    x = rng.normal(size=(3, ROWS, columns)).astype(np.float32)
    values = [p.detach().numpy() for p in layer.parameters()]
    constants = values[:2]
    if bias:
        w, r = values[2].copy(), values[3].copy()
        if cell == "GRU":
            candidate = r[2 * units :].copy()
            r[2 * units :] = 0
            constants += [w + r, candidate]
        else:
            constants.append(w + r)
    activation = Kind.RELU if more else Kind.TANH
    params = schema.Recurrent(schema.CellKind[cell], activation, reset_after=True, last=last)
    found = run(params, x, constants, (1 if last else ROWS, units))
    with torch.no_grad():
        wanted = layer(torch.from_numpy(x))[0].numpy()
    np.testing.assert_allclose(found, wanted[:, -1:] if last else wanted, rtol=0, atol=2e-6)


def test_a_gru_that_resets_before_its_product() -> None:
    """Against the formulas in binary64; PyTorch has none."""
    rng = np.random.default_rng(5)
    x, units = rng.normal(size=(2, ROWS, 3)), 4
    w, u, b = (rng.normal(size=(12, n)) for n in (3, units, 1))
    params = schema.Recurrent(schema.CellKind.GRU, reverse=True)
    found = run(params, x, [w, u, b[:, 0]], (ROWS, units))
    h = np.zeros((2, units))
    for t in reversed(range(ROWS)):
        p = x[:, t] @ w.T + b[:, 0]
        r, z = np.split(special.expit(p[:, :8] + h @ u[:8].T), 2, axis=1)
        n = np.tanh(p[:, 8:] + (r * h) @ u[8:].T)
        h = (1 - z) * n + z * h
        np.testing.assert_allclose(found[:, t], h, rtol=0, atol=2e-6)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), heads=st.sampled_from([1, 2, 4]))
def test_attention_is_pytorchs(seed: int, heads: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, ROWS, 8)).astype(np.float32)
    scale = float(rng.uniform(0.1, 1))
    found = run(schema.Attention(heads, scale), x, [], (ROWS, 8), repeats=3)
    parts = torch.from_numpy(x).reshape(3, ROWS, heads, -1).transpose(1, 2)
    wanted = functional.scaled_dot_product_attention(parts, parts, parts, scale=scale)
    expected = wanted.transpose(1, 2).reshape(3, ROWS, 8)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


CURVES: dict[Kind, Callable[[Tensor], Tensor]] = {
    Kind.GELU: functional.gelu,
    Kind.GELU_TANH: lambda x: functional.gelu(x, approximate="tanh"),
    Kind.HARD_SIGMOID: functional.hardsigmoid,
    Kind.HARD_SWISH: functional.hardswish,
    Kind.LEAKY_RELU: lambda x: functional.leaky_relu(x, 0.2),
    Kind.SILU: functional.silu,
}


@pytest.mark.parametrize("kind", list(CURVES), ids=lambda kind: kind.name)
def test_activations_are_pytorchs(kind: Kind) -> None:
    x = np.concatenate([np.linspace(-15, 15, 20_001), [-90.0, 90.0, 0.0]])
    found = run(schema.Activation(kind, 0.2), x[None, :, None], [], (len(x), 1))
    wanted = CURVES[kind](torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found.ravel(), wanted, rtol=1e-6, atol=1e-6)


def test_functions_are_as_accurate_as_they_say() -> None:
    x = np.linspace(-30, 30, 400_001).astype(np.float32)
    real = x.astype(np.float64)
    assert np.abs(erf(x) - special.erf(real)).max() < 2e-7
    assert np.abs(gate_sigmoid(x) - special.expit(real)).max() < 1.2e-7
    assert np.abs(gate_tanh(x) - np.tanh(real)).max() < 1.5e-7


def test_layer_norm_softmax_and_pools_are_pytorchs() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(3, ROWS, 6)).astype(np.float32)
    scale, offset = rng.normal(size=6), rng.normal(size=6)
    tensor = torch.from_numpy(x)
    found = run(schema.LayerNorm(1e-3), x, [scale, offset], (ROWS, 6))
    weights = [torch.from_numpy(v.astype(np.float32)) for v in (scale, offset)]
    wanted = functional.layer_norm(tensor, (6,), *weights, eps=1e-3)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-6)
    for axis in (0, 1):
        found = run(schema.Softmax(axis), x, [], (ROWS, 6))
        np.testing.assert_allclose(found, torch.softmax(tensor, 1 + axis), rtol=0, atol=1e-6)
        shape = (ROWS, 1) if axis else (1, 6)
        for kind, reduce in ((schema.PoolKind.SUM, torch.sum), (schema.PoolKind.MAX, torch.amax)):
            found = run(schema.GlobalPool(kind, axis), x, [], shape)
            wanted = reduce(tensor, 1 + axis, keepdim=True)
            np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-6)


@pytest.mark.parametrize("cell", list(schema.CellKind), ids=lambda cell: cell.name)
def test_integer_states_do_not_drift(cell: schema.CellKind) -> None:
    """20,000 steps of one window in INT8 and in FP32: the last steps are as close as the first."""
    rng = np.random.default_rng(3)
    from libhar.quantize.ranges import calibrate
    from libhar.quantize.rewrite import Rewriter

    units, gates = 6, {"RNN": 1, "LSTM": 4, "GRU": 3}[cell.name]
    build = GraphBuilder()
    build.graph.input = build.computed("x", 20_000, 3)
    inputs = [build.graph.input]
    for name, size in (("w", (gates * units, 3)), ("u", (gates * units, units))):
        inputs.append(build.constant(name, rng.normal(0, 0.5, size).astype(np.float32)))
    output = build.computed("h", 20_000, units)
    params = schema.Recurrent(cell, reset_after=True)
    build.graph.output = build.op("layer", params, inputs, output)
    network = Network(build.graph, build.buffers)
    x = rng.normal(size=(1, 20_000, 3)).astype(np.float32)
    values = network.run_all(x)
    made = Rewriter(network, calibrate(build.graph, values, 100), values).rewrite()
    found = Network(made.graph, made.buffers).run_all(x)[made.graph.output]
    error = np.abs(found - values[output])[0].max(axis=1)
    assert error.max() < 0.1
    assert error[-2000:].mean() < 1.2 * error[:2000].mean()
