"""A recurrent layer over raw motion, and a dense layer on its mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

CHANNELS = 6
CLASSES = 12
UNITS = 64

Kind = Literal["rnn", "lstm", "gru"]
LAYERS: dict[Kind, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class SequenceNet(nn.Module):
    """Batch norm, a recurrent layer of 64 units, the mean of its outputs, a dense layer.

    Takes float32 [N, 6, 128] (acceleration in g, rotation in rad/s) and returns the logits,
    float32 [N, 12]. The batch norm in front learns the scale of every channel, so no scaling
    step stands before the network. The mean over time, unlike the last state alone, keeps a
    transition in sight wherever in the window it lies.
    """

    def __init__(self, kind: Kind, layers: int = 1, dropout: float = 0.3) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.recurrent = LAYERS[kind](CHANNELS, UNITS, num_layers=layers, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(UNITS, CLASSES)

    def forward(self, signal: Tensor) -> Tensor:
        steps, _ = self.recurrent(self.norm(signal).transpose(1, 2))
        logits: Tensor = self.dense(self.dropout(torch.mean(steps, dim=1)))
        return logits
