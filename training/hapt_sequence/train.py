"""Trains one sequence model on the training people of HAPT.

    python -m training.hapt_sequence.train --network gru --seed 0 --out build/hapt_gru/seed0

Writes checkpoint.pt, hapt_gru.onnx and metrics.json below --out; called again, it goes on from
the checkpoint. No test person is read here, unless --random-split asks for the papers' split.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from training.common import command, recipe
from training.common.augment import Augmentation, Triple
from training.common.fit import Schedule
from training.common.losses import cross_entropy
from training.common.recipe import Parts, Settings
from training.common.signal import signal_steps
from training.common.windows import split_people
from training.hapt_sequence import data
from training.hapt_sequence.network import CLASSES, LAYERS, SequenceNet

LAYOUT = (Triple(0, moving="about_mean"), Triple(3))
AUGMENTATION = Augmentation(rotation_deg=20.0, time_scale=0.1, amplitude=0.1, mixup=0.0)
LEARNING_RATES = {"rnn": 2e-3, "lstm": 4e-3, "gru": 4e-3}
EPOCHS = {"rnn": 200, "lstm": 30, "gru": 30}
"""Chosen on held-out training people, as the rest; README.md shows how."""


def settings(network: str) -> Settings:
    """What a network is trained with."""
    schedule = Schedule(
        epochs=EPOCHS[network],
        batch=64,
        learning_rate=LEARNING_RATES[network],
        weight_decay=1e-2,
        averaging=0.995,
        gradient_norm=1.0,
    )
    return Settings(schedule, label_smoothing=0.05, augmentation=AUGMENTATION)


def main() -> None:
    parser = recipe.parser(__doc__)
    parser.add_argument("--network", choices=sorted(LAYERS), required=True)
    options = command.parse(parser)
    chosen = recipe.for_options(settings(options.network), options)
    loss = cross_entropy(CLASSES, LAYOUT, chosen.augmentation, chosen.label_smoothing)
    name = f"hapt_{options.network}"
    build = partial(SequenceNet, options.network)
    recipe.run(options, name, _parts(options, name), chosen, build, loss)


def _parts(options: argparse.Namespace, name: str) -> Parts:
    """Held-out people are measured on windows cut as they are when it is used."""
    steps = signal_steps(Path(__file__).with_name(f"{name}.toml"))
    if options.random_split:
        return Parts(*data.random_split(options.data_dir, steps))
    training = data.training_windows(options.data_dir, steps)
    plain = data.training_windows(options.data_dir, steps, transition_hop=data.HOP)
    return Parts(
        split_people(training, options.holdout)[0], split_people(plain, options.holdout)[1]
    )


if __name__ == "__main__":
    main()
