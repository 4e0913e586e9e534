"""Random changes of a batch of windows that leave its activity as it was.

A phone sits a little differently on every belt (rotation), people move faster or slower
(time scale) and with more or less swing (amplitude). Each window of a batch draws its own
change. A batch is float32 [N, 9, 128]: total_acc xyz, body_acc xyz, body_gyro xyz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """How strong each change is; 0 turns it off."""

    rotation_deg: float
    """Standard deviation of the angle, in degrees, about an axis drawn evenly on the sphere."""
    time_scale: float
    """Largest relative change of speed."""
    amplitude: float
    """Largest relative change of the moving part (body_acc and body_gyro)."""
    mixup: float
    """Parameter of the Beta(mixup, mixup) law of the mixing weight."""


def augment(batch: Tensor, strength: Augmentation, rng: np.random.Generator) -> Tensor:
    """A changed copy of `batch`, of the same shape."""
    count = batch.shape[0]
    speed = 1.0 + strength.time_scale * rng.uniform(-1, 1, count)
    swing = 1.0 + strength.amplitude * rng.uniform(-1, 1, count)
    turn = random_rotations(count, strength.rotation_deg, rng)
    return rotate(
        scale_motion(scale_time(batch, _like(batch, speed)), _like(batch, swing)),
        _like(batch, turn),
    )


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


def rotate(batch: Tensor, turn: Tensor) -> Tensor:
    """Turns the three sensors of each window by its matrix in `turn` [N, 3, 3]."""
    count, channels, length = batch.shape
    triples = batch.reshape(count, channels // 3, 3, length)
    return (turn[:, None] @ triples).reshape(count, channels, length)


def scale_motion(batch: Tensor, swing: Tensor) -> Tensor:
    """Scales body_acc and body_gyro by `swing` [N]; total_acc stays gravity + body_acc."""
    total, body, gyro = batch[:, 0:3], batch[:, 3:6], batch[:, 6:9]
    factor = swing[:, None, None]
    return torch.cat([total + (factor - 1) * body, factor * body, factor * gyro], dim=1)


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
