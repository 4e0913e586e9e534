"""What the recipes share: windows, augmentation, losses, the training loop, export."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnx = pytest.importorskip("onnx", reason="the training recipes need onnx")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar.datasets import Windows
from libhar.seeds import mean_and_interval

from training.common import augment as changes
from training.common.augment import Augmentation, Triple
from training.common.export import export_onnx
from training.common.fit import Batch, Checkpoint, Progress, Result, Schedule, fit, predict
from training.common.losses import cross_entropy, distillation
from training.common.windows import class_weights, crc32, evenly, only_people, split_people

LAYOUT = (Triple(0, moving=3), Triple(3), Triple(6))
STRENGTH = Augmentation(rotation_deg=15.0, time_scale=0.1, amplitude=0.15, mixup=0.2)
SCHEDULE = Schedule(epochs=4, batch=8, learning_rate=3e-3, weight_decay=3e-2, averaging=0.9)
CLASSES, LENGTH = 3, 32


def made_up_windows(count: int = 24, seed: int = 0) -> Windows:
    """Windows whose class shows in the frequency of the first channel."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % CLASSES
    signal = rng.normal(0, 0.2, (count, LENGTH, 9)).astype(np.float32)
    time = np.arange(LENGTH) / LENGTH
    signal[:, :, 0] += np.sin(2 * np.pi * 3 * (labels[:, None] + 1) * time).astype(np.float32)
    people = np.where(np.arange(count) % 2 == 0, 1, 3)
    return Windows(signal, labels, people, ("ONE", "TWO", "THREE"))


def small_network() -> torch.nn.Module:
    return torch.nn.Sequential(
        torch.nn.Conv1d(9, 8, 5, padding=2),
        torch.nn.BatchNorm1d(8),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.1),
        torch.nn.AdaptiveAvgPool1d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, CLASSES),
    )


class TestWindows:
    def test_refuses_people_that_are_not_allowed(self) -> None:
        windows = made_up_windows()
        assert only_people(windows, {1, 3, 5}) is windows
        with pytest.raises(ValueError, match=r"people \[3\] are not training people"):
            only_people(windows, {1})

    def test_refuses_windows_that_are_not_whole(self) -> None:
        good = made_up_windows()
        bad = good.signal.copy()
        bad[3, 4, 5] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            only_people(Windows(bad, good.labels, good.people, good.names), {1, 3})
        with pytest.raises(ValueError, match=r"labels span 1\.\.3, not 0\.\.2"):
            only_people(Windows(good.signal, good.labels + 1, good.people, good.names), {1, 3})
        with pytest.raises(ValueError, match="same windows"):
            only_people(Windows(good.signal, good.labels, good.people[1:], good.names), {1, 3})

    def test_splits_by_person(self) -> None:
        windows = made_up_windows()
        rest, theirs = split_people(windows, [3])
        assert set(rest.people) == {1}
        assert set(theirs.people) == {3}
        np.testing.assert_array_equal(theirs.signal, windows.signal[1::2])
        assert len(rest.labels) + len(theirs.labels) == len(windows.labels)
        with pytest.raises(ValueError, match=r"holdout \[5\]"):
            split_people(windows, [5])

    def test_fingerprint_sees_every_part(self) -> None:
        windows = made_up_windows()
        prints = {
            crc32(windows),
            crc32(Windows(windows.signal + 1, windows.labels, windows.people, windows.names)),
            crc32(Windows(windows.signal, windows.labels[::-1], windows.people, windows.names)),
            crc32(Windows(windows.signal, windows.labels, windows.people[::-1], windows.names)),
        }
        assert len(prints) == 4
        assert crc32(made_up_windows()) == crc32(windows)

    def test_class_weights_even_the_classes_out(self) -> None:
        windows = made_up_windows(12)
        labels = np.array([0] * 9 + [2] * 3, np.int64)
        weights = class_weights(Windows(windows.signal, labels, windows.people, windows.names))
        assert weights.dtype == np.float32
        assert weights[1] == 0
        assert weights[0] * 9 == pytest.approx(weights[2] * 3)
        assert weights[labels].mean() == pytest.approx(1)

    def test_calibration_windows_come_from_the_whole_set(self) -> None:
        windows = made_up_windows(24)
        np.testing.assert_array_equal(evenly(windows, 3), windows.signal[[0, 11, 23]])


