"""The recipe training/uci_har_cnn: its loaders, its augmentation, its training, its export."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnx = pytest.importorskip("onnx", reason="the training recipes need onnx")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import datasets

from training.uci_har_cnn import data
from training.uci_har_cnn.augment import (
    Augmentation,
    augment,
    mix,
    random_rotations,
    rotate,
    scale_motion,
    scale_time,
)
from training.uci_har_cnn.export import export_onnx
from training.uci_har_cnn.fit import Progress, Settings, fit, predict
from training.uci_har_cnn.network import UciHarCnn, channels_last_logits

WITHOUT_CHANGE = Augmentation(rotation_deg=0.0, time_scale=0.0, amplitude=0.0, mixup=0.0)
SETTINGS = Settings(
    epochs=4,
    batch=8,
    learning_rate=3e-3,
    weight_decay=3e-2,
    label_smoothing=0.05,
    averaging=0.9,
    augmentation=Augmentation(rotation_deg=15.0, time_scale=0.1, amplitude=0.15, mixup=0.2),
)


def made_up_windows(count: int = 24, seed: int = 0) -> data.Windows:
    """Windows whose class shows in the frequency of the first channel."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % len(data.LABELS)
    signal = rng.normal(0, 0.2, (count, data.WINDOW, len(data.CHANNELS))).astype(np.float32)
    time = np.arange(data.WINDOW) / data.WINDOW
    signal[:, :, 0] += np.sin(2 * np.pi * 3 * (labels[:, None] + 1) * time).astype(np.float32)
    return data.Windows(signal, labels, np.where(np.arange(count) % 2 == 0, 1, 3))


def write_archive(root: Path, windows: data.Windows) -> None:
    """The train folder of the original archive, in its own number format."""
    signals = root / "train" / "Inertial Signals"
    signals.mkdir(parents=True)
    for channel, name in enumerate(data.CHANNELS):
        np.savetxt(signals / f"{name}_train.txt", windows.signal[:, :, channel], fmt="% .7e")
    np.savetxt(root / "train" / "y_train.txt", windows.labels + 1, fmt="%d")
    np.savetxt(root / "train" / "subject_train.txt", windows.subjects, fmt="%d")


def write_npz(path: Path, windows: data.Windows, people_of_test: int) -> None:
    """uci_har.npz of these windows end to end, then one test window full of NaN."""
    test = np.full((1, data.WINDOW, len(data.CHANNELS)), np.nan, np.float32)
    np.savez(
        path,
        samples=np.concatenate([windows.signal, test]).reshape(-1, len(data.CHANNELS)),
        win_start=np.arange(len(windows) + 1, dtype=np.int32) * data.WINDOW,
        y=np.append(windows.labels + 1, 1).astype(np.uint8),
        subject=np.append(windows.subjects, people_of_test).astype(np.uint8),
        split=np.append(np.zeros(len(windows)), 1).astype(np.uint8),
        hapt_exp=np.append(windows.subjects, people_of_test).astype(np.int32),
        hapt_pos=np.zeros(len(windows) + 1, np.int32),
    )


