"""The recipe training/uci_har_cnn: its loaders, its training, its network."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
onnx = pytest.importorskip("onnx", reason="the training recipes need onnx")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import datasets

from training.common.augment import NONE
from training.common.export import export_onnx
from training.common.fit import Checkpoint, Schedule, predict
from training.common.signal import signal_steps
from training.common.windows import crc32
from training.uci_har_cnn import data
from training.uci_har_cnn.network import UciHarCnn, channels_last_logits
from training.uci_har_cnn.train import Settings, train


def made_up_windows(count: int = 24, seed: int = 0) -> datasets.Windows:
    """Windows whose class shows in the frequency of the first channel."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % len(data.LABELS)
    signal = rng.normal(0, 0.2, (count, datasets.WINDOW, len(data.CHANNELS))).astype(np.float32)
    time = np.arange(datasets.WINDOW) / datasets.WINDOW
    signal[:, :, 0] += np.sin(2 * np.pi * 3 * (labels[:, None] + 1) * time).astype(np.float32)
    return datasets.Windows(signal, labels, np.where(np.arange(count) % 2 == 0, 1, 3), data.LABELS)


def write_archive(root: Path, windows: datasets.Windows) -> None:
    """The train folder of the original archive, in its own number format."""
    signals = root / "train" / "Inertial Signals"
    signals.mkdir(parents=True)
    for channel, name in enumerate(data.CHANNELS):
        np.savetxt(signals / f"{name}_train.txt", windows.signal[:, :, channel], fmt="% .7e")
    np.savetxt(root / "train" / "y_train.txt", windows.labels + 1, fmt="%d")
    np.savetxt(root / "train" / "subject_train.txt", windows.people, fmt="%d")


def write_npz(path: Path, windows: datasets.Windows, people_of_test: int) -> None:
    """uci_har.npz of these windows end to end, then one test window full of NaN."""
    test = np.full((1, datasets.WINDOW, len(data.CHANNELS)), np.nan, np.float32)
    np.savez(
        path,
        samples=np.concatenate([windows.signal, test]).reshape(-1, len(data.CHANNELS)),
        win_start=np.arange(len(windows.labels) + 1, dtype=np.int32) * datasets.WINDOW,
        y=np.append(windows.labels + 1, 1).astype(np.uint8),
        subject=np.append(windows.people, people_of_test).astype(np.uint8),
        split=np.append(np.zeros(len(windows.labels)), 1).astype(np.uint8),
        hapt_exp=np.append(windows.people, people_of_test).astype(np.int32),
        hapt_pos=np.zeros(len(windows.labels) + 1, np.int32),
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
        np.testing.assert_array_equal(read.people, windows.people)

    def test_reads_only_the_training_part_of_the_npz(self, tmp_path: Path) -> None:
        windows = made_up_windows()
        write_npz(tmp_path / "uci_har.npz", windows, people_of_test=2)
        read = data.training_windows(tmp_path)
        np.testing.assert_array_equal(read.signal, windows.signal)
        np.testing.assert_array_equal(read.labels, windows.labels)
        assert crc32(read) == crc32(windows)

    def test_refuses_a_test_person_among_the_training_windows(self, tmp_path: Path) -> None:
        windows = made_up_windows()
        write_archive(tmp_path, replace(windows, people=np.full(len(windows.labels), 2)))
        with pytest.raises(ValueError, match=r"\[2\] are not training people"):
            data.training_windows(tmp_path)

    def test_refuses_labels_of_another_archive(self, tmp_path: Path) -> None:
        windows = made_up_windows()
        write_archive(tmp_path, replace(windows, labels=windows.labels + 7))
        with pytest.raises(ValueError, match=r"labels span 7\.\.12, not 0\.\.5"):
            data.training_windows(tmp_path)

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
            np.testing.assert_array_equal(window[:, :6], raw[at : at + datasets.WINDOW])
            np.testing.assert_array_equal(window[:, 6:], -raw[at : at + datasets.WINDOW, :3])
        with pytest.raises(datasets.DataError, match=r"made \(300, 6\) of recording 1"):
            data.training_windows(tmp_path, lambda recording: recording)

    def test_the_recipes_signal_steps_give_the_official_windows(self) -> None:
        if "HAR_DATA_DIR" not in os.environ:
            pytest.skip("HAR_DATA_DIR is not set")
        folder = Path(os.environ["HAR_DATA_DIR"])
        spec = Path(data.__file__).with_name("spec.toml")
        computed = data.training_windows(folder, signal_steps(spec))
        official = data.training_windows(folder)
        assert len(official.labels) == 7352
        assert np.abs(computed.signal - official.signal).max() < 2e-6
        np.testing.assert_array_equal(computed.people, official.people)


class TestTraining:
    def test_learns_what_can_be_learned(self, tmp_path: Path) -> None:
        torch.set_num_threads(1)
        schedule = Schedule(
            epochs=15, batch=16, learning_rate=3e-3, weight_decay=0.0, averaging=0.8
        )
        settings = Settings(schedule, label_smoothing=0.0, augmentation=NONE)
        checkpoint = Checkpoint(tmp_path / "checkpoint.pt", 15, {})
        result = train(made_up_windows(48), settings, 0, checkpoint, lambda _: None)
        unseen = made_up_windows(48, seed=9)
        assert (predict(result.network, unseen) == unseen.labels).mean() > 0.9


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
        export_onnx(network, tmp_path / "net.onnx", 9, 128)
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
