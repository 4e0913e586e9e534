"""A run of a recipe from its command line: split, trained, exported, measured."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from libhar.datasets import Windows
from torch import nn

from training.common import command
from training.common.augment import NONE, Augmentation
from training.common.export import export_onnx
from training.common.fit import Loss, Result, Schedule, fit
from training.common.losses import forward
from training.common.selection import Selection, inner
from training.common.windows import split_people

RANDOM_SPLIT = "windows at random"
BY_PEOPLE = "people"


@dataclass(frozen=True)
class Settings:
    """Everything that decides the weights, together with the windows and the seed."""

    schedule: Schedule
    label_smoothing: float
    augmentation: Augmentation


class Parts(NamedTuple):
    """What is trained on, and what of the training people (or windows) is measured on."""

    trained_on: Windows
    held_out: Windows


def parser(description: str | None) -> argparse.ArgumentParser:
    """As `command.parser`, with the papers' split."""
    made = command.parser(description)
    made.add_argument(
        "--random-split",
        action="store_true",
        help="train on four fifths of all people's windows and measure on the rest, as papers do",
    )
    return made


def add_selection(made: argparse.ArgumentParser) -> None:
    """The option of recipes whose columns are their channels, so that some can be left out."""
    made.add_argument(
        "--spec", type=Path, help="spec on the recipe's own that keeps some of its channels"
    )


def for_options(settings: Settings, options: argparse.Namespace) -> Settings:
    """The settings with what the command line changes: the epochs, and for the papers' split,
    where what is tested on lies between what is trained on, no augmentation."""
    chosen = replace(settings, schedule=command.scheduled(settings.schedule, options))
    return replace(chosen, augmentation=NONE) if options.random_split else chosen


def by_people(training: Windows, options: argparse.Namespace) -> Parts:
    """The training people, without those that --holdout names, and those."""
    return Parts(*split_people(training, options.holdout))


def run(
    options: argparse.Namespace,
    name: str,
    parts: Parts,
    settings: Settings,
    build: Callable[[], nn.Module],
    loss: Loss,
    exported: Callable[[nn.Module], nn.Module] = lambda network: network,
    selection: Selection | None = None,
    **identity: Any,
) -> Result:
    """Trains, then writes NAME.onnx and metrics.json below --out.

    `exported` is the part of the trained network that is the recipe's; `identity` is what decides
    the weights beside the settings. With a `selection`, `build` makes the network that sees only
    its columns, and NAME is the selection's.
    """
    if selection is not None:
        name, identity["channels"] = selection.name, list(selection.channels)
        build = selection.around(build)
    split = RANDOM_SPLIT if options.random_split else BY_PEOPLE
    identity = {"network": name, "split": split, **asdict(settings), **identity}
    checkpoint = command.checkpoint(options.out, **identity)
    result = fit(
        build, parts.trained_on, loss, settings.schedule, options.seed, checkpoint, command.show
    )
    network = result.network
    if selection is not None:
        network, parts = inner(network), Parts(*map(selection.windows, parts))
    network = exported(network)
    window, channels = parts.trained_on.signal.shape[1:]
    export_onnx(network, options.out / f"{name}.onnx", channels, window)
    result = Result(network, result.losses)
    command.write_metrics(
        options.out,
        result,
        parts.trained_on,
        parts.held_out,
        partial(forward, network),
        seed=options.seed,
        settings=identity,
    )
    return result
