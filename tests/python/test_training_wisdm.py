"""The recipe training/wisdm_rabkd: attention, the five forms' losses, training end to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnxruntime = pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.common.augment import NONE
from training.common.fit import Batch, Schedule
from training.wisdm_rabkd import data, publish, train
from training.wisdm_rabkd.distil import FORMS, Learner, Weights, student_loss
from training.wisdm_rabkd.network import (
    CLASSES,
    STUDENT_WIDTHS,
    TEACHER_WIDTHS,
    WINDOW,
    Cbam,
    WatchNet,
)

WEIGHTS = Weights(temperature=3.0, hard=0.25, maps=0.7)


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values)))


def weights_of(layer: torch.nn.Module) -> list[np.ndarray]:
    return [weight.detach().double().numpy() for weight in layer.parameters()]


def test_cbam_is_the_papers_formula() -> None:
    torch.manual_seed(2)
    gate = Cbam(8, reduction=4)
    x = torch.randn(2, 8, 11)
    (w1, b1), (w2, b2) = weights_of(gate.squeeze), weights_of(gate.excite)
    (kernel,) = weights_of(gate.spatial)
    with torch.no_grad():
        gated, maps = gate(x)
    for i, one in enumerate(x.double().numpy()):
        pooled = [one.mean(axis=1), one.max(axis=1)]
        channel = sigmoid(sum(w2 @ np.maximum(w1 @ p + b1, 0) + b2 for p in pooled))
        left = one * channel[:, None]
        seen = np.pad([left.mean(axis=0), left.max(axis=0)], ((0, 0), (3, 3)))
        spatial = sigmoid(np.array([(kernel[0] * seen[:, t : t + 7]).sum() for t in range(11)]))
        np.testing.assert_allclose(maps.channel[i], channel, atol=1e-6)
        np.testing.assert_allclose(maps.spatial[i], spatial, atol=1e-6)
        np.testing.assert_allclose(gated[i], left * spatial, atol=1e-6)


def multiply_accumulates(widths: tuple[int, ...]) -> int:
    """Of the convolutions, where all but a few percent are, counted on the shapes they make."""
    total = 0

    def count(layer: torch.nn.Conv1d, _: object, output: torch.Tensor) -> None:
        nonlocal total
        total += output.numel() * layer.in_channels * layer.kernel_size[0]

    network = WatchNet(widths, attention=False).eval()
    for layer in network.convs:
        layer.register_forward_hook(count)
    network(torch.zeros(1, 6, WINDOW))
    return total


def test_the_student_costs_a_ninth_of_the_teacher() -> None:
    ratio = multiply_accumulates(TEACHER_WIDTHS) / multiply_accumulates(STUDENT_WIDTHS)
    assert 8 <= ratio <= 10, ratio


@pytest.mark.parametrize("name", FORMS)
def test_the_loss_is_that_of_its_form(name: str) -> None:
    torch.manual_seed(4)
    form = FORMS[name]
    learner, teacher = Learner(form).eval(), WatchNet(TEACHER_WIDTHS, attention=True).eval()
    signal, labels = torch.randn(6, 6, WINDOW), torch.arange(6)
    batch = Batch(signal, labels, torch.arange(6), 0, np.random.default_rng(0))
    with torch.no_grad():
        found = float(student_loss(form, WEIGHTS, teacher, data.LAYOUT, NONE)(learner, batch))
        logits, maps = learner.student.with_maps(signal)
        shown, shown_maps = teacher.with_maps(signal)
    own, of_teacher = logits.double().numpy(), shown.double().numpy()
    wanted = -np.log(softmax(own)[np.arange(6), labels.numpy()]).mean()
    if form.responses:
        p, q = softmax(of_teacher / 3.0), softmax(own / 3.0)
        divergence = (p * np.log(p / q)).sum(axis=1).mean()
        wanted = 0.25 * wanted + 0.75 * 9.0 * divergence
    if form.maps:
        errors = []
        for regressor, mine, theirs in zip(learner.regressors, maps, shown_maps):
            weight, bias = weights_of(regressor)
            lifted = sigmoid(mine.channel.numpy() @ weight.T + bias)
            channel = ((lifted - theirs.channel.numpy()) ** 2).mean()
            errors.append(channel + ((mine.spatial - theirs.spatial).numpy() ** 2).mean())
        wanted += 0.7 * np.mean(errors)
    assert found == pytest.approx(wanted, rel=1e-4)
    assert len(maps) == (3 if form.attention else 0)


def test_the_teacher_learns_nothing_from_its_student() -> None:
    learner, teacher = Learner(FORMS["rab_kd"]), WatchNet(TEACHER_WIDTHS, attention=True)
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    loss = student_loss(FORMS["rab_kd"], WEIGHTS, teacher, data.LAYOUT, NONE)
    batch = Batch(
        torch.randn(4, 6, WINDOW), torch.arange(4), torch.arange(4), 0, np.random.default_rng(0)
    )
    loss(learner, batch).backward()
    assert all(weight.grad is None for weight in teacher.parameters())
    assert all(torch.equal(before[name], value) for name, value in teacher.state_dict().items())
    assert all(weight.grad is not None for weight in learner.parameters())


def write_recordings(folder: Path) -> None:
    """Five people, one of them of the test, 400 rows of every class."""
    rng = np.random.default_rng(5)
    segments = [
        (person, label, 400 * i, 400 * (i + 1))
        for i, (person, label) in enumerate(
            (person, label) for person in range(1600, 1605) for label in range(CLASSES)
        )
    ]
    steps = rng.integers(0, 256, (2, 3, 400 * len(segments))).astype(np.uint8)
    others = {"seg": np.array(segments), "seg_dt_ms": np.full(len(segments), 50.0)}
    for name, low in zip(("accel", "gyro"), steps):
        packed = {"data_lo": low, "data_hi": np.zeros_like(low), "time_axis": 0}
        np.savez(folder / f"wisdm_watch_{name}.npz", **packed, scale=np.full(3, 1e-4), **others)


def test_the_gate_is_checked_on_training_people_that_nothing_is_tuned_on(tmp_path: Path) -> None:
    write_recordings(tmp_path)
    gate = publish.gate(tmp_path, lambda raw: raw)
    assert set(gate.tuned_on.people.tolist()) == {1602, 1603, 1604}
    assert set(gate.checked_on.people.tolist()) == {1601}
    assert len(gate.tuned_on) == 3 * CLASSES * 2, "two windows end to end of 400 rows"
    assert len(gate.checked_on) == CLASSES * 3, "three that overlap"
    assert data.GATE_PEOPLE <= data.TRAINING_PEOPLE


def test_a_run_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_recordings(tmp_path)
    schedule = Schedule(1, 32, 1e-3, 0.0, 0.9)
    settings = train.Settings(schedule, 0.0, train.SETTINGS.augmentation)
    monkeypatch.setattr(train, "SETTINGS", settings)
    common = ["--seed", "0", "--epochs", "1", "--data-dir", str(tmp_path)]

    def run(form: str, *more: str) -> dict[str, object]:
        out = str(tmp_path / form)
        monkeypatch.setattr("sys.argv", ["train.py", "--form", form, "--out", out, *common, *more])
        train.main()
        found: dict[str, object] = json.loads((tmp_path / form / "metrics.json").read_text())
        return found

    assert run("teacher", "--holdout", "1603")["trained_on"] == [1601, 1602, 1604]
    with pytest.raises(SystemExit):
        run("rab_kd")
    found = run("rab_kd", "--teacher", str(tmp_path / "teacher"), "--holdout", "1603")
    assert found["trained_on"] == [1601, 1602, 1604]
    assert "holdout_macro_f1" in found
    assert run("lm")["trained_on"] == [1601, 1602, 1603, 1604], "1600 is of the test people"

    loaded = train.load_teacher(tmp_path / "teacher")
    signal = np.random.default_rng(1).normal(size=(1, 6, WINDOW)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(tmp_path / "teacher/wisdm_teacher.onnx"))
    (exported,) = session.run(None, {"input": signal})
    with torch.no_grad():
        np.testing.assert_allclose(loaded(torch.from_numpy(signal)), exported, atol=1e-5)
    student = onnxruntime.InferenceSession(str(tmp_path / "rab_kd/wisdm_rab_kd.onnx"))
    assert student.run(None, {"input": signal})[0].shape == (1, CLASSES)
