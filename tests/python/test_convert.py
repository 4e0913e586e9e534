"""Networks from PyTorch through ONNX into the C library: the same probabilities to 1e-5."""

from __future__ import annotations

import warnings
from pathlib import Path

import libhar
import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import flat
from libhar.convert import ConvertError, UnsupportedOp, convert
from libhar.convert.convert import onnx_runner
from libhar.convert.onnx_graph import import_onnx
from libhar.convert.spec import load_spec, model_of
from libhar.quantize import quantize
from libhar.reference import Network, decide
from makers import noise, spec, with_network
from networks import torch_network
from torch import Tensor, nn

WINDOW, COLUMNS = 24, 3


def export(network: nn.Module, path: Path, dynamo: bool, shape: tuple[int, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (torch.zeros(shape),), str(path), dynamo=dynamo, verbose=False)


def scores_of(model: libhar.Model, windows: np.ndarray) -> np.ndarray:
    stream = libhar.Stream(model)
    return np.stack([stream.classify(w).scores for w in windows])


def check_network(seed: int, dynamo: bool, folder: Path) -> None:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = torch_network(rng, WINDOW, COLUMNS)
    path = folder / "net.onnx"
    export(network, path, dynamo, (1, COLUMNS, WINDOW))
    windows = np.stack([noise(rng, WINDOW, COLUMNS) for _ in range(8)])
    with torch.no_grad():
        logits = network(torch.from_numpy(windows.transpose(0, 2, 1).copy()))
    wanted = torch.softmax(logits.double(), 1).numpy()
    source = with_network(*import_onnx(path, WINDOW, COLUMNS))
    found = scores_of(libhar.Model(flat.encode(source)), windows)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)
    runtime, _ = decide(None, onnx_runner(path)(windows))
    np.testing.assert_allclose(found, runtime, rtol=0, atol=1e-5)
    assert source.graph is not None
    reference, _ = decide(None, Network(source.graph, source.buffers).run(windows))
    np.testing.assert_allclose(found, reference, rtol=0, atol=1e-5)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_networks_of_the_torchscript_exporter(seed: int, tmp_path: Path) -> None:
    check_network(seed, False, tmp_path)


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1))
def test_networks_of_the_dynamo_exporter(seed: int, tmp_path: Path) -> None:
    check_network(seed, True, tmp_path)


class LastSoftmax(nn.Module):
    """Linear layers over time steps, then a softmax, on [N, T, C]."""

    def __init__(self) -> None:
        super().__init__()
        self.steps, self.head = nn.Linear(COLUMNS, 4), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(self.head(torch.tanh(self.steps(x)).mean(1)), 1)


