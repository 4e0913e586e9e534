"""The recipe training/opportunity_resnet: its network, its windows, training end to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnxruntime = pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import Model, flat
from libhar.convert import convert
from libhar.convert.spec import load_spec
from libhar.datasets import DSADS_CHANNELS, Recording
from libhar.quantize import quantize

from training.common.augment import Triple
from training.common.export import export_onnx
from training.opportunity_resnet import data, train
from training.opportunity_resnet.network import WINDOW, OpportunityResNet, PreActivation


def used_network(channels: int, classes: int) -> OpportunityResNet:
    """Norms with statistics and gains of their own, unlike a fresh network's."""
    torch.manual_seed(4)
    network = OpportunityResNet(channels, classes)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm1d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.normal_(layer.bias, 0, 0.3)
            layer.running_mean.normal_(0, 0.3)
            layer.running_var.uniform_(0.5, 2)
    return network.eval()


def test_has_the_parameters_of_the_paper() -> None:
    state = OpportunityResNet(113, 18).state_dict()
    counted = {n: w.numel() for n, w in state.items() if not n.endswith("num_batches_tracked")}
    assert sum(counted.values()) == 24_594


def test_a_block_is_relu_norm_convolution_twice_and_its_input() -> None:
    block = PreActivation(4).eval()
    block.norms[0].running_mean.fill_(0.5)
    x = torch.randn(3, 4, 15)
    y = block.convs[0]((x.clamp(min=0) - 0.5) / np.sqrt(1 + 1e-5))
    y = block.convs[1](y.clamp(min=0) / np.sqrt(1 + 1e-5))
    torch.testing.assert_close(block(x), x + y, rtol=0, atol=1e-5)


def test_norms_before_convolutions_go_through_conversion_and_quantization(tmp_path: Path) -> None:
    network = used_network(45, 19)
    export_onnx(network, tmp_path / "net.onnx", 45, WINDOW)
    model = convert(train.SPEC, tmp_path / "net.onnx")
    windows = np.random.default_rng(5).normal(size=(200, WINDOW, 45)).astype(np.float32)
    scores, _ = Model(flat.encode(model)).classify(windows)
    with torch.no_grad():
        logits = network(torch.from_numpy(windows).transpose(1, 2))
    np.testing.assert_allclose(scores, torch.softmax(logits, 1).numpy(), atol=1e-5)
    integer, _ = quantize(model, windows)
    _, labels = Model(flat.encode(integer)).classify(windows)
    assert (labels == logits.argmax(1).numpy()).mean() > 0.9


def test_the_spec_names_the_channels_that_are_trained_on() -> None:
    spec = load_spec(train.SPEC)
    assert tuple(channel.name for channel in spec.signal.channels) == DSADS_CHANNELS
    assert (spec.signal.window, spec.signal.hop) == (WINDOW, data.HOP)


def test_five_places_turn_by_themselves() -> None:
    layout = data.layout("dsads")
    assert [triple.first for triple in layout] == list(range(0, 45, 3))
    assert layout[3:6] == (Triple(9, "about_mean", 1), Triple(12, "all", 1), Triple(15, "none", 1))
    for triple in layout:
        place, sensor, _ = DSADS_CHANNELS[triple.first].rsplit("_", 2)
        assert triple.moving == {"acc": "about_mean", "gyro": "all", "mag": "none"}[sensor]
        assert DSADS_CHANNELS[9 * triple.device].startswith(place)
    assert data.layout("opportunity") == ()


def test_standardization_is_over_all_recordings_together() -> None:
    rng = np.random.default_rng(6)
    signals = [rng.normal(3, 2, (n, 4)).astype(np.float32) * [1, 1000, 1, 0] for n in (50, 200)]
    recordings = [Recording(1, np.asarray(s, np.float32), ()) for s in signals]
    steps = data.standardization(recordings)
    together = np.concatenate([steps(r.signal) for r in recordings])
    np.testing.assert_allclose(together.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(together.std(axis=0), [1, 1, 1, 0], atol=1e-5)


def write_archive(root: Path) -> None:
    """OPPORTUNITY of three people, two gestures and the null class a run, 60 rows each."""
    (root / "dataset").mkdir()
    rng = np.random.default_rng(8)
    for person in (1, 2, 3):
        for run in ("Drill", "ADL1", "ADL2", "ADL3", "ADL4", "ADL5"):
            rows = rng.integers(-900, 900, (180, 250)).astype(float)
            rows[:, 249] = np.repeat([0, 406516, 405506], 60)
            np.savetxt(root / "dataset" / f"S{person}-{run}.dat", rows, "%d")


def test_the_original_opportunity_is_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(tmp_path)
    training = data.training_windows(tmp_path, "opportunity")
    assert training.signal.shape[1:] == (WINDOW, 113)
    assert np.bincount(training.labels, minlength=18)[[0, 1, 17]].tolist() == [28, 28, 28]
    arguments = ["train.py", "--data", "opportunity", "--seed", "0", "--epochs", "1"]
    arguments += ["--data-dir", str(tmp_path), "--out", str(tmp_path / "run")]
    monkeypatch.setattr("sys.argv", arguments)
    monkeypatch.setattr(data, "TRAINING_HOP", 5)
    train.main()
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["settings"]["data"] == "opportunity"
    session = onnxruntime.InferenceSession(str(tmp_path / "run/opportunity_resnet.onnx"))
    (logits,) = session.run(None, {"input": np.zeros((1, 113, WINDOW), np.float32)})
    assert logits.shape == (1, 18)
