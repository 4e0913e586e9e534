"""A recipe on some of its channels: the spec that keeps them, the network that sees no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from libhar.convert.spec import load_spec
from libhar.datasets import Windows
from libhar.schema import GravitySplit, Select
from torch import Tensor, nn


@dataclass(frozen=True)
class Selection:
    """What is trained instead of a recipe's own network: the same on `columns` of its windows.

    The windows stay whole, so that augmentation turns the three axes of a sensor together though
    the network sees only one of them, and every seed draws what it draws with all channels.
    """

    name: str
    channels: tuple[str, ...]
    columns: tuple[int, ...]

    def around(self, build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        """What `fit` builds: the network of `build` behind the choice of columns."""
        return lambda: OfColumns(build(), self.columns)

    def windows(self, windows: Windows) -> Windows:
        """The same windows, of the columns that are left."""
        left = windows.signal[:, :, list(self.columns)]
        return Windows(left, windows.labels, windows.people, windows.names)


class OfColumns(nn.Module):
    """A network behind a choice of columns: of [N, all, window] it sees [N, some, window]."""

    def __init__(self, network: nn.Module, columns: Sequence[int]) -> None:
        super().__init__()
        self.network = network
        self.columns: Tensor
        self.register_buffer("columns", torch.tensor(columns), persistent=False)

    def forward(self, signal: Tensor) -> Tensor:
        scores: Tensor = self.network(signal[:, self.columns])
        return scores


def inner(network: nn.Module) -> nn.Module:
    """The network that ships of an `OfColumns`."""
    assert isinstance(network, OfColumns)
    return network.network


def selection(recipe: Path, spec: Path) -> Selection:
    """What `spec` keeps of the channels of a recipe's own spec, in whose order they are.

    Raises ValueError where it names another channel, OSError, ConvertError.
    """
    whole, kept = load_spec(recipe).signal, load_spec(spec)
    if any(isinstance(step.params, (GravitySplit, Select)) for step in whole.steps):
        raise ValueError(f"{recipe} splits or selects: its columns are not its channels")
    names = [channel.name for channel in whole.channels]
    chosen = [channel.name for channel in kept.signal.channels]
    strangers = [name for name in chosen if name not in names]
    if strangers:
        raise ValueError(f"{spec} has channels {strangers}, {recipe} has {names}")
    return Selection(kept.name, tuple(chosen), tuple(names.index(name) for name in chosen))
