"""The paper's 1-D residual network for short windows of many worn sensors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WINDOW = 15
WIDTHS = (16, 32)
BLOCKS = (3, 2)
"""Blocks of each width; a max pool of 2 follows each."""


class PreActivation(nn.Module):
    """Twice ReLU, batch norm, convolution (kernel 3), and the input added.

    Pre-activation: He et al., "Identity mappings in deep residual networks", ECCV 2016; the order
    of ReLU and norm is the paper's.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(2))
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for norm, conv in zip(self.norms, self.convs):
            y = conv(norm(torch.relu(y)))
        return x + y


class OpportunityResNet(nn.Module):
    """A convolution to 16; three blocks of 16; pool; 1x1 to 32; two blocks of 32; pool; 1x1 to
    the classes; their average over time.

    Takes float32 [N, channels, 15], returns logits [N, classes]. With 113 channels and 18 classes
    it has 24,594 parameters as Keras counts them, running statistics of the norms included.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        narrow, wide = WIDTHS
        self.stem = nn.Conv1d(channels, narrow, 3, padding=1)
        self.narrow = nn.Sequential(*(PreActivation(narrow) for _ in range(BLOCKS[0])))
        self.widen = nn.Conv1d(narrow, wide, 1)
        self.wide = nn.Sequential(*(PreActivation(wide) for _ in range(BLOCKS[1])))
        self.classify = nn.Conv1d(wide, classes, 1)
        self.pool = nn.MaxPool1d(2)
        self.average = nn.AdaptiveAvgPool1d(1)

    def forward(self, signal: Tensor) -> Tensor:
        x = self.pool(self.narrow(self.stem(signal)))
        x = self.pool(self.wide(self.widen(x)))
        logits: Tensor = self.average(self.classify(x)).flatten(1)
        return logits
