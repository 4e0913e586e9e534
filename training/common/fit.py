"""Training of one network: the loop, its checkpoints, and nothing about where data come from."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from libhar.datasets import Windows
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.common.windows import crc32


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: AdamW with one cycle of the learning rate, averaged weights.

    Loshchilov and Hutter, ICLR 2019; Smith and Topin, 2019; Polyak and Juditsky, 1992.
    """

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    averaging: float
    """Decay of the averaged weights per step: averaged = decay * averaged + (1 - decay) * new."""
    gradient_norm: float | None = None
    """Largest norm of the whole gradient, which recurrent layers need (Pascanu et al., 2013)."""


@dataclass(frozen=True)
class Batch:
    """What a loss is given. It draws whatever it draws from `rng`, and from nothing else."""

    signal: Tensor
    """float32 [N, channels, window]."""
    labels: Tensor
    """int64 [N]."""
    index: Tensor
    """int64 [N], the places of these windows among all."""
    epoch: int
    """From 0."""
    rng: np.random.Generator


Loss = Callable[[nn.Module, Batch], Tensor]
"""The mean loss of a network over a batch, a scalar."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands after an epoch."""

    epoch: int
    epochs: int
    loss: float
    seconds: float


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Checkpoint:
    """The file a run is kept in, written every so many epochs and at the end.

    A run is only resumed where seed, windows, schedule and `identity`, everything else that
    decides the weights, are those of the file.
    """

    path: Path
    every: int
    identity: Mapping[str, Any]


@dataclass
class Run:
    """The whole state of a training: what a checkpoint keeps and a resumed run takes up again.

    Every epoch draws its shuffle and its augmentation from a generator made of (seed, epoch),
    so no generator has to be kept.
    """

    identity: dict[str, Any]
    network: nn.Module
    averaged: AveragedModel
    optimizer: torch.optim.AdamW
    schedule: torch.optim.lr_scheduler.OneCycleLR
    losses: list[float] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        return {
            "identity": self.identity,
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "losses": self.losses,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        for name, value in self.identity.items():
            if state["identity"].get(name) != value:
                raise ValueError(
                    f"the checkpoint was made with {name} = {state['identity'].get(name)}, "
                    f"this run has {value}"
                )
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.losses = list(state["losses"])


@dataclass(frozen=True)
class Result:
    """The averaged network in evaluation mode, and the mean training loss of every epoch."""

    network: nn.Module
    losses: list[float]


def fit(
    build: Callable[[], nn.Module],
    windows: Windows,
    loss: Loss,
    schedule: Schedule,
    seed: int,
    checkpoint: Checkpoint,
    report: Report,
) -> Result:
    """Trains what `build` makes on all `windows`, from the checkpoint where there is one.

    An interrupted run that is resumed ends with the weights of an uninterrupted one, bit for bit,
    on the same machine and number of threads. Raises ValueError where the checkpoint is of another
    run.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    signal = torch.from_numpy(windows.signal).transpose(1, 2).contiguous().to(device)
    labels = torch.from_numpy(windows.labels).to(device)
    identity = {
        **{"seed": seed, "windows_crc32": crc32(windows)},
        **asdict(schedule),
        **checkpoint.identity,
    }
    run = _new_run(build, len(labels), schedule, seed, identity, device)
    if checkpoint.path.exists():
        run.load_state(torch.load(checkpoint.path, map_location=device, weights_only=True))
    for epoch in range(len(run.losses), schedule.epochs):
        start = time.monotonic()
        # dropout draws from torch's generator: seeded here, a resumed run draws the same
        torch.manual_seed(seed * 1_000_003 + epoch)
        rng = np.random.default_rng([seed, epoch])
        run.losses.append(_train_epoch(run, loss, schedule, signal, labels, epoch, rng))
        if (epoch + 1) % checkpoint.every == 0 or epoch + 1 == schedule.epochs:
            _save(run, checkpoint.path)
        seconds = time.monotonic() - start
        report(Progress(epoch + 1, schedule.epochs, run.losses[-1], seconds))
    network: nn.Module = run.averaged.module.cpu().eval()
    return Result(network, run.losses)


def predict(logits_of: Callable[[Tensor], Tensor], windows: Windows) -> NDArray[np.int64]:
    """The class of each window, [N], by the logits of a network in evaluation mode."""
    signal = torch.from_numpy(windows.signal).transpose(1, 2)
    with torch.inference_mode():
        chosen = [logits_of(part).argmax(1) for part in torch.split(signal, 512)]
    return np.asarray(torch.cat(chosen).numpy())


def _new_run(
    build: Callable[[], nn.Module],
    count: int,
    schedule: Schedule,
    seed: int,
    identity: dict[str, Any],
    device: torch.device,
) -> Run:
    steps = count // schedule.batch
    if steps == 0:
        raise ValueError(f"{count} windows do not fill one batch of {schedule.batch}")
    torch.manual_seed(seed)
    network = build().to(device)
    averaged = AveragedModel(
        network, multi_avg_fn=get_ema_multi_avg_fn(schedule.averaging), use_buffers=True
    )
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=schedule.weight_decay)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, schedule.learning_rate, total_steps=steps * schedule.epochs
    )
    return Run(identity, network, averaged, optimizer, cycle)


def _train_epoch(
    run: Run,
    loss_of: Loss,
    schedule: Schedule,
    signal: Tensor,
    labels: Tensor,
    epoch: int,
    rng: np.random.Generator,
) -> float:
    """One pass over the shuffled windows (a last, partial batch is left out); the mean loss."""
    run.network.train()
    order = torch.from_numpy(rng.permutation(len(labels))).to(labels.device)
    steps, total = len(labels) // schedule.batch, 0.0
    for index in order[: steps * schedule.batch].reshape(steps, schedule.batch):
        loss = loss_of(run.network, Batch(signal[index], labels[index], index, epoch, rng))
        run.optimizer.zero_grad()
        torch.autograd.backward(loss)
        if schedule.gradient_norm is not None:
            nn.utils.clip_grad_norm_(run.network.parameters(), schedule.gradient_norm)
        run.optimizer.step()
        run.schedule.step()
        run.averaged.update_parameters(run.network)
        total += loss.item()
    return total / steps


def _save(run: Run, checkpoint: Path) -> None:
    """Writes beside the old checkpoint first, so that an interruption leaves one whole."""
    fresh = checkpoint.with_suffix(".part")
    torch.save(run.state(), fresh)
    os.replace(fresh, checkpoint)