class TestLoaders:
    @pytest.mark.parametrize("above", ["", "UCI HAR Dataset"])
    def test_reads_the_original_archive(self, tmp_path: Path, above: str) -> None:
        windows = made_up_windows()
        write_archive(tmp_path / above, windows)
        read = data.training_windows(tmp_path)
        np.testing.assert_allclose(read.signal, windows.signal, rtol=1e-7)
        assert read.signal.dtype == np.float32
        np.testing.assert_array_equal(read.labels, windows.labels)
        np.testing.assert_array_equal(read.subjects, windows.subjects)

    def test_reads_only_the_training_part_of_the_npz(self, tmp_path: Path) -> None:
        windows = made_up_windows()
        write_npz(tmp_path / "uci_har.npz", windows, people_of_test=2)
        read = data.training_windows(tmp_path)
        np.testing.assert_array_equal(read.signal, windows.signal)
        np.testing.assert_array_equal(read.labels, windows.labels)
        assert read.crc32() == windows.crc32()

    def test_refuses_a_test_person(self) -> None:
        windows = made_up_windows()
        with pytest.raises(ValueError, match=r"\[2\] are not training people"):
            data.Windows(windows.signal, windows.labels, np.full(len(windows), 2))

    def test_refuses_labels_of_another_archive(self) -> None:
        windows = made_up_windows()
        with pytest.raises(ValueError, match=r"labels span 7\.\.12, not 0\.\.5"):
            data.Windows(windows.signal, windows.labels + 7, windows.subjects)

    def test_names_a_missing_folder_and_a_broken_file(self, tmp_path: Path) -> None:
        with pytest.raises(datasets.DataError, match="holds neither"):
            data.training_windows(tmp_path)
        write_archive(tmp_path, made_up_windows())
        (tmp_path / "train" / "y_train.txt").write_text("5\nfive\n")
        with pytest.raises(ValueError, match=r"y_train\.txt"):
            data.training_windows(tmp_path)

    def test_refuses_signal_files_of_different_length(self, tmp_path: Path) -> None:
        write_archive(tmp_path, made_up_windows())
        shorter = tmp_path / "train" / "Inertial Signals" / "body_gyro_z_train.txt"
        shorter.write_text("".join(shorter.read_text().splitlines(keepends=True)[:-1]))
        with pytest.raises(ValueError, match="differ in shape"):
            data.training_windows(tmp_path)

    def test_splits_by_person(self) -> None:
        windows = made_up_windows()
        rest, theirs = windows.split_people([3])
        assert set(rest.subjects) == {1}
        assert set(theirs.subjects) == {3}
        assert len(rest) + len(theirs) == len(windows)
        with pytest.raises(ValueError, match=r"holdout \[5\]"):
            windows.split_people([5])


class TestRecordings:
    def test_cuts_windows_from_the_preprocessed_recordings(self, tmp_path: Path) -> None:
        count, rows = 4, 300
        raw = np.arange(3 * rows * 6, dtype=np.float32).reshape(-1, 6)
        experiments = [[1, 1, 0, rows], [2, 2, rows, 2 * rows], [3, 3, 2 * rows, 3 * rows]]
        np.savez(tmp_path / "hapt.npz", data=raw, exp=np.array(experiments, np.int32))
        number, first = np.array([1, 3, 3, 1]), np.array([0, 7, 172, 64])
        np.savez(
            tmp_path / "uci_har.npz",
            split=np.zeros(count),
            hapt_exp=number,
            hapt_pos=first,
            y=np.array([1, 2, 3, 6]),
            subject=number,
        )
        seen = []

        def preprocess(recording: NDArray[np.float32]) -> NDArray[np.float32]:
            seen.append(recording[0, 0])
            return np.hstack([recording, -recording[:, :3]])

        windows = data.training_windows(tmp_path, preprocess)
        assert seen == [raw[0, 0], raw[2 * rows, 0]], "only training people are preprocessed"
        for window, exp, begin in zip(windows.signal, number, first):
            at = (exp - 1) * rows + begin
            np.testing.assert_array_equal(window[:, :6], raw[at : at + data.WINDOW])
            np.testing.assert_array_equal(window[:, 6:], -raw[at : at + data.WINDOW, :3])
        with pytest.raises(datasets.DataError, match=r"made \(300, 6\) of recording 1"):
            data.training_windows(tmp_path, lambda recording: recording)

    def test_the_recipes_signal_steps_give_the_official_windows(self) -> None:
        if "HAR_DATA_DIR" not in os.environ:
            pytest.skip("HAR_DATA_DIR is not set")
        folder = Path(os.environ["HAR_DATA_DIR"])
        spec = Path(data.__file__).with_name("spec.toml")
        computed = data.training_windows(folder, data.signal_steps(spec))
        official = data.training_windows(folder)
        assert len(official) == 7352
        assert np.abs(computed.signal - official.signal).max() < 2e-6
        np.testing.assert_array_equal(computed.subjects, official.subjects)


