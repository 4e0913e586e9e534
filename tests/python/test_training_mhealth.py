"""The recipe training/mhealth_cnn_lstm_attention: its sensors, attention, training end to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnxruntime = pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar.convert.spec import load_spec

from training.common.augment import Triple
from training.common.fit import Schedule
from training.mhealth_cnn_lstm_attention import data, train
from training.mhealth_cnn_lstm_attention.network import AdditiveAttention, ConvLstmAttention

SPECS = Path(data.__file__).parent


@pytest.mark.parametrize("sensors", data.SENSORS)
def test_the_specs_name_the_channels_that_are_trained_on(sensors: str) -> None:
    spec = load_spec(SPECS / f"{train.name_of(sensors)}.toml")
    names = tuple(channel.name for channel in spec.signal.channels)
    assert names == data.SOURCES["dsads"].channels(sensors)
    assert (spec.signal.window, spec.signal.hop) == (100, data.HOP)


def test_arm_and_leg_turn_by_themselves() -> None:
    channels = data.SOURCES["dsads"].channels("both")
    assert channels[0] == "right_arm_acc_x" and channels[6] == "left_leg_acc_x"
    assert data.layout(channels) == (
        Triple(0, "about_mean", 0),
        Triple(3, "all", 0),
        Triple(6, "about_mean", 1),
        Triple(9, "all", 1),
    )


def test_attention_is_a_weighted_mean_of_steps() -> None:
    torch.manual_seed(3)
    attention = AdditiveAttention(4)
    steps = torch.randn(2, 7, 4)
    weight, bias = (w.detach().double().numpy() for w in attention.project.parameters())
    score = attention.score.weight.detach().double().numpy()[0]
    for one, found in zip(steps.double().numpy(), attention(steps).detach()):
        powers = np.exp([score @ np.tanh(weight @ step + bias) for step in one])
        wanted = sum(p * step for p, step in zip(powers / powers.sum(), one))
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_both_branches_reach_the_head() -> None:
    torch.manual_seed(3)
    network = ConvLstmAttention(12, 19)
    network(torch.randn(2, 12, 100)).square().sum().backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None and weight.grad.abs().max() > 0, name


def write_archive(root: Path) -> None:
    """MHEALTH of ten people with 110 rows of every class."""
    folder = root / "MHEALTHDATASET"
    folder.mkdir()
    rng = np.random.default_rng(8)
    for person in range(1, 11):
        rows = rng.normal(size=(12 * 110, 24))
        rows[:, 23] = np.repeat(np.arange(1, 13), 110)
        np.savetxt(folder / f"mHealth_subject{person}.log", rows, "%.5g", delimiter="\t")


@pytest.mark.parametrize("split", ["people", "windows at random"])
def test_the_original_mhealth_is_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: str
) -> None:
    write_archive(tmp_path)
    schedule = Schedule(1, 16, 1e-3, 0.0, 0.9)
    settings = train.Settings(schedule, 0.0, train.SETTINGS.augmentation)
    monkeypatch.setattr(train, "SETTINGS", settings)
    arguments = ["train.py", "--data", "mhealth", "--sensors", "leg", "--seed", "0"]
    arguments += ["--epochs", "1", "--data-dir", str(tmp_path), "--out", str(tmp_path / "run")]
    if split != "people":
        arguments.append("--random-split")
    monkeypatch.setattr("sys.argv", arguments)
    train.main()
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    without_test_people = [1, 2, 3, 4, 6, 7, 8, 9]
    assert metrics["trained_on"] == (
        without_test_people if split == "people" else list(range(1, 11))
    )
    assert metrics["settings"]["split"] == split
    name = train.name_of("leg")
    session = onnxruntime.InferenceSession(str(tmp_path / "run" / f"{name}.onnx"))
    (logits,) = session.run(None, {"input": np.zeros((1, 6, 100), np.float32)})
    assert logits.shape == (1, 12)
