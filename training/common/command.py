"""The command line of a recipe's train.py, and the figures it writes beside the network."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from libhar.datasets import Windows
from libhar.evaluate import count
from numpy.typing import NDArray
from torch import Tensor

from training.common.fit import Checkpoint, Progress, Result, Schedule, predict

CHECKPOINT_EVERY = 5


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every train.py has: seed, out, data-dir, epochs, holdout, threads."""
    made = argparse.ArgumentParser(description=(description or "").split("\n\n")[0])
    made.add_argument("--seed", type=int, required=True)
    made.add_argument("--out", type=Path, required=True, help="folder to write and resume in")
    made.add_argument(
        "--data-dir",
        type=Path,
        default=os.environ.get("HAR_DATA_DIR"),
        help="folder of the packed recordings or of the original archive (default: $HAR_DATA_DIR)",
    )
    made.add_argument("--epochs", type=int, help="default: the recipe's")
    made.add_argument(
        "--holdout",
        type=people,
        default=[],
        help="training people to leave out and to measure on, as 1,3,5",
    )
    made.add_argument(
        "--threads", type=int, default=1, help="1 gives the same bits on any number of cores"
    )
    return made


def scheduled(schedule: Schedule, options: argparse.Namespace) -> Schedule:
    """The recipe's schedule, over as many epochs as the command line says."""
    return schedule if options.epochs is None else replace(schedule, epochs=options.epochs)


def people(text: str) -> list[int]:
    """Numbers of people, as 1,3,5."""
    return [int(person) for person in text.split(",")]


def parse(made: argparse.ArgumentParser) -> argparse.Namespace:
    """The options given, with the folder to write made and the threads set."""
    options = made.parse_args()
    if options.data_dir is None:
        made.error("--data-dir or HAR_DATA_DIR must name the folder of the data")
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    return options


def checkpoint(folder: Path, **identity: Any) -> Checkpoint:
    """checkpoint.pt below `folder`; `identity` is what decides the weights beside the schedule."""
    return Checkpoint(folder / "checkpoint.pt", CHECKPOINT_EVERY, identity)


def show(progress: Progress) -> None:
    """One line an epoch."""
    left = progress.seconds * (progress.epochs - progress.epoch)
    print(
        f"epoch {progress.epoch:3d}/{progress.epochs}  loss {progress.loss:.4f}  "
        f"{progress.seconds:.1f} s  {left / 60:.1f} min left",
        flush=True,
    )


def write_metrics(
    folder: Path,
    result: Result,
    trained_on: Windows,
    held_out: Windows,
    logits_of: Callable[[Tensor], Tensor],
    **settings: Any,
) -> None:
    """metrics.json below `folder`: the settings, the losses, and how good it is on `held_out`.

    `held_out` are windows of training people that were left out, or none.
    """
    metrics: dict[str, Any] = {
        **settings,
        "trained_on": sorted(set(trained_on.people.tolist())),
        "training_loss": result.losses,
        "torch": torch.__version__,
    }
    if len(held_out.labels):
        metrics.update(_measure(predict(logits_of, held_out), held_out))
        print(
            f"held out: accuracy {metrics['holdout_accuracy']:.4f}, "
            f"macro F1 {metrics['holdout_macro_f1']:.4f}",
            flush=True,
        )
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


def _measure(found: NDArray[np.int64], windows: Windows) -> dict[str, Any]:
    right = found == windows.labels
    counted = count(windows, found)
    return {
        "holdout_accuracy": counted.accuracy,
        "holdout_macro_f1": counted.macro_f1,
        "holdout_accuracy_by_person": {
            str(person): float(right[windows.people == person].mean())
            for person in sorted(set(windows.people.tolist()))
        },
        "holdout_accuracy_by_label": {
            name: float(right[windows.labels == label].mean())
            for label, name in enumerate(windows.names)
            if np.any(windows.labels == label)
        },
    }
