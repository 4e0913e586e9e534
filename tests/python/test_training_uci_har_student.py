"""The recipe training/uci_har_student: its lessons, its networks, its training, its files."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
pytest.importorskip("onnx", reason="the training recipes need onnx")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import datasets

from training.common.augment import Augmentation
from training.common.export import export_onnx
from training.common.fit import Batch, Checkpoint, Schedule
from training.uci_har_cnn.network import UciHarCnn
from training.uci_har_student.lessons import Lessons, load_teacher
from training.uci_har_student.network import PaperStudent, SmallStudent, channels_last_logits
from training.uci_har_student.train import STUDENTS, taught, train

STRENGTH = Augmentation(rotation_deg=20.0, time_scale=0.1, amplitude=0.15, mixup=0.5)


def made_up_windows(count: int = 24) -> datasets.Windows:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(count, 128, 9)).astype(np.float32)
    labels = np.arange(count, dtype=np.int64) % 6
    return datasets.Windows(signal, labels, np.ones(count, np.int64), datasets.UCI_LABELS)


@pytest.fixture(scope="module")
def teachers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two networks that were not trained."""
    torch.set_num_threads(1)
    paths = []
    for seed in range(2):
        torch.manual_seed(seed)
        path = tmp_path_factory.mktemp("teachers") / "uci_har_cnn.onnx"
        network = UciHarCnn()
        network(torch.randn(16, 9, 128))  # norms have statistics of their own
        export_onnx(network, path, 9, 128)
        paths.append(path)
    return paths


def test_teacher_is_read_as_it_was_exported(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = UciHarCnn()
    network(torch.randn(16, 9, 128))
    export_onnx(network, tmp_path / "net.onnx", 9, 128)
    signal = torch.randn(4, 9, 128)
    assert torch.equal(load_teacher(tmp_path / "net.onnx")(signal), network.eval()(signal))
    export_onnx(SmallStudent(), tmp_path / "other.onnx", 9, 128)
    with pytest.raises(ValueError, match="is no UciHarCnn"):
        load_teacher(tmp_path / "other.onnx")


class TestLessons:
    def test_teachers_speak_of_the_very_windows_of_the_lesson(
        self, teachers: list[Path], tmp_path: Path
    ) -> None:
        windows = made_up_windows()
        lessons = Lessons(windows, teachers, STRENGTH, 2, tmp_path)
        lessons.prepare()
        first, second = lessons[0], lessons[1]
        assert not torch.allclose(first.signal, second.signal)
        assert first.signal.shape == (24, 9, 128)
        torch.testing.assert_close(first.targets.sum(1), torch.ones(24))
        networks = [load_teacher(path) for path in teachers]
        for lesson in (first, second):
            with torch.inference_mode():
                wanted = sum(network(lesson.signal) for network in networks) / 2
            torch.testing.assert_close(lesson.teacher, wanted, rtol=0, atol=1e-5)

    def test_are_kept_and_never_taken_for_others(
        self, teachers: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        windows = made_up_windows()
        Lessons(windows, teachers, STRENGTH, 2, tmp_path).prepare()
        capsys.readouterr()
        Lessons(windows, teachers, STRENGTH, 3, tmp_path).prepare()
        assert capsys.readouterr().out == "lesson 2 (1 of 1)\n", "two are there already"
        for other in (
            Lessons(windows, teachers[:1], STRENGTH, 1, tmp_path),
            Lessons(windows, teachers, replace(STRENGTH, mixup=0.1), 1, tmp_path),
            Lessons(made_up_windows(30), teachers, STRENGTH, 1, tmp_path),
        ):
            other.prepare()
            assert capsys.readouterr().out == "lesson 0 (1 of 1)\n"

    def test_epochs_go_through_the_lessons_in_turn(
        self, teachers: list[Path], tmp_path: Path
    ) -> None:
        lessons = Lessons(made_up_windows(), teachers, STRENGTH, 2, tmp_path)
        lessons.prepare()
        network = SmallStudent().eval()
        loss = taught(lessons, temperature=2.0, share=1.0)
        index, rng = torch.tensor([3, 1]), np.random.default_rng(0)
        for epoch in (0, 1, 2):
            lesson = lessons[epoch % 2]
            teacher = torch.softmax(lesson.teacher[index] / 2, 1)
            student = torch.softmax(network(lesson.signal[index]) / 2, 1)
            wanted = 4 * (teacher * (teacher / student).log()).sum(1).mean()
            batch = Batch(torch.zeros(2, 9, 128), torch.zeros(2).long(), index, epoch, rng)
            assert float(loss(network, batch).detach()) == pytest.approx(
                float(wanted.detach()), rel=1e-4
            )


class TestNetworks:
    def test_paper_student_has_the_papers_layers(self) -> None:
        shapes = [tuple(w.shape) for n, w in PaperStudent().named_parameters() if "weight" in n]
        assert shapes == [(9,), (128, 1152), (64, 128), (6, 64)]

    @pytest.mark.parametrize("build", [PaperStudent, SmallStudent])
    def test_fast_pass_is_the_network(self, build: type[torch.nn.Module]) -> None:
        torch.manual_seed(1)
        network, twin = build().train(), build().train()
        twin.load_state_dict(network.state_dict())
        signal = torch.randn(32, 9, 128)
        found, wanted = channels_last_logits(network, signal), twin(signal)
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
        for name, value in twin.named_buffers():
            if name.endswith("num_batches_tracked"):
                continue
            torch.testing.assert_close(network.state_dict()[name], value, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", STUDENTS)
def test_student_learns_its_teachers_word(name: str, teachers: list[Path], tmp_path: Path) -> None:
    schedule = Schedule(epochs=12, batch=8, learning_rate=3e-3, weight_decay=0.0, averaging=0.5)
    student = replace(STUDENTS[name], schedule=schedule, share=1.0)
    lessons = Lessons(made_up_windows(), teachers, STRENGTH, 1, tmp_path)
    checkpoint = Checkpoint(tmp_path / "c.pt", 12, {})
    result = train(student, lessons, 0, checkpoint, lambda _: None)
    assert result.losses[-1] < 0.5 * result.losses[0]
