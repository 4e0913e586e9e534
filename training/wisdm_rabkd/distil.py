"""The student's five forms, and what each learns from the teacher.

Response- and attention-based distillation: L = a CE + (1 - a) T^2 KL + b (channel + spatial map
MSE). Response: Hinton, Vinyals and Dean, 2015. Attention maps: Zagoruyko and Komodakis, "Paying
More Attention to Attention", ICLR 2017, here those of CBAM.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.common.augment import Augmentation, Layout
from training.common.fit import Batch, Loss
from training.common.losses import augmented, distillation
from training.wisdm_rabkd.network import CLASSES, STUDENT_WIDTHS, TEACHER_WIDTHS, Maps, WatchNet


@dataclass(frozen=True)
class Form:
    """One row of the table: whether the student has CBAM, and what of the teacher it is shown."""

    attention: bool
    responses: bool
    maps: bool


FORMS = {
    "lm": Form(attention=False, responses=False, maps=False),
    "rb_kd": Form(attention=False, responses=True, maps=False),
    "lm_att": Form(attention=True, responses=False, maps=False),
    "rb_kd_att": Form(attention=True, responses=True, maps=False),
    "rab_kd": Form(attention=True, responses=True, maps=True),
}
"""Lightweight model, response-based distillation, both with attention, and all of it."""


@dataclass(frozen=True)
class Weights:
    """The terms of the loss."""

    temperature: float
    hard: float
    """a: the share of the cross-entropy with the true labels."""
    maps: float
    """b: the weight of the mean squared difference of attention maps."""


class Learner(nn.Module):
    """A student, and for its channel maps a linear layer each to as many as the teacher's.

    Teacher and student have the same positions but not the same channels, so a channel map is
    compared through a regressor, as in FitNets (Romero et al., ICLR 2015). It is trained along
    and thrown away.
    """

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.student = WatchNet(STUDENT_WIDTHS, form.attention)
        pairs = zip(STUDENT_WIDTHS, TEACHER_WIDTHS)
        self.regressors = nn.ModuleList(nn.Linear(s, t) for s, t in pairs if form.maps)

    def map_loss(self, maps: list[Maps], of_teacher: list[Maps]) -> Tensor:
        """The mean over blocks of channel and spatial mean squared differences."""
        parts = [
            functional.mse_loss(torch.sigmoid(regressor(own.channel)), shown.channel)
            + functional.mse_loss(own.spatial, shown.spatial)
            for regressor, own, shown in zip(self.regressors, maps, of_teacher)
        ]
        return torch.stack(parts).mean()


def student_loss(
    form: Form, weights: Weights, teacher: WatchNet, layout: Layout, strength: Augmentation
) -> Loss:
    """The loss of a `Learner` on augmented windows; the teacher sees the same ones."""
    teacher.eval()

    def loss(network: nn.Module, batch: Batch) -> Tensor:
        assert isinstance(network, Learner)
        signal, targets = augmented(batch, CLASSES, layout, strength)
        logits, maps = network.student.with_maps(signal)
        if not form.responses:
            return functional.cross_entropy(logits, targets)
        with torch.no_grad():
            shown, shown_maps = teacher.to(signal.device).with_maps(signal)
        total = distillation(logits, shown, targets, weights.temperature, 1 - weights.hard)
        if form.maps:
            total = total + weights.maps * network.map_loss(maps, shown_maps)
        return total

    return loss