def test_time_first_input_and_a_final_softmax(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = LastSoftmax().eval()
    export(network, tmp_path / "net.onnx", False, (1, WINDOW, COLUMNS))
    windows = np.stack([noise(np.random.default_rng(i), WINDOW, COLUMNS) for i in range(4)])
    source = with_network(*import_onnx(tmp_path / "net.onnx", WINDOW, COLUMNS))
    with torch.no_grad():
        wanted = network(torch.from_numpy(windows)).numpy()
    found = scores_of(libhar.Model(flat.encode(source)), windows)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


class Gate(nn.Module):
    """A softmax in the middle, over the channels of every time step."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(COLUMNS, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(torch.softmax(self.first(x), 2).mean(1))


def test_a_softmax_in_the_middle_stays(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Gate().eval()
    export(network, tmp_path / "net.onnx", False, (1, WINDOW, COLUMNS))
    windows = np.stack([noise(np.random.default_rng(i), WINDOW, COLUMNS) for i in range(8)])
    source = with_network(*import_onnx(tmp_path / "net.onnx", WINDOW, COLUMNS))
    with torch.no_grad():
        wanted = torch.softmax(network(torch.from_numpy(windows)).double(), 1).numpy()
    model = libhar.Model(flat.encode(source))
    assert "softmax" in [step.op for step in model.plan]
    np.testing.assert_allclose(scores_of(model, windows), wanted, rtol=0, atol=1e-5)
    integer, _ = quantize(source, windows)
    found = scores_of(libhar.Model(flat.encode(integer)), windows)
    assert integer.graph is not None
    reference, _ = decide(None, Network(integer.graph, integer.buffers).run(windows))
    assert found.tobytes() == reference.astype("<f4").tobytes()


class Refused(nn.Module):
    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what
        self.head = nn.Linear(COLUMNS, 5)

    def forward(self, x: Tensor) -> Tensor:
        if self.what == "Erf":
            x = torch.erf(x)
        elif self.what == "MaxPool":
            x = nn.functional.max_pool1d(x, 2, dilation=2)
        elif self.what == "Clip":
            x = x.clamp(-1, 1)
        elif self.what == "CumSum":
            x = x.cumsum(2)
        elif self.what == "Div":
            x = x / (x.mean(1, keepdim=True) + 2)
        return self.head(x.mean(2))


@pytest.mark.parametrize("op", ["Erf", "MaxPool", "Clip", "CumSum", "Div"])
def test_an_op_that_cannot_be_taken_is_refused_by_name(op: str, tmp_path: Path) -> None:
    export(Refused(op).eval(), tmp_path / "net.onnx", False, (1, COLUMNS, WINDOW))
    with pytest.raises(UnsupportedOp) as caught:
        import_onnx(tmp_path / "net.onnx", WINDOW, COLUMNS)
    assert caught.value.op == op
    assert caught.value.node in str(caught.value)
    assert caught.value.advice


def test_a_wrong_input_shape_is_refused(tmp_path: Path) -> None:
    export(Refused("").eval(), tmp_path / "net.onnx", False, (1, COLUMNS, WINDOW))
    with pytest.raises(ConvertError, match=r"shape \[1, 3, 24\], must be \[1, 3, 25\]"):
        import_onnx(tmp_path / "net.onnx", WINDOW + 1, COLUMNS)


def test_a_file_that_is_not_onnx_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"not a network")
    with pytest.raises(ConvertError, match="not an ONNX file"):
        import_onnx(tmp_path / "net.onnx", WINDOW, COLUMNS)


def test_golden_vectors_pass_and_a_changed_weight_fails(tmp_path: Path) -> None:
    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    export(torch_network(rng, WINDOW, 3), tmp_path / "net.onnx", False, (1, 3, WINDOW))
    lines = ['name = "golden"', 'labels = ["a", "b", "c", "d", "e"]', "[signal]"]
    lines += ["rate_hz = 50", f"window = {WINDOW}", "hop = 8", "channels = ["]
    lines += [f'  {{ name = "s{i}" }},' for i in range(3)] + ["]", "[[signal.steps]]"]
    (tmp_path / "spec.toml").write_text("\n".join([*lines, 'type = "median"']))
    np.savez(tmp_path / "golden.npz", one=noise(rng, 40, 3), two=noise(rng, WINDOW, 3))
    model = convert(tmp_path / "spec.toml", tmp_path / "net.onnx", tmp_path / "golden.npz")
    report = libhar.Model(flat.encode(model)).selftest()
    assert report.passed and report.checked == 2
    assert model.graph is not None
    bias = model.buffers[model.graph.tensors[int(model.graph.ops[-1].inputs[2])].buffer]
    bias.data = (bias.data.view("<f4") + np.float32(0.01)).view(np.uint8)
    report = libhar.Model(flat.encode(model)).selftest()
    assert (report.stage, report.golden, report.checked) == ("network", "one", 0)
    assert abs(report.found - report.expected) == pytest.approx(0.01, rel=0.01)
    model.golden[0].signal = model.golden[0].signal + np.float32(0.5)
    assert libhar.Model(flat.encode(model)).selftest().stage == "signal"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate_hz": "fast"}, "signal.rate_hz is 'fast'"),
        ({"channels": [{"name": "a", "unit": "furlong"}]}, "unit is 'furlong', must be one of"),
        ({"steps": [{"type": "fourier"}]}, r"steps\[0\].type is 'fourier', must be one of median"),
        ({"steps": [{"type": "median", "channels": ["z"]}]}, r"names \['z'\], the columns there"),
        (
            {"steps": [{"type": "lowpass", "order": 2, "cutoff_hz": 25}]},
            "cutoff_hz is 25, must be a number above 0 and below 25",
        ),
        ({"steps": [{"type": "lowpass", "cutoff_hz": 2}]}, "order is missing"),
        ({"colour": 1}, r"unknown keys \['colour'\]"),
    ],
)
def test_a_wrong_spec_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConvertError, match=message):
        model_of(spec(**change))


def test_the_recipes_spec_is_read(root: Path) -> None:
    model = load_spec(root / "training/uci_har_cnn/spec.toml")
    assert len(model.labels) == 6 and len(model.signal.steps) == 5
    assert onnx.__version__
