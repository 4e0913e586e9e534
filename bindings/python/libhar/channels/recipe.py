"""The recipe that a model was trained by: found by its card, run as a program.

A recipe is a folder `training/NAME` of libhar's source with `train.py`, whose `--spec` names the
spec of a choice of channels on its own, and beside it NAME.toml for each of its models. The folder
that holds `training/` must be the current one or where Python finds packages.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libhar import schema
from libhar.channels.choose import ChannelsError, Choice

SOURCE = re.compile(r"training/(\w+)")


@dataclass(frozen=True)
class Recipe:
    """One recipe, and the spec of one of its models."""

    root: Path
    """Holds `training/`."""
    module: str
    spec: Path

    def train(self, choice: Choice, spec: Path, seed: int, out: Path, more: Sequence[str]) -> Path:
        """Trains one seed of a choice below `out`, or goes on where that was interrupted; its
        progress goes to standard error. The ONNX file. Raises ChannelsError where that fails."""
        options = ["--seed", str(seed), "--out", str(out), *more]
        if choice.kind != "all":
            options += ["--spec", str(spec)]
        status = self.run(options, stdout=sys.stderr).returncode
        if status != 0:
            text = " ".join([self.module, *options])
            raise ChannelsError(f"the training stopped with status {status}: {text}")
        return out / f"{choice.name}.onnx"

    def run(self, options: Sequence[str], **streams: Any) -> subprocess.CompletedProcess[str]:
        """The recipe's program, with this Python."""
        paths = [str(self.root), *filter(None, [os.environ.get("PYTHONPATH")])]
        return subprocess.run(
            [sys.executable, "-m", self.module, *options],
            check=False,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            **streams,
        )


def recipe_of(model: schema.Model) -> Recipe:
    """The recipe that the card names. Raises ChannelsError where it is not there, or trains no
    choice of channels."""
    source = model.card.source if model.card else ""
    named = SOURCE.search(source)
    if named is None:
        raise ChannelsError(f"card.source is {source!r}, must name a recipe, as training/NAME")
    folders = [Path.cwd(), *map(Path, sys.path)]
    root = next((f for f in folders if (f / named.group() / "train.py").is_file()), None)
    if root is None:
        raise ChannelsError(
            f"the recipe {named.group()} is not there: it comes with libhar's source, whose folder "
            "must be the current one or in PYTHONPATH"
        )
    spec = (root / named.group() / f"{model.name}.toml").resolve()
    if not spec.is_file():
        raise ChannelsError(f"{named.group()} has no {spec.name}, the spec of {model.name}")
    recipe = Recipe(root.resolve(), f"training.{named.group(1)}.train", spec)
    shown = recipe.run(["--help"], capture_output=True)
    if shown.returncode != 0:
        raise ChannelsError(f"{recipe.module} does not run: {shown.stderr.strip()[-400:]}")
    if "--spec" not in shown.stdout:
        raise ChannelsError(f"{recipe.module} trains no choice of channels: it has no --spec")
    return recipe
