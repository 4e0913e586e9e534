"""The networks of the bench: random weights from a seed, sizes of the papers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bench.contender import CLASSES, Network

SAMPLES = 128


def _block(before: int, after: int, pool: bool) -> list[nn.Module]:
    layers: list[nn.Module] = [
        nn.Conv1d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm1d(after),
        nn.ReLU(),
    ]
    return [*layers, nn.MaxPool1d(2)] if pool else layers


def cnn(columns: int, pools: bool) -> nn.Module:
    """Convolutions of 64, 128, 256 and 512 filters, an average over time, one dense layer."""
    widths = (columns, 64, 128, 256, 512)
    layers = [
        layer
        for i, (before, after) in enumerate(pairwise(widths))
        for layer in _block(before, after, pools and i < len(widths) - 2)
    ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(512, CLASSES))


class Residual(nn.Module):
    """Two convolutions of kernel 3, and the input added before the last ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(*_block(width, width, pool=False))
        self.second = nn.Sequential(*_block(width, width, pool=False)[:2])

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


def resnet(columns: int, width: int = 32, blocks: int = 2) -> nn.Module:
    """A convolution to `width`, residual blocks, an average over time, one dense layer."""
    return nn.Sequential(
        *_block(columns, width, pool=False),
        *(Residual(width) for _ in range(blocks)),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(width, CLASSES),
    )


def mlp(columns: int, rows: int) -> nn.Module:
    """The distilled student: the window as one vector through 128 and 64."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(columns * rows, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, CLASSES),
    )


class Recurrent(nn.Module):
    """One recurrent layer of 64 units; the last state through a dense layer."""

    def __init__(self, cell: type[nn.LSTM] | type[nn.GRU], columns: int) -> None:
        super().__init__()
        self.cell = cell(columns, 64, batch_first=True)
        self.dense = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.cell(x.transpose(1, 2))
        logits: Tensor = self.dense(states[:, -1])
        return logits


MAKERS: dict[str, tuple[int, int, Callable[[], nn.Module]]] = {
    "cnn_pools": (128, 9, lambda: cnn(9, pools=True)),
    "cnn": (128, 9, lambda: cnn(9, pools=False)),
    "resnet_15x113": (15, 113, lambda: resnet(113)),
    "resnet_128x9": (128, 9, lambda: resnet(9)),
    "mlp": (128, 9, lambda: mlp(9, 128)),
    "lstm": (128, 9, lambda: Recurrent(nn.LSTM, 9)),
    "gru": (128, 9, lambda: Recurrent(nn.GRU, 9)),
}
"""Rows, columns, and what makes the module."""


def make_network(name: str, folder: Path, seed: int = 0) -> Network:
    """Makes a network and its ONNX file; the same for the same seed."""
    rows, columns, maker = MAKERS[name]
    torch.manual_seed(seed)
    module = maker().eval()
    _settle(module, rows, columns)
    path = folder / f"{name}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (torch.zeros(1, columns, rows),),
            str(path),
            input_names=["input"],
            output_names=["logits"],
            opset_version=17,
            dynamo=False,
        )
    samples = np.random.default_rng(seed).standard_normal((SAMPLES, rows, columns))
    return Network(name, module, rows, columns, path, samples.astype(np.float32))


def _settle(module: nn.Module, rows: int, columns: int) -> None:
    """Batch norms learn the statistics of random windows, so that no layer is idle or saturated."""
    module.train()
    with torch.no_grad():
        for _ in range(20):
            module(torch.randn(32, columns, rows))
    module.eval()
