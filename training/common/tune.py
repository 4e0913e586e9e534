"""Quantization-aware training: the weights of a network that loses accuracy in integers.

The FP32 network teaches the one that computes as the integers will (distillation with labels: A.
Mishra and D. Marr, "Apprentice", ICLR 2018); the ranges stay as they were calibrated. What comes
out is quantized as any other network is.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from libhar.datasets import Windows
from libhar.quantize import Calibrated
from torch import Tensor, nn

from training.common import command
from training.common.augment import Augmentation, Layout
from training.common.fit import Batch, Loss, Schedule, fit
from training.common.graph_network import GraphNetwork, as_integers, as_trained
from training.common.losses import augmented, distillation


@dataclass(frozen=True)
class Tuning:
    """How a network is tuned: a few epochs at a fraction of the learning rate it had."""

    layout: Layout
    augmentation: Augmentation
    schedule: Schedule = Schedule(
        epochs=5, batch=64, learning_rate=3e-4, weight_decay=0.0, averaging=0.99
    )
    temperature: float = 1.0
    share: float = 1.0
    """Of the loss, what the FP32 network teaches; the rest is the labels'. It has learned from
    them already: more of them makes another network rather than the same one in integers."""


def tuned(
    calibrated: Calibrated, windows: Windows, tuning: Tuning, seed: int, folder: Path
) -> Calibrated:
    """The network with weights that lose less in integers; its codes are those it had.

    `windows` are training windows; the checkpoint that an interrupted run goes on from lies in
    `folder`. Raises ValueError where the network holds an op that cannot be trained.
    """
    folder.mkdir(parents=True, exist_ok=True)
    identity = {"temperature": tuning.temperature, "share": tuning.share}
    result = fit(
        lambda: as_integers(calibrated),
        windows,
        tuning_loss(as_trained(calibrated), len(windows.names), tuning),
        tuning.schedule,
        seed,
        command.checkpoint(folder, crc32=_fingerprint(calibrated), **identity),
        command.show,
    )
    assert isinstance(result.network, GraphNetwork)
    return calibrated.with_constants(result.network.constants())


def tuning_loss(teacher: GraphNetwork, classes: int, tuning: Tuning) -> Loss:
    """L = share T^2 KL(FP32 || integers) + (1 - share) CE, on augmented windows."""

    def loss(network: nn.Module, batch: Batch) -> Tensor:
        signal, targets = augmented(batch, classes, tuning.layout, tuning.augmentation)
        with torch.no_grad():
            shown = teacher.to(signal.device)(signal)
        return distillation(network(signal), shown, targets, tuning.temperature, tuning.share)

    return loss


def _fingerprint(calibrated: Calibrated) -> int:
    """Of the weights and the codes, so that a run is only resumed on the network it began with."""
    crc = 0
    for buffer in calibrated.integer().buffers:
        crc = zlib.crc32(buffer.data.tobytes(), crc)
    return crc