class TestAugmentation:
    rng = np.random.default_rng(7)
    batch = torch.from_numpy(rng.normal(size=(16, 9, 128)).astype(np.float32))

    def test_rotation_matrices_are_rotations_of_the_asked_spread(self) -> None:
        turns = random_rotations(20000, 15.0, np.random.default_rng(1))
        np.testing.assert_allclose(
            turns @ turns.transpose(0, 2, 1), np.eye(3) + 0 * turns, atol=1e-12
        )
        np.testing.assert_allclose(np.linalg.det(turns), 1.0, atol=1e-12)
        angle = np.degrees(np.arccos((np.trace(turns, axis1=1, axis2=2) - 1) / 2))
        assert np.sqrt(np.mean(angle**2)) == pytest.approx(15.0, rel=0.03)
        assert np.abs(turns.mean(axis=0) - np.eye(3) * turns.mean(axis=0)).max() < 0.01

    def test_rotation_keeps_lengths_and_turns_all_sensors_alike(self) -> None:
        turn = torch.from_numpy(random_rotations(16, 90.0, np.random.default_rng(2))).float()
        before = self.batch.reshape(16, 3, 3, 128)
        after = rotate(self.batch, turn).reshape(16, 3, 3, 128)
        torch.testing.assert_close(after.norm(dim=2), before.norm(dim=2), rtol=1e-5, atol=1e-5)
        by_hand = np.einsum("nij,nsjt->nsit", turn.numpy(), before.numpy())
        np.testing.assert_allclose(after.numpy(), by_hand, atol=1e-5)

    def test_motion_scaling_leaves_gravity_alone(self) -> None:
        swing = torch.linspace(0.85, 1.15, 16)
        after = scale_motion(self.batch, swing)
        gravity = self.batch[:, :3] - self.batch[:, 3:6]
        torch.testing.assert_close(after[:, :3] - after[:, 3:6], gravity, rtol=0, atol=1e-5)
        torch.testing.assert_close(after[:, 3:], swing[:, None, None] * self.batch[:, 3:])

    def test_time_scaling_is_mirrored_linear_interpolation(self) -> None:
        speed = torch.linspace(0.9, 1.1, 16)
        after = scale_time(self.batch, speed).numpy()
        mirrored = np.pad(self.batch.numpy(), ((0, 0), (0, 0), (127, 127)), mode="reflect")
        for window in range(16):
            at = 63.5 + float(speed[window]) * (np.arange(128) - 63.5) + 127
            for channel in range(9):
                expected = np.interp(at, np.arange(382), mirrored[window, channel])
                np.testing.assert_allclose(after[window, channel], expected, atol=1e-4)

    def test_nothing_changes_at_strength_zero(self) -> None:
        same = augment(self.batch, WITHOUT_CHANGE, np.random.default_rng(3))
        torch.testing.assert_close(same, self.batch, rtol=0, atol=1e-6)

    def test_all_changes_together_keep_total_gravity_plus_body(self) -> None:
        gravity = torch.tensor([0.9, 0.1, -0.4])[None, :, None].expand(16, 3, 128)
        batch = torch.cat([gravity + self.batch[:, 3:6], self.batch[:, 3:]], dim=1)
        after = augment(batch, SETTINGS.augmentation, np.random.default_rng(4))
        assert not torch.allclose(after, batch, atol=0.05)
        still = (after[:, :3] - after[:, 3:6]).norm(dim=1)
        torch.testing.assert_close(still, gravity.norm(dim=1), rtol=1e-5, atol=1e-5)

    def test_mixup_mixes_targets_as_it_mixes_windows(self) -> None:
        labels = torch.arange(16) % 6
        targets = torch.nn.functional.one_hot(labels, 6).float()
        levels = labels[:, None, None].float().expand(16, 9, 128)
        mixed, shares = mix(levels, targets, 0.5, np.random.default_rng(5))
        torch.testing.assert_close(shares.sum(dim=1), torch.ones(16))
        assert ((shares > 0).sum(dim=1) <= 2).all()
        assert ((shares > 0.01) & (shares < 0.99)).any()
        expected = (shares * torch.arange(6)).sum(dim=1)
        torch.testing.assert_close(mixed, expected[:, None, None].expand(16, 9, 128))


