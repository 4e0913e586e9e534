"""Random changes of a batch of windows that leave its activity as it was.

A sensor sits a little differently on every body (rotation), people move faster or slower (time
scale) and with more or less swing (amplitude). Each window of a batch draws its own change. A
batch is float32 [N, channels, window]; a `Triple` says what three of its channels are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Triple:
    """The x, y, z of one sensor: channels `first`, `first` + 1, `first` + 2."""

    first: int
    moving: Literal["all", "about_mean", "none"] | int = "all"
    """What of it grows with the swing of a motion: all (rotation, acceleration without gravity),
    what differs from the window's mean (acceleration with gravity), nothing (magnetic field), or
    as much as the triple at this first channel does (acceleration with gravity, beside its own
    moving part)."""
    device: int = 0
    """Triples of one device turn together; the devices are numbered from 0."""


Layout = Sequence[Triple]
"""Channels of no triple are only scaled in time and mixed."""


@dataclass(frozen=True)
class Augmentation:
    """How strong each change is; 0 turns it off."""

    rotation_deg: float
    """Standard deviation of the angle, in degrees, about an axis drawn evenly on the sphere."""
    time_scale: float
    """Largest relative change of speed."""
    amplitude: float
    """Largest relative change of the moving part."""
    mixup: float
    """Parameter of the Beta(mixup, mixup) law of the mixing weight."""


NONE = Augmentation(rotation_deg=0.0, time_scale=0.0, amplitude=0.0, mixup=0.0)


def augment(
    batch: Tensor, layout: Layout, strength: Augmentation, rng: np.random.Generator
) -> Tensor:
    """A changed copy of `batch`, of the same shape. Mixup is `mix`, as it changes targets too."""
    count = batch.shape[0]
    devices = 1 + max((triple.device for triple in layout), default=-1)
    speed = 1.0 + strength.time_scale * rng.uniform(-1, 1, count)
    swing = 1.0 + strength.amplitude * rng.uniform(-1, 1, count)
    turn = random_rotations(count * devices, strength.rotation_deg, rng)
    batch = scale_motion(scale_time(batch, _like(batch, speed)), layout, _like(batch, swing))
    return rotate(batch, layout, _like(batch, turn.reshape(count, devices, 3, 3)))


def random_rotations(
    count: int, deviation_deg: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Rotation matrices [count, 3, 3]: even axes, normal angles (Rodrigues' formula)."""
    axis = rng.normal(size=(count, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.radians(rng.normal(0.0, deviation_deg, count))[:, None, None]
    x, y, z = axis.T
    zero = np.zeros(count)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(count, 3, 3)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def rotate(batch: Tensor, layout: Layout, turn: Tensor) -> Tensor:
    """Turns every triple of each window by its device's matrix in `turn` [N, devices, 3, 3]."""
    turned = batch.clone()
    for triple in layout:
        xyz = slice(triple.first, triple.first + 3)
        turned[:, xyz] = turn[:, triple.device] @ batch[:, xyz]
    return turned


def scale_motion(batch: Tensor, layout: Layout, swing: Tensor) -> Tensor:
    """Scales the moving part of every triple by `swing` [N]; gravity stays as it is."""
    factor = swing[:, None, None]
    scaled = batch.clone()
    for triple in layout:
        xyz = slice(triple.first, triple.first + 3)
        if triple.moving == "all":
            scaled[:, xyz] = factor * batch[:, xyz]
        elif triple.moving == "about_mean":
            mean = batch[:, xyz].mean(dim=2, keepdim=True)
            scaled[:, xyz] = mean + factor * (batch[:, xyz] - mean)
        elif triple.moving != "none":
            part = batch[:, triple.moving : triple.moving + 3]
            scaled[:, xyz] = batch[:, xyz] + (factor - 1) * part
    return scaled


def scale_time(batch: Tensor, speed: Tensor) -> Tensor:
    """Plays each window `speed` [N] times as fast about its middle, by linear interpolation.

    What a faster window needs beyond its ends is the window mirrored there.
    """
    last = batch.shape[2] - 1
    offset = torch.arange(last + 1, dtype=batch.dtype, device=batch.device) - last / 2
    position = (last / 2 + speed[:, None] * offset).abs()
    position = last - (last - position).abs()
    before = position.floor().clamp(0, last - 1)
    part = (position - before)[:, None]
    index = before.long()[:, None].expand_as(batch)
    return torch.lerp(batch.gather(2, index), batch.gather(2, index + 1), part.expand_as(batch))


def mix(
    batch: Tensor, targets: Tensor, alpha: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Mixup (Zhang et al., ICLR 2018): every window blended with another, and so its target.

    `targets` are class probabilities [N, classes]. One weight for each pair.
    """
    if alpha == 0:
        return batch, targets
    count = batch.shape[0]
    weight = _like(batch, rng.beta(alpha, alpha, count))
    other = torch.from_numpy(rng.permutation(count)).to(batch.device)
    mixed = torch.lerp(batch[other], batch, weight[:, None, None])
    return mixed, torch.lerp(targets[other], targets, weight[:, None])


def _like(batch: Tensor, values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values).to(batch.device, batch.dtype)
