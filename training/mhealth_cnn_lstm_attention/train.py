"""Trains the network on the training people of DSADS, or of the original MHEALTH archive.

    python -m training.mhealth_cnn_lstm_attention.train --sensors both --seed 0 \
        --out build/mhealth_cnn_lstm_attention/seed0

Writes checkpoint.pt, the ONNX file and metrics.json below --out; called again, it goes on from
the checkpoint. No test person is read here, unless --random-split asks for the papers' split.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from libhar import datasets

from training.common import command, recipe
from training.common.augment import Augmentation
from training.common.fit import Schedule
from training.common.losses import cross_entropy
from training.common.recipe import Parts, Settings
from training.common.signal import signal_steps
from training.mhealth_cnn_lstm_attention import data
from training.mhealth_cnn_lstm_attention.network import ConvLstmAttention

SETTINGS = Settings(
    Schedule(
        epochs=20,
        batch=64,
        learning_rate=3e-3,
        weight_decay=1e-2,
        averaging=0.99,
        gradient_norm=1.0,
    ),
    label_smoothing=0.05,
    augmentation=Augmentation(rotation_deg=15.0, time_scale=0.1, amplitude=0.1, mixup=0.1),
)
"""Chosen on held-out training people; README.md shows how."""


def name_of(sensors: str) -> str:
    """The model of some sensors."""
    name = "mhealth_cnn_lstm_attention"
    return name if sensors == "both" else f"{name}_{sensors}"


def main() -> None:
    parser = recipe.parser(__doc__)
    parser.add_argument("--sensors", choices=data.SENSORS, default="both")
    parser.add_argument("--data", choices=sorted(data.SOURCES), default="dsads")
    options = command.parse(parser)
    settings = recipe.for_options(SETTINGS, options)
    channels = data.SOURCES[options.data].channels(options.sensors)
    classes = len(datasets.SETS[options.data].labels)
    loss = cross_entropy(
        classes, data.layout(channels), settings.augmentation, settings.label_smoothing
    )
    build = partial(ConvLstmAttention, len(channels), classes)
    parts = _parts(options)
    name = name_of(options.sensors)
    recipe.run(options, name, parts, settings, build, loss, data=options.data)


def _parts(options: argparse.Namespace) -> Parts:
    """The spec is that of DSADS; MHEALTH's samples go in as they are."""
    steps = None
    if options.data == "dsads":
        steps = signal_steps(Path(__file__).with_name(f"{name_of(options.sensors)}.toml"))
    chosen = (options.data_dir, options.data, options.sensors, steps)
    if options.random_split:
        return Parts(*data.random_split(*chosen))
    return recipe.by_people(data.training_windows(*chosen), options)


if __name__ == "__main__":
    main()
