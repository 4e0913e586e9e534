"""Losses that `fit` takes, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.common.augment import Augmentation, Layout, augment, mix
from training.common.fit import Batch, Loss

Forward = Callable[[nn.Module, Tensor], Tensor]
"""The logits [N, classes] of a network on a batch [N, channels, window]."""


def forward(network: nn.Module, signal: Tensor) -> Tensor:
    """The plain way: what the network itself computes."""
    logits: Tensor = network(signal)
    return logits


def augmented(
    batch: Batch, classes: int, layout: Layout, strength: Augmentation
) -> tuple[Tensor, Tensor]:
    """The batch changed and mixed, and its targets [N, classes]."""
    signal = augment(batch.signal, layout, strength, batch.rng)
    targets = functional.one_hot(batch.labels, classes).to(signal.dtype)
    return mix(signal, targets, strength.mixup, batch.rng)


def cross_entropy(
    classes: int,
    layout: Layout,
    strength: Augmentation,
    label_smoothing: float,
    weights: Tensor | None = None,
    logits_of: Forward = forward,
) -> Loss:
    """Cross-entropy on augmented windows; `weights` [classes] are those of `class_weights`."""

    def loss(network: nn.Module, batch: Batch) -> Tensor:
        signal, targets = augmented(batch, classes, layout, strength)
        return functional.cross_entropy(
            logits_of(network, signal),
            targets,
            weight=None if weights is None else weights.to(signal.device),
            label_smoothing=label_smoothing,
        )

    return loss


def distillation(
    logits: Tensor, teacher_logits: Tensor, targets: Tensor, temperature: float, share: float
) -> Tensor:
    """L = a T^2 KL(teacher || student) + (1 - a) CE, a being `share`.

    Both distributions are softened by the temperature T; T^2 keeps the gradient's size whatever T
    is. Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015. All
    tensors are [N, classes], `targets` probabilities; the result is the mean over the batch.
    """
    divergence = functional.kl_div(
        torch.log_softmax(logits / temperature, 1),
        torch.log_softmax(teacher_logits / temperature, 1),
        reduction="batchmean",
        log_target=True,
    )
    hard = functional.cross_entropy(logits, targets)
    return share * temperature**2 * divergence + (1 - share) * hard
