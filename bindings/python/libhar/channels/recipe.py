"""The recipe that a model was trained by: found by its card, run as a program.

A recipe is a package `training.NAME` with `train.py`, whose `--spec` names the spec of a choice of
channels on its own, and beside it NAME.toml for each of its models. It comes with libhar's source;
the folder that holds `training/` must be where Python finds packages.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from libhar import schema
from libhar.channels.choose import ChannelsError, Choice

SOURCE = re.compile(r"training/(\w+)")


@dataclass(frozen=True)
class Recipe:
    """One recipe, and the spec of one of its models."""

    module: str
    spec: Path

    def train(self, choice: Choice, spec: Path, seed: int, out: Path, more: Sequence[str]) -> Path:
        """Trains one seed of a choice below `out`, or goes on where that was interrupted; its
        progress goes to standard error. The ONNX file. Raises ChannelsError where that fails."""
        command = [sys.executable, "-m", self.module, "--seed", str(seed), "--out", str(out), *more]
        if choice.kind != "all":
            command += ["--spec", str(spec)]
        status = subprocess.run(command, check=False, stdout=sys.stderr).returncode
        if status != 0:
            raise ChannelsError(f"the training stopped with status {status}: {' '.join(command)}")
        return out / f"{choice.name}.onnx"


def recipe_of(model: schema.Model) -> Recipe:
    """The recipe that the card names. Raises ChannelsError where it is not there, or trains no
    choice of channels."""
    source = model.card.source if model.card else ""
    named = SOURCE.search(source)
    if named is None:
        raise ChannelsError(f"card.source is {source!r}, must name a recipe, as training/NAME")
    module = f"training.{named.group(1)}.train"
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None or found.origin is None:
        raise ChannelsError(
            f"the recipe {named.group()} is not there: it comes with libhar's source, whose folder "
            "must be in PYTHONPATH or be the current one"
        )
    spec = Path(found.origin).with_name(f"{model.name}.toml")
    if not spec.is_file():
        raise ChannelsError(f"{spec} is missing: the recipe has no spec of {model.name}")
    shown = subprocess.run(
        [sys.executable, "-m", module, "--help"], check=False, capture_output=True, text=True
    )
    if shown.returncode != 0:
        raise ChannelsError(f"the recipe {module} does not run: {shown.stderr.strip()[-400:]}")
    if "--spec" not in shown.stdout:
        raise ChannelsError(f"the recipe {module} trains no choice of channels: it has no --spec")
    return Recipe(module, spec)
