"""The paper's convolutional network for the official UCI HAR windows."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = 9
WINDOW = 128
CLASSES = 6
FILTERS = (64, 128, 256, 512)


class UciHarCnn(nn.Module):
    """Four convolutions, an average over time, one dense layer.

    Takes float32 [N, 9, 128] in the data set's own units (total_acc xyz and body_acc xyz in g,
    body_gyro xyz in rad/s) and returns the logits, float32 [N, 6]. The batch norm in front
    learns the scale of every channel, so no scaling step stands before the network.

    A convolution in front of a batch norm has no bias: the norm would take it away again.
    The first three blocks halve the length with a max-pool; the last leaves 16 positions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.input_norm = nn.BatchNorm1d(CHANNELS)
        widths = (CHANNELS, *FILTERS)
        self.convs = nn.ModuleList(
            nn.Conv1d(before, after, kernel_size=3, padding=1, bias=False)
            for before, after in zip(widths, FILTERS)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(after) for after in FILTERS)
        self.pool = nn.MaxPool1d(2)
        self.average = nn.AdaptiveAvgPool1d(1)
        self.dense = nn.Linear(FILTERS[-1], CLASSES)

    def forward(self, signal: Tensor) -> Tensor:
        x = self.input_norm(signal)
        for block, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            x = torch.relu(norm(conv(x)))
            if block < len(FILTERS) - 1:
                x = self.pool(x)
        logits: Tensor = self.dense(self.average(x).flatten(1))
        return logits


def channels_last_logits(network: nn.Module, signal: Tensor) -> Tensor:
    """What `network(signal)` computes, a third faster on a CPU: training goes through here.

    PyTorch has a channels-last layout for images only, so the windows become images of one row.
    """
    assert isinstance(network, UciHarCnn)
    x = signal.unsqueeze(2).contiguous(memory_format=torch.channels_last)
    x = _norm(network.input_norm, x)
    for block, (conv, norm) in enumerate(zip(network.convs, network.norms)):
        x = functional.relu(_norm(norm, _convolve(conv, x)))
        if block < len(FILTERS) - 1:
            x = functional.max_pool2d(x, (1, 2))
    logits: Tensor = network.dense(x.mean(dim=(2, 3)))
    return logits


def _convolve(conv: nn.Module, image: Tensor) -> Tensor:
    assert isinstance(conv, nn.Conv1d)
    return functional.conv2d(image, conv.weight.unsqueeze(2), padding=(0, 1))


def _norm(norm: nn.Module, image: Tensor) -> Tensor:
    assert isinstance(norm, nn.BatchNorm1d)
    return functional.batch_norm(
        image,
        norm.running_mean,
        norm.running_var,
        norm.weight,
        norm.bias,
        norm.training,
        norm.momentum or 0.0,
        norm.eps,
    )
