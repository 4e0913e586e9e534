"""The teacher and the student: one architecture in two widths, with or without CBAM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

CHANNELS = 6
WINDOW = 200
CLASSES = 18
TEACHER_WIDTHS = (40, 80, 160)
STUDENT_WIDTHS = (12, 24, 48)
"""Less than a third of the teacher's: a ninth of its multiply-accumulates."""

KERNEL = 5
POOLS = (4, 2)
"""Max pools after all blocks but the last: 200, 50, 25 positions."""


class Maps(NamedTuple):
    """What a CBAM gates with: [N, channels] and [N, positions], both in 0..1."""

    channel: Tensor
    spatial: Tensor


class Cbam(nn.Module):
    """Convolutional block attention (Woo et al., ECCV 2018) in one dimension.

    Channel gate: sigmoid(MLP(mean over time) + MLP(max over time)), the same MLP with one hidden
    layer of a quarter of the channels. Spatial gate, of what that leaves: sigmoid of a convolution
    of 7 over the mean and the max of all channels.
    """

    def __init__(self, channels: int, reduction: int = 4, kernel: int = 7) -> None:
        super().__init__()
        hidden = channels // reduction
        self.squeeze = nn.Linear(channels, hidden)
        self.excite = nn.Linear(hidden, channels)
        self.spatial = nn.Conv1d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Maps]:
        channel = torch.sigmoid(self._mlp(x.mean(dim=2)) + self._mlp(x.amax(dim=2)))
        x = x * channel.unsqueeze(2)
        seen = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        spatial = torch.sigmoid(self.spatial(seen))
        return x * spatial, Maps(channel, spatial.squeeze(1))

    def _mlp(self, pooled: Tensor) -> Tensor:
        excited: Tensor = self.excite(torch.relu(self.squeeze(pooled)))
        return excited


class WatchNet(nn.Module):
    """Three convolutions with batch norm and ReLU, each gated by a CBAM if `attention`.

    Takes float32 [N, 6, 200] (acceleration in m/s^2, rotation in rad/s) and returns the logits,
    float32 [N, 18]. The batch norm in front learns the scale of every channel.
    """

    def __init__(self, widths: Sequence[int], attention: bool, dropout: float = 0.3) -> None:
        super().__init__()
        before = (CHANNELS, *widths[:-1])
        self.input_norm = nn.BatchNorm1d(CHANNELS)
        self.convs = nn.ModuleList(
            nn.Conv1d(b, after, KERNEL, padding=KERNEL // 2, bias=False)
            for b, after in zip(before, widths)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(after) for after in widths)
        self.gates = nn.ModuleList(Cbam(after) for after in widths if attention)
        self.pools = nn.ModuleList(nn.MaxPool1d(size) for size in POOLS)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(widths[-1], CLASSES)

    def forward(self, signal: Tensor) -> Tensor:
        return self.with_maps(signal)[0]

    def with_maps(self, signal: Tensor) -> tuple[Tensor, list[Maps]]:
        """The logits, and the maps of every CBAM in order."""
        x = self.input_norm(signal)
        maps: list[Maps] = []
        for block, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            x = torch.relu(norm(conv(x)))
            if len(self.gates):
                x, found = self.gates[block](x)
                maps.append(found)
            if block < len(POOLS):
                x = self.pools[block](x)
        logits: Tensor = self.dense(self.dropout(x.mean(dim=2)))
        return logits, maps
