"""Convolution, two LSTM layers with attention over each, two dense branches, one head."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WINDOW = 100
FILTERS = 64
UNITS = 64
BRANCH = 64


class AdditiveAttention(nn.Module):
    """The mean of the steps weighted by softmax(v tanh(W h)), [N, steps, units] to [N, units].

    Bahdanau, Cho and Bengio, ICLR 2015, with one learned query.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.project = nn.Linear(units, units)
        self.score = nn.Linear(units, 1, bias=False)

    def forward(self, steps: Tensor) -> Tensor:
        weights = torch.softmax(self.score(torch.tanh(self.project(steps))), dim=1)
        return (weights * steps).sum(dim=1)


class ConvLstmAttention(nn.Module):
    """The paper's network: every LSTM layer has its own attention and dense branch.

    Takes float32 [N, channels, 100] (acceleration in m/s^2, rotation in rad/s) and returns the
    logits, float32 [N, classes]. The batch norm in front learns the scale of every channel.
    """

    def __init__(self, channels: int, classes: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.input_norm = nn.BatchNorm1d(channels)
        self.conv = nn.Conv1d(channels, FILTERS, kernel_size=3, padding=1, bias=False)
        self.norm = nn.BatchNorm1d(FILTERS)
        self.dropout = nn.Dropout(dropout)
        self.lstms = nn.ModuleList(
            nn.LSTM(before, UNITS, batch_first=True) for before in (FILTERS, UNITS)
        )
        self.attentions = nn.ModuleList(AdditiveAttention(UNITS) for _ in self.lstms)
        self.branches = nn.ModuleList(nn.Linear(UNITS, BRANCH) for _ in self.lstms)
        self.dense = nn.Linear(len(self.lstms) * BRANCH, classes)

    def forward(self, signal: Tensor) -> Tensor:
        x = torch.relu(self.norm(self.conv(self.input_norm(signal))))
        steps = self.dropout(x).transpose(1, 2)
        seen = []
        for lstm, attention, branch in zip(self.lstms, self.attentions, self.branches):
            steps, _ = lstm(steps)
            seen.append(torch.relu(branch(attention(steps))))
        logits: Tensor = self.dense(self.dropout(torch.cat(seen, dim=1)))
        return logits
