"""Training of one network: the loop, its checkpoints, and nothing about where data come from."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.uci_har_cnn.augment import Augmentation, augment, mix
from training.uci_har_cnn.data import Windows
from training.uci_har_cnn.network import CLASSES, UciHarCnn, channels_last_logits


@dataclass(frozen=True)
class Settings:
    """Everything that decides the weights, together with the windows and the seed."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    averaging: float
    """Decay of the averaged weights per step: averaged = decay * averaged + (1 - decay) * new."""
    augmentation: Augmentation


@dataclass(frozen=True)
class Progress:
    """Where a run stands after an epoch."""

    epoch: int
    epochs: int
    loss: float
    seconds: float


Report = Callable[[Progress], None]


@dataclass
class Run:
    """The whole state of a training: what a checkpoint keeps and a resumed run takes up again.

    Every epoch draws its shuffle and its augmentation from a generator made of (seed, epoch),
    so no generator has to be kept.
    """

    identity: dict[str, Any]
    network: UciHarCnn
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

    network: UciHarCnn
    losses: list[float]


def fit(
    windows: Windows,
    settings: Settings,
    seed: int,
    checkpoint: Path,
    checkpoint_every: int,
    report: Report,
) -> Result:
    """Trains on all `windows`, from `checkpoint` if that file exists, else from the start.

    The checkpoint is written every `checkpoint_every` epochs and at the end. An interrupted run
    that is resumed ends with the weights of an uninterrupted one, bit for bit, on the same
    machine and number of threads. Raises ValueError where the checkpoint is of another run.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    signal = torch.from_numpy(windows.signal).transpose(1, 2).contiguous().to(device)
    labels = torch.from_numpy(windows.labels).to(device)
    run = _new_run(windows, settings, seed, device)
    if checkpoint.exists():
        run.load_state(torch.load(checkpoint, map_location=device, weights_only=True))
    for epoch in range(len(run.losses), settings.epochs):
        start = time.monotonic()
        rng = np.random.default_rng([seed, epoch])
        run.losses.append(_train_epoch(run, settings, signal, labels, rng))
        if (epoch + 1) % checkpoint_every == 0 or epoch + 1 == settings.epochs:
            _save(run, checkpoint)
        seconds = time.monotonic() - start
        report(Progress(epoch + 1, settings.epochs, run.losses[-1], seconds))
    network = run.averaged.module.cpu().eval()
    assert isinstance(network, UciHarCnn)
    return Result(network, run.losses)


def predict(network: UciHarCnn, windows: Windows) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The class of each window, int64 [N], by a network in evaluation mode."""
    signal = torch.from_numpy(windows.signal).transpose(1, 2)
    with torch.inference_mode():
        chosen = [
            channels_last_logits(network, part).argmax(1) for part in torch.split(signal, 512)
        ]
    return torch.cat(chosen).numpy()


def _new_run(windows: Windows, settings: Settings, seed: int, device: torch.device) -> Run:
    steps = len(windows) // settings.batch
    if steps == 0:
        raise ValueError(f"{len(windows)} windows do not fill one batch of {settings.batch}")
    torch.manual_seed(seed)
    network = UciHarCnn().to(device)
    averaged = AveragedModel(
        network, multi_avg_fn=get_ema_multi_avg_fn(settings.averaging), use_buffers=True
    )
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps * settings.epochs
    )
    identity = {"seed": seed, "windows_crc32": windows.crc32(), **asdict(settings)}
    return Run(identity, network, averaged, optimizer, schedule)


def _train_epoch(
    run: Run, settings: Settings, signal: Tensor, labels: Tensor, rng: np.random.Generator
) -> float:
    """One pass over the shuffled windows (a last, partial batch is left out); the mean loss."""
    run.network.train()
    order = torch.from_numpy(rng.permutation(len(labels))).to(labels.device)
    total, steps = 0.0, len(labels) // settings.batch
    for chosen in order[: steps * settings.batch].reshape(steps, settings.batch):
        batch = augment(signal[chosen], settings.augmentation, rng)
        targets = functional.one_hot(labels[chosen], CLASSES).to(batch.dtype)
        batch, targets = mix(batch, targets, settings.augmentation.mixup, rng)
        loss = functional.cross_entropy(
            channels_last_logits(run.network, batch),
            targets,
            label_smoothing=settings.label_smoothing,
        )
        run.optimizer.zero_grad()
        torch.autograd.backward(loss)
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
