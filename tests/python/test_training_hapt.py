"""The recipe training/hapt_sequence: its windows, its network, its training end to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnxruntime = pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import datasets

from training.common.signal import signal_steps
from training.hapt_sequence import data, train
from training.hapt_sequence.network import LAYERS, SequenceNet

SPECS = Path(data.__file__).parent


def write_recordings(folder: Path) -> None:
    """Person 1 trains, person 2 is tested on; every class is in both, and its number in acc_x."""
    rng = np.random.default_rng(3)
    lengths = [200] * 6 + [170] * 6
    rows = sum(lengths)
    signal = rng.normal(0, 0.1, (2 * rows, 6)).astype(np.float32)
    labels, start = [], 0
    for activity, length in enumerate(lengths, 1):
        for person in (1, 2):
            labels.append((person, person, activity, start + 1, start + length))
            signal[(person - 1) * rows + start : (person - 1) * rows + start + length, 0] = activity
        start += length
    experiments = np.array([[1, 1, 0, rows], [2, 2, rows, 2 * rows]])
    np.savez(folder / "hapt.npz", data=signal, exp=experiments, labels=np.array(labels))


@pytest.mark.parametrize("kind", LAYERS)
def test_the_specs_fit_the_network_and_leave_the_signal_raw(kind: str) -> None:
    raw = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)
    np.testing.assert_array_equal(signal_steps(SPECS / f"hapt_{kind}.toml")(raw), raw)


def test_only_training_people_are_held_and_transitions_lie_denser(tmp_path: Path) -> None:
    write_recordings(tmp_path)
    found = data.training_windows(tmp_path, lambda raw: raw)
    assert set(found.people.tolist()) == {1}
    assert np.bincount(found.labels).tolist() == [2] * 6 + [3] * 6, "hop 64, hop 16"
    assert np.array_equal(found.signal[:, :, 0], np.repeat(found.labels[:, None] + 1, 128, 1))
    assert set(data.test_windows(tmp_path, lambda raw: raw).people.tolist()) == {2}
    golden = data.golden_recordings(tmp_path, 150)
    assert {name: piece[0, 0] for name, piece in golden.items()} == {
        "walking": 1,
        "laying": 6,
        "stand_to_sit": 7,
    }


def test_the_random_split_leaks_copies_as_it_says(tmp_path: Path) -> None:
    write_recordings(tmp_path)
    trained_on, tested_on = data.random_split(tmp_path, lambda raw: raw)
    counts = np.bincount(np.concatenate([trained_on.labels, tested_on.labels]))
    assert set(counts.tolist()) == {4}, "as many of each class as of the largest"
    seen = {window.tobytes() for window in trained_on.signal}
    transitions = tested_on[tested_on.labels >= 6]
    assert any(window.tobytes() in seen for window in transitions.signal)


@pytest.mark.parametrize("kind", LAYERS)
def test_the_network_is_the_mean_of_a_recurrent_layer(kind: str) -> None:
    """Against the layer stepped by hand with PyTorch's cells."""
    torch.manual_seed(1)
    network = SequenceNet(kind).eval()
    cells = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}
    cell = cells[kind](6, 64)
    with torch.no_grad():
        network.norm.running_mean.normal_()
        network.norm.running_var.uniform_(0.5, 2)
        for name, weight in cell.named_parameters():
            weight.copy_(getattr(network.recurrent, f"{name}_l0"))
        signal = torch.randn(3, 6, 128)
        mean, var = network.norm.running_mean, network.norm.running_var
        scaled = (signal - mean[:, None]) / torch.sqrt(var[:, None] + network.norm.eps)
        state, total = None, torch.zeros(3, 64)
        for step in range(128):
            state = cell(scaled[:, :, step], state)
            total += state[0] if kind == "lstm" else state
        wanted = network.dense(total / 128)
        torch.testing.assert_close(network(signal), wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("split", ["people", "windows at random"])
def test_a_run_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: str
) -> None:
    write_recordings(tmp_path)
    arguments = ["train.py", "--network", "gru", "--seed", "0", "--epochs", "1"]
    arguments += ["--data-dir", str(tmp_path), "--out", str(tmp_path / "run")]
    monkeypatch.setattr("sys.argv", arguments + ["--random-split"] * (split != "people"))
    monkeypatch.setattr(train, "settings", lambda _: settings_of_small_batches)
    train.main()
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["settings"]["split"] == split
    assert metrics["trained_on"] == ([1] if split == "people" else [1, 2])
    assert ("holdout_macro_f1" in metrics) == (split != "people")
    session = onnxruntime.InferenceSession(str(tmp_path / "run/hapt_gru.onnx"))
    (logits,) = session.run(None, {"input": np.zeros((1, 6, 128), np.float32)})
    assert logits.shape == (1, len(datasets.HAPT_LABELS))


real = train.settings("gru")
settings_of_small_batches = train.Settings(
    train.Schedule(1, 8, 1e-3, 0.0, 0.9, gradient_norm=1.0),
    real.label_smoothing,
    real.augmentation,
)
