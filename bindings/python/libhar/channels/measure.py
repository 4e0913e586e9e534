"""A trained choice of channels as a model file, counted by the C library."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from libhar import flat, schema
from libhar.channels.choose import Choice
from libhar.datasets import Windows
from libhar.evaluate import Evaluation, evaluate
from libhar.golden import recordings_of
from libhar.model import Model


@dataclass(frozen=True)
class Trained:
    """The seeds of one choice."""

    choice: Choice
    seeds: tuple[int, ...]
    models: tuple[schema.Model, ...]
    evaluations: tuple[Evaluation, ...]
    parameters: int
    macs: int
    file_bytes: int

    @property
    def accuracies(self) -> list[float]:
        return [found.accuracy for found in self.evaluations]


def converted(whole: schema.Model, choice: Choice, spec: Path, network: Path) -> schema.Model:
    """The model file of a trained choice; its golden vectors are of the recordings that those of
    the whole model hold, in the channels that are left."""
    from libhar.convert import convert

    names = [channel.name for channel in whole.signal.channels]
    columns = [names.index(name) for name in choice.channels]
    recordings = {n: np.ascontiguousarray(r[:, columns]) for n, r in recordings_of(whole).items()}
    if not recordings:
        return convert(spec, network)
    with tempfile.TemporaryDirectory() as scratch:
        golden = Path(scratch) / "golden.npz"
        np.savez(golden, allow_pickle=False, **recordings)
        return convert(spec, network, golden)


def measured(
    choice: Choice,
    seeds: tuple[int, ...],
    models: list[schema.Model],
    windows: Callable[[Model], Windows],
) -> Trained:
    """Every seed counted on the `windows` of who is tested on, cut as the model cuts a stream."""
    opened = [Model(flat.encode(model)) for model in models]
    tested = windows(opened[0])
    found = tuple(evaluate(model, tested) for model in opened)
    info = opened[0].info
    return Trained(choice, seeds, tuple(models), found, info.parameters, info.macs, info.file_bytes)
