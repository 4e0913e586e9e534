"""Trains the teacher or one form of the student on the training people of WISDM watch.

    python -m training.wisdm_rabkd.train --form teacher --seed 0 --out build/wisdm_teacher/seed0
    python -m training.wisdm_rabkd.train --form rab_kd --seed 0 --out build/wisdm_rab_kd/seed0 \
        --teacher build/wisdm_teacher/seed0

Writes checkpoint.pt, the ONNX file and metrics.json below --out; called again, it goes on from
the checkpoint. No test person is read here, unless --random-split asks for the papers' split.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch
from torch import nn

from training.common import command, recipe
from training.common.augment import Augmentation
from training.common.fit import Loss, Schedule
from training.common.losses import cross_entropy
from training.common.recipe import Parts, Settings
from training.common.signal import signal_steps
from training.wisdm_rabkd import data
from training.wisdm_rabkd.distil import FORMS, Learner, Weights, student_loss
from training.wisdm_rabkd.network import CLASSES, TEACHER_WIDTHS, WatchNet

TEACHER = "teacher"
SETTINGS = Settings(
    Schedule(epochs=12, batch=64, learning_rate=3e-3, weight_decay=1e-2, averaging=0.99),
    label_smoothing=0.0,
    augmentation=Augmentation(rotation_deg=15.0, time_scale=0.1, amplitude=0.1, mixup=0.0),
)
STUDENT_SETTINGS = replace(SETTINGS, schedule=replace(SETTINGS.schedule, epochs=30))
"""The student takes longer to learn, and each of its epochs costs a fraction."""
WEIGHTS = Weights(temperature=2.0, hard=0.5, maps=1.0)
"""Chosen on held-out training people; README.md shows how."""


def main() -> None:
    parser = recipe.parser(__doc__)
    parser.add_argument("--form", choices=[TEACHER, *FORMS], required=True)
    parser.add_argument("--teacher", type=Path, help="folder that the teacher was trained in")
    parser.add_argument("--temperature", type=float, default=WEIGHTS.temperature)
    parser.add_argument("--hard", type=float, default=WEIGHTS.hard, help="a of the loss")
    parser.add_argument("--maps", type=float, default=WEIGHTS.maps, help="b of the loss")
    options = command.parse(parser)
    of_form = SETTINGS if options.form == TEACHER else STUDENT_SETTINGS
    settings = recipe.for_options(of_form, options)
    parts = _parts(options)
    name = f"wisdm_{options.form}"
    if options.form == TEACHER:
        recipe.run(options, name, parts, settings, teacher_network, teacher_loss(settings))
        return
    form = FORMS[options.form]
    if form.responses and options.teacher is None:
        parser.error(f"--form {options.form} needs --teacher")
    weights = Weights(options.temperature, options.hard, options.maps)
    teacher = load_teacher(options.teacher) if form.responses else teacher_network()
    loss = student_loss(form, weights, teacher, data.LAYOUT, settings.augmentation)
    recipe.run(
        options,
        name,
        parts,
        settings,
        partial(Learner, form),
        loss,
        student_of,
        weights=asdict(weights) if form.responses else None,
    )


def teacher_network() -> WatchNet:
    """The teacher, with attention."""
    return WatchNet(TEACHER_WIDTHS, attention=True)


def teacher_loss(settings: Settings) -> Loss:
    """It learns from the labels."""
    return cross_entropy(CLASSES, data.LAYOUT, settings.augmentation, settings.label_smoothing)


def load_teacher(folder: Path) -> WatchNet:
    """The averaged weights of the teacher's checkpoint, in evaluation mode."""
    state = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    prefix = "module."
    weights = {
        name.removeprefix(prefix): value
        for name, value in state["averaged"].items()
        if name.startswith(prefix)
    }
    teacher = teacher_network()
    teacher.load_state_dict(weights)
    return teacher.eval()


def student_of(network: nn.Module) -> nn.Module:
    """What is deployed of a `Learner`."""
    assert isinstance(network, Learner)
    return network.student


def _parts(options: argparse.Namespace) -> Parts:
    steps = signal_steps(Path(__file__).with_name(f"wisdm_{options.form}.toml"))
    if options.random_split:
        return Parts(*data.random_split(options.data_dir, steps))
    return recipe.by_people(data.training_windows(options.data_dir, steps), options)


if __name__ == "__main__":
    main()