class TestTraining:
    def test_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
        self, tmp_path: Path
    ) -> None:
        torch.set_num_threads(1)
        windows = made_up_windows()
        whole = fit(windows, SETTINGS, 5, tmp_path / "whole.pt", 1, lambda _: None)

        def interrupt(progress: Progress) -> None:
            if progress.epoch == 1:
                shutil.copy(tmp_path / "parts.pt", tmp_path / "first.pt")
            if progress.epoch == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fit(windows, SETTINGS, 5, tmp_path / "parts.pt", 1, interrupt)
        for name in ("first", "parts"):
            resumed = fit(windows, SETTINGS, 5, tmp_path / f"{name}.pt", 1, lambda _: None)
            assert resumed.losses == whole.losses
            for key, value in whole.network.state_dict().items():
                assert torch.equal(value, resumed.network.state_dict()[key]), key
        other = fit(windows, SETTINGS, 6, tmp_path / "other.pt", 1, lambda _: None)
        assert other.losses != whole.losses

    def test_refuses_the_checkpoint_of_another_run(self, tmp_path: Path) -> None:
        checkpoint = tmp_path / "checkpoint.pt"
        fit(made_up_windows(), SETTINGS, 5, checkpoint, 4, lambda _: None)
        before = checkpoint.read_bytes()
        with pytest.raises(ValueError, match="seed = 5, this run has 6"):
            fit(made_up_windows(), SETTINGS, 6, checkpoint, 4, lambda _: None)
        with pytest.raises(ValueError, match="windows_crc32"):
            fit(made_up_windows(seed=1), SETTINGS, 5, checkpoint, 4, lambda _: None)
        assert checkpoint.read_bytes() == before

    def test_learns_what_can_be_learned(self, tmp_path: Path) -> None:
        windows = made_up_windows(48)
        settings = Settings(15, 16, 3e-3, 0.0, 0.0, 0.8, WITHOUT_CHANGE)
        result = fit(windows, settings, 0, tmp_path / "checkpoint.pt", 15, lambda _: None)
        unseen = made_up_windows(48, seed=9)
        assert (predict(result.network, unseen) == unseen.labels).mean() > 0.9

    def test_refuses_fewer_windows_than_a_batch(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="4 windows do not fill one batch of 8"):
            fit(made_up_windows(4), SETTINGS, 0, tmp_path / "checkpoint.pt", 1, lambda _: None)


class TestNetwork:
    @staticmethod
    def used_network() -> UciHarCnn:
        """Batch norms with statistics and gains of their own, unlike a fresh network's."""
        torch.manual_seed(3)
        network = UciHarCnn()
        for norm in [network.input_norm, *network.norms]:
            norm.running_mean.normal_(0, 0.3)
            norm.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
            torch.nn.init.normal_(norm.bias, 0, 0.3)
        return network

    def test_channels_last_pass_is_the_network(self) -> None:
        network = self.used_network().eval()
        signal = torch.randn(8, 9, 128)
        torch.testing.assert_close(
            channels_last_logits(network, signal), network(signal), rtol=0, atol=1e-5
        )
        twin = self.used_network().train()
        torch.testing.assert_close(
            channels_last_logits(network.train(), signal), twin(signal), rtol=0, atol=1e-5
        )
        for norm, other in zip(network.norms, twin.norms):
            torch.testing.assert_close(norm.running_var, other.running_var, rtol=0, atol=1e-5)

    def test_exported_file_holds_the_network(self, tmp_path: Path) -> None:
        network = self.used_network()
        export_onnx(network, tmp_path / "net.onnx")
        graph = onnx.load(tmp_path / "net.onnx").graph
        weights = {
            w.name: torch.from_numpy(onnx.numpy_helper.to_array(w).copy())
            for w in graph.initializer
        }
        kinds = [node.op_type for node in graph.node]
        assert kinds.count("BatchNormalization") == 5
        assert kinds.count("Conv") == 4
        assert [tmp_path / "net.onnx"] == list(tmp_path.iterdir()), "no external data"
        again = UciHarCnn()
        missing, unexpected = again.load_state_dict(weights, strict=False)
        assert not unexpected
        assert all(name.endswith("num_batches_tracked") for name in missing)
        signal = torch.randn(4, 9, 128)
        assert torch.equal(again.eval()(signal), network.eval()(signal))

    def test_has_the_size_of_the_paper(self) -> None:
        assert sum(weight.numel() for weight in UciHarCnn().parameters()) == 522_840
