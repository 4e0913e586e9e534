"""Trains one student on the official training people of UCI HAR, taught by networks of
training/uci_har_cnn.

    python -m training.uci_har_student.train --network small --teachers build/uci_har_cnn \
        --lessons build/lessons --seed 0 --out build/uci_har_student/seed0

Writes checkpoint.pt, the ONNX file and metrics.json below --out; called again, it goes on from
the checkpoint. No test person is read here: the loader refuses them. With --holdout the teachers
must be such as have not seen the people held out either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from libhar.convert.spec import load_spec
from torch import Tensor, nn

from training.common import command
from training.common.augment import Augmentation
from training.common.export import export_onnx
from training.common.fit import Batch, Checkpoint, Loss, Progress, Result, Schedule, fit
from training.common.losses import distillation
from training.common.signal import signal_steps
from training.common.windows import split_people
from training.uci_har_cnn.data import training_windows
from training.uci_har_student.lessons import Lesson, Lessons
from training.uci_har_student.network import (
    CHANNELS,
    WINDOW,
    PaperStudent,
    SmallStudent,
    channels_last_logits,
)

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Student:
    """A network, its model file's spec, and everything that decides its weights together with the
    windows, the teachers and the seed."""

    build: Callable[[], nn.Module]
    spec: Path
    schedule: Schedule
    augmentation: Augmentation
    lessons: int
    temperature: float
    share: float
    """Of the teachers' word in the loss; the labels have the rest."""


STUDENTS = {
    "paper": Student(
        PaperStudent,
        HERE / "paper.toml",
        Schedule(epochs=48, batch=128, learning_rate=2e-3, weight_decay=3e-2, averaging=0.995),
        Augmentation(rotation_deg=20.0, time_scale=0.1, amplitude=0.15, mixup=0.1),
        lessons=24,
        temperature=2.0,
        share=0.9,
    ),
    "small": Student(
        SmallStudent,
        HERE / "small.toml",
        Schedule(epochs=96, batch=128, learning_rate=6e-3, weight_decay=3e-2, averaging=0.998),
        Augmentation(rotation_deg=30.0, time_scale=0.15, amplitude=0.25, mixup=1.0),
        lessons=40,
        temperature=2.0,
        share=1.0,
    ),
}
"""Chosen on held-out training people; README.md shows how."""


def taught(lessons: Lessons, temperature: float, share: float) -> Loss:
    """Distillation on the windows of the epoch's lesson."""
    current: dict[int, Lesson] = {}

    def loss(network: nn.Module, batch: Batch) -> Tensor:
        number = batch.epoch % lessons.count
        if number not in current:
            current.clear()
            current[number] = lessons[number]
        lesson = current[number]
        return distillation(
            channels_last_logits(network, lesson.signal[batch.index]),
            lesson.teacher[batch.index],
            lesson.targets[batch.index],
            temperature,
            share,
        )

    return loss


def main() -> None:
    parser = command.parser(__doc__)
    parser.add_argument("--network", choices=STUDENTS, default="small")
    parser.add_argument(
        "--teachers", type=Path, required=True, help="holds uci_har_cnn.onnx in one folder each"
    )
    parser.add_argument("--lessons", type=Path, required=True, help="folder to keep lessons in")
    options = command.parse(parser)
    student = STUDENTS[options.network]
    student = replace(student, schedule=command.scheduled(student.schedule, options))
    teachers = sorted(options.teachers.glob("*/uci_har_cnn.onnx"))
    if not teachers:
        parser.error(f"--teachers {options.teachers} holds no */uci_har_cnn.onnx")
    windows = training_windows(options.data_dir, signal_steps(student.spec))
    trained_on, held_out = split_people(windows, options.holdout)
    lessons = Lessons(trained_on, teachers, student.augmentation, student.lessons, options.lessons)
    checkpoint = command.checkpoint(options.out, **identity(student, lessons))
    result = train(student, lessons, options.seed, checkpoint, command.show)
    name = load_spec(student.spec).name
    export_onnx(result.network, options.out / f"{name}.onnx", CHANNELS, WINDOW)
    command.write_metrics(
        options.out,
        result,
        trained_on,
        held_out,
        partial(channels_last_logits, result.network),
        seed=options.seed,
        settings=identity(student, lessons),
    )


def identity(student: Student, lessons: Lessons) -> dict[str, Any]:
    """What decides the weights beside windows and seed."""
    settings = {
        "schedule": asdict(student.schedule),
        "augmentation": asdict(student.augmentation),
        "lessons": student.lessons,
        "temperature": student.temperature,
        "share": student.share,
    }
    return {**settings, "lessons_crc32": lessons.crc32}


def train(
    student: Student,
    lessons: Lessons,
    seed: int,
    checkpoint: Checkpoint,
    report: Callable[[Progress], None],
) -> Result:
    """Makes the lessons that are not there, and teaches the student all of them."""
    lessons.prepare()
    loss = taught(lessons, student.temperature, student.share)
    return fit(student.build, lessons.windows, loss, student.schedule, seed, checkpoint, report)


if __name__ == "__main__":
    main()