class TestAugmentation:
    rng = np.random.default_rng(7)
    batch = torch.from_numpy(rng.normal(size=(16, 9, 128)).astype(np.float32))

    def test_rotation_matrices_are_rotations_of_the_asked_spread(self) -> None:
        turns = changes.random_rotations(20000, 15.0, np.random.default_rng(1))
        np.testing.assert_allclose(
            turns @ turns.transpose(0, 2, 1), np.eye(3) + 0 * turns, atol=1e-12
        )
        np.testing.assert_allclose(np.linalg.det(turns), 1.0, atol=1e-12)
        angle = np.degrees(np.arccos((np.trace(turns, axis1=1, axis2=2) - 1) / 2))
        assert np.sqrt(np.mean(angle**2)) == pytest.approx(15.0, rel=0.03)
        assert np.abs(turns.mean(axis=0) - np.eye(3) * turns.mean(axis=0)).max() < 0.01

    def test_rotation_turns_the_sensors_of_a_device_alike_and_no_other_channel(self) -> None:
        turn = changes.random_rotations(32, 90.0, np.random.default_rng(2)).reshape(16, 2, 3, 3)
        layout = (Triple(0, device=0), Triple(3, device=1), Triple(6, device=0))
        batch = torch.cat([self.batch, self.batch[:, :2]], dim=1)
        after = changes.rotate(batch, layout, torch.from_numpy(turn).float()).numpy()
        for place, device in ((0, 0), (3, 1), (6, 0)):
            triple = self.batch[:, place : place + 3].numpy()
            by_hand = np.einsum("nij,njt->nit", turn[:, device], triple)
            np.testing.assert_allclose(after[:, place : place + 3], by_hand, atol=1e-5)
        np.testing.assert_array_equal(after[:, 9:], batch[:, 9:].numpy())

    def test_motion_scaling_leaves_gravity_alone(self) -> None:
        swing = torch.linspace(0.85, 1.15, 16)
        after = changes.scale_motion(self.batch, LAYOUT, swing)
        gravity = self.batch[:, :3] - self.batch[:, 3:6]
        torch.testing.assert_close(after[:, :3] - after[:, 3:6], gravity, rtol=0, atol=1e-5)
        torch.testing.assert_close(after[:, 3:], swing[:, None, None] * self.batch[:, 3:])

    def test_motion_scaling_about_the_mean_and_of_nothing(self) -> None:
        swing = torch.linspace(0.5, 1.5, 16)
        layout = (Triple(0, moving="about_mean"), Triple(3, moving="none"))
        after = changes.scale_motion(self.batch, layout, swing)
        torch.testing.assert_close(after[:, :3].mean(2), self.batch[:, :3].mean(2))
        spread = self.batch[:, :3].std(2) * swing[:, None]
        torch.testing.assert_close(after[:, :3].std(2), spread, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(after[:, 3:], self.batch[:, 3:], rtol=0, atol=0)

    def test_time_scaling_is_mirrored_linear_interpolation(self) -> None:
        speed = torch.linspace(0.9, 1.1, 16)
        after = changes.scale_time(self.batch, speed).numpy()
        mirrored = np.pad(self.batch.numpy(), ((0, 0), (0, 0), (127, 127)), mode="reflect")
        for window in range(16):
            at = 63.5 + float(speed[window]) * (np.arange(128) - 63.5) + 127
            for channel in range(9):
                expected = np.interp(at, np.arange(382), mirrored[window, channel])
                np.testing.assert_allclose(after[window, channel], expected, atol=1e-4)

    def test_nothing_changes_at_strength_zero(self) -> None:
        same = changes.augment(self.batch, LAYOUT, changes.NONE, np.random.default_rng(3))
        torch.testing.assert_close(same, self.batch, rtol=0, atol=1e-6)
        plain = changes.augment(self.batch, (), STRENGTH, np.random.default_rng(3))
        assert plain.shape == self.batch.shape

    def test_all_changes_together_keep_total_gravity_plus_body(self) -> None:
        gravity = torch.tensor([0.9, 0.1, -0.4])[None, :, None].expand(16, 3, 128)
        batch = torch.cat([gravity + self.batch[:, 3:6], self.batch[:, 3:]], dim=1)
        after = changes.augment(batch, LAYOUT, STRENGTH, np.random.default_rng(4))
        assert not torch.allclose(after, batch, atol=0.05)
        still = (after[:, :3] - after[:, 3:6]).norm(dim=1)
        torch.testing.assert_close(still, gravity.norm(dim=1), rtol=1e-5, atol=1e-5)

    def test_mixup_mixes_targets_as_it_mixes_windows(self) -> None:
        labels = torch.arange(16) % 6
        targets = torch.nn.functional.one_hot(labels, 6).float()
        levels = labels[:, None, None].float().expand(16, 9, 128)
        mixed, shares = changes.mix(levels, targets, 0.5, np.random.default_rng(5))
        torch.testing.assert_close(shares.sum(dim=1), torch.ones(16))
        assert ((shares > 0).sum(dim=1) <= 2).all()
        assert ((shares > 0.01) & (shares < 0.99)).any()
        expected = (shares * torch.arange(6)).sum(dim=1)
        torch.testing.assert_close(mixed, expected[:, None, None].expand(16, 9, 128))


class TestLosses:
    def test_distillation_is_the_formula(self) -> None:
        rng = np.random.default_rng(8)
        student, teacher = rng.normal(size=(2, 5, 4))
        targets = rng.dirichlet(np.ones(4), 5)

        def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
            powers = np.exp(logits / temperature)
            return powers / powers.sum(axis=1, keepdims=True)

        soft, wanted = softmax(student, 3.0), softmax(teacher, 3.0)
        kl = (wanted * np.log(wanted / soft)).sum(axis=1).mean()
        ce = -(targets * np.log(softmax(student, 1.0))).sum(axis=1).mean()
        tensors = (torch.from_numpy(a) for a in (student, teacher, targets))
        found = distillation(*tensors, temperature=3.0, share=0.7)
        assert float(found) == pytest.approx(0.7 * 9 * kl + 0.3 * ce)

    def test_cross_entropy_weighs_classes_and_goes_through_the_given_pass(self) -> None:
        signal = torch.zeros(3, 9, LENGTH)
        batch = Batch(signal, torch.tensor([0, 1, 2]), torch.arange(3), 0, np.random.default_rng(0))
        logits = torch.tensor([[2.0, 0, 0], [0, 0, 1], [0, 3, 0]])
        loss = cross_entropy(
            CLASSES, LAYOUT, changes.NONE, 0.0, torch.tensor([1.0, 0, 0]), lambda *_: logits
        )
        first = -torch.log_softmax(logits, 1)[0, 0]
        assert float(loss(torch.nn.Identity(), batch)) == pytest.approx(float(first) / 3)


class TestFit:
    @staticmethod
    def run(
        path: Path, seed: int = 5, windows: Windows | None = None, report=lambda _: None
    ) -> Result:
        torch.set_num_threads(1)
        return fit(
            small_network,
            made_up_windows() if windows is None else windows,
            cross_entropy(CLASSES, LAYOUT, STRENGTH, 0.05),
            SCHEDULE,
            seed,
            Checkpoint(path, 1, {"smoothing": 0.05}),
            report,
        )

    def test_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
        self, tmp_path: Path
    ) -> None:
        whole = self.run(tmp_path / "whole.pt")

        def interrupt(progress: Progress) -> None:
            if progress.epoch == 1:
                shutil.copy(tmp_path / "parts.pt", tmp_path / "first.pt")
            if progress.epoch == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.run(tmp_path / "parts.pt", report=interrupt)
        for name in ("first", "parts"):
            resumed = self.run(tmp_path / f"{name}.pt")
            assert resumed.losses == whole.losses
            for key, value in whole.network.state_dict().items():
                assert torch.equal(value, resumed.network.state_dict()[key]), key
        assert self.run(tmp_path / "other.pt", seed=6).losses != whole.losses

    def test_refuses_the_checkpoint_of_another_run(self, tmp_path: Path) -> None:
        path = tmp_path / "checkpoint.pt"
        self.run(path)
        before = path.read_bytes()
        with pytest.raises(ValueError, match="seed = 5, this run has 6"):
            self.run(path, seed=6)
        with pytest.raises(ValueError, match="windows_crc32"):
            self.run(path, windows=made_up_windows(seed=1))
        loss = cross_entropy(CLASSES, LAYOUT, STRENGTH, 0.1)
        other = Checkpoint(path, 1, {"smoothing": 0.1})
        with pytest.raises(ValueError, match=r"smoothing = 0\.05, this run has 0\.1"):
            fit(small_network, made_up_windows(), loss, SCHEDULE, 5, other, lambda _: None)
        assert path.read_bytes() == before

    def test_gives_every_window_once_an_epoch_with_its_place(self, tmp_path: Path) -> None:
        windows, seen = made_up_windows(), []

        def loss(network: torch.nn.Module, batch: Batch) -> torch.Tensor:
            rows = torch.from_numpy(windows.signal)[batch.index].transpose(1, 2)
            assert torch.equal(batch.signal, rows)
            seen.append((batch.epoch, batch.index.tolist()))
            return network(batch.signal).square().mean()

        checkpoint = Checkpoint(tmp_path / "c.pt", 9, {})
        fit(small_network, windows, loss, SCHEDULE, 0, checkpoint, lambda _: None)
        for epoch in range(SCHEDULE.epochs):
            places = [i for at, index in seen if at == epoch for i in index]
            assert sorted(places) == list(range(24))

    def test_refuses_fewer_windows_than_a_batch(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="4 windows do not fill one batch of 8"):
            self.run(tmp_path / "checkpoint.pt", windows=made_up_windows(4))

    def test_predicts_the_largest_logit_of_every_window(self) -> None:
        windows = made_up_windows(700)
        found = predict(lambda batch: batch[:, :CLASSES, 0], windows)
        np.testing.assert_array_equal(found, windows.signal[:, 0, :CLASSES].argmax(axis=1))


