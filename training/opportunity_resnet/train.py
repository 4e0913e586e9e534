"""Trains the network on the training people of DSADS, or on the original OPPORTUNITY archive.

    python -m training.opportunity_resnet.train --seed 0 --out build/opportunity_resnet/seed0

Writes checkpoint.pt, opportunity_resnet.onnx and metrics.json below --out; called again, it goes
on from the checkpoint. No test person is read here, unless --random-split asks for the papers', or
--tested-on for other test people.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from training.common import command, recipe
from training.common.augment import Augmentation
from training.common.fit import Schedule
from training.common.losses import cross_entropy
from training.common.recipe import Parts, Settings
from training.common.selection import selection
from training.common.signal import signal_steps
from training.opportunity_resnet import data
from training.opportunity_resnet.network import OpportunityResNet

NAME = "opportunity_resnet"
SPEC = Path(__file__).resolve().with_name(f"{NAME}.toml")
SETTINGS = Settings(
    Schedule(epochs=15, batch=128, learning_rate=5e-3, weight_decay=3e-2, averaging=0.998),
    label_smoothing=0.05,
    augmentation=Augmentation(rotation_deg=15.0, time_scale=0.1, amplitude=0.1, mixup=0.1),
)


def main() -> None:
    parser = recipe.parser(__doc__)
    parser.add_argument("--data", choices=data.SETS, default="dsads")
    parser.add_argument(
        "--tested-on",
        type=command.people,
        default=[],
        help="people of DSADS to leave to the test in place of 4 and 8, which are then trained on",
    )
    recipe.add_selection(parser)
    options = command.parse(parser)
    settings = recipe.for_options(SETTINGS, options)
    parts = _parts(options)
    channels, classes = parts.trained_on.signal.shape[2], len(parts.trained_on.names)
    loss = cross_entropy(
        classes, data.layout(options.data), settings.augmentation, settings.label_smoothing
    )
    chosen = selection(SPEC, options.spec) if options.spec else None
    count = channels if chosen is None else len(chosen.columns)
    build = partial(OpportunityResNet, count, classes)
    recipe.run(options, NAME, parts, settings, build, loss, selection=chosen, data=options.data)


def _parts(options: argparse.Namespace) -> Parts:
    """The spec is that of DSADS; OPPORTUNITY's samples are standardized."""
    steps = signal_steps(SPEC) if options.data == "dsads" else None
    if options.tested_on:
        if steps is None or options.random_split:
            raise SystemExit("--tested-on is for DSADS split by people")
        others = data.windows_without(options.data_dir, options.tested_on, steps)
        return recipe.by_people(others, options)
    if options.random_split:
        return Parts(*data.random_split(options.data_dir, options.data, steps))
    return recipe.by_people(data.training_windows(options.data_dir, options.data, steps), options)


if __name__ == "__main__":
    main()
