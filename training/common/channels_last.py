"""Layers of a Conv1d network over windows laid out as images of one row, channels last.

PyTorch has a channels-last layout for images only, and on a CPU its convolutions and norms are up
to twice as fast in it. A recipe writes its network with Conv1d, which is what is exported, and
trains it through a pass of these.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def image(signal: Tensor) -> Tensor:
    """Windows [N, channels, window] as images [N, channels, 1, window]."""
    return signal.unsqueeze(2).contiguous(memory_format=torch.channels_last)


def convolve(conv: nn.Module, x: Tensor) -> Tensor:
    """What the Conv1d `conv` computes."""
    assert isinstance(conv, nn.Conv1d) and isinstance(conv.padding, tuple)
    return functional.conv2d(
        x,
        conv.weight.unsqueeze(2),
        conv.bias,
        (1, *conv.stride),
        (0, *conv.padding),
        (1, *conv.dilation),
        conv.groups,
    )


def norm(layer: nn.Module, x: Tensor) -> Tensor:
    """What the BatchNorm1d `layer` computes, its running statistics included."""
    assert isinstance(layer, nn.BatchNorm1d)
    return functional.batch_norm(
        x,
        layer.running_mean,
        layer.running_var,
        layer.weight,
        layer.bias,
        layer.training,
        layer.momentum or 0.0,
        layer.eps,
    )