class TestExport:
    def test_file_computes_the_network(self, tmp_path: Path) -> None:
        torch.manual_seed(0)
        network = small_network().eval()
        export_onnx(network, tmp_path / "net.onnx", 9, LENGTH)
        kinds = [node.op_type for node in onnx.load(tmp_path / "net.onnx").graph.node]
        assert kinds.count("BatchNormalization") == 1, "norms are left for libhar to fold"

    def test_refuses_a_file_that_computes_something_else(self, tmp_path: Path) -> None:
        class Drifting(torch.nn.Module):
            calls = 0.0

            def forward(self, signal: torch.Tensor) -> torch.Tensor:
                self.calls += 1
                return signal.mean(2) + self.calls

        with pytest.raises(RuntimeError, match="differs from PyTorch"):
            export_onnx(Drifting(), tmp_path / "net.onnx", 9, LENGTH)


def test_interval_of_seeds_is_students() -> None:
    mean, (low, high) = mean_and_interval([0.97, 0.98, 0.99])
    assert mean == pytest.approx(0.98)
    assert high - mean == pytest.approx(4.302653 * 0.01 / np.sqrt(3), rel=1e-6)
    assert mean - low == pytest.approx(high - mean)
    with pytest.raises(ValueError, match="1 seeds have no interval"):
        mean_and_interval([0.98])
