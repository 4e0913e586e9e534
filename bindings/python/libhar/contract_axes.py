"""The network of a contract that tells axes taken for each other, or turned round, from right ones.

Two seconds of signal make FEATURES figures; a layer of units with ReLU and a weighted sum make the
score, the logarithm of how much likelier a mistake is than the signal of a training person. It is
fitted to training people's looks against the same looks with each mistake made, both turned a
little at random, as a device sits a little otherwise on everybody. lib/signal/contract.c computes
the same on the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from scipy.special import expit

F32 = NDArray[np.float32]

FEATURES = 57
UNITS, MOST_UNITS = 24, 256
STEPS, BATCH = 6000, 512
RATE, DECAY = 5e-3, 1e-2
"""Of Adam with decoupled weight decay (Loshchilov, Hutter: Decoupled Weight Decay Regularization,
ICLR 2019); the rate falls to 0 along a cosine."""
LOOSE = np.radians(8.0)
"""Standard deviation of the random turn about each axis."""

_UPPER_9, _UPPER_3 = np.triu_indices(9), np.triu_indices(3)
_TURNS = [
    ((0, 1, 2), (-1, -1, -1)),
    ((0, 1, 2), (-1, 1, 1)),
    ((0, 1, 2), (1, -1, 1)),
    ((0, 1, 2), (1, 1, -1)),
    ((1, 0, 2), (1, 1, 1)),
    ((2, 1, 0), (1, 1, 1)),
    ((0, 2, 1), (1, 1, 1)),
    ((1, 2, 0), (1, 1, 1)),
    ((2, 0, 1), (1, 1, 1)),
]
"""The axis taken for each, and its sign."""
_SENSORS = {"acc": (0, 6), "gyro": (3,), "both": (0, 3, 6)}
"""Where their signals begin in a look's nine."""


def _mistakes() -> dict[str, F32]:
    """Each mistake's matrix [9, 9] on acceleration, rotation and the acceleration's slope."""
    made = {}
    for sensor, blocks in _SENSORS.items():
        for order, signs in _TURNS:
            matrix = np.eye(9, dtype=np.float32)
            for b in blocks:
                matrix[b : b + 3, b : b + 3] = np.diag(signs)[:, np.argsort(order)]
            axes = " ".join(("-" if s < 0 else "") + "xyz"[o] for o, s in zip(order, signs))
            made[f"{sensor} {axes}"] = matrix
    return made


MISTAKES = _mistakes()
"""By what stands where x y z should be: "acc y x z"."""


@dataclass(frozen=True)
class Network:
    """score = sum over units of out * max(0, weights . features + bias)."""

    weights: NDArray[np.int8]
    """[units, FEATURES]."""
    bias: F32
    out: F32
    """[units]."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Of each row of `features` [n, FEATURES]."""
        inside = features @ self.weights.T.astype(float) + self.bias
        return np.asarray(np.maximum(inside, 0.0) @ self.out.astype(float))


@dataclass(frozen=True)
class Figures:
    """Of n looks, what the features are made of: none of it but the axes changes by a turn."""

    direction: F32
    """[n, 3] of gravity."""
    covariance: F32
    """[n, 9, 9], each of the three signals of the whole spread 1."""
    sizes: F32
    """[n, 3] of 0 to 1: the spread of the acceleration, of the rotation, of the slope."""


def figures(mean: NDArray[np.float64], covariance: NDArray[np.float64]) -> Figures:
    """From means [n, 9] and covariances [n, 9, 9] of the three signals, in SI units."""
    traces = [np.trace(covariance[:, b : b + 3, b : b + 3], axis1=1, axis2=2) for b in (0, 3, 6)]
    roots = np.asarray(np.sqrt(np.maximum(traces, 1e-12)))
    acc, gyro, slope = roots
    scale = np.repeat(roots.T, 3, axis=1)
    sizes = np.stack([acc / (acc + 0.5), gyro / (gyro + 0.3), slope / (slope + 8 * acc)], axis=1)
    return Figures(
        (mean[:, :3] / np.linalg.norm(mean[:, :3], axis=1, keepdims=True)).astype(np.float32),
        (covariance / np.einsum("ni,nj->nij", scale, scale)).astype(np.float32),
        sizes.astype(np.float32),
    )


def features(of: Figures, turns: F32 | None = None) -> F32:
    """[n, FEATURES]; `turns` [n, 9, 9] or [9, 9] are made of the axes before."""
    direction, covariance = of.direction, of.covariance
    if turns is not None:
        turned = np.einsum("...ij,...j->...i", turns[..., :3, :3], direction)
        direction = turned.astype(np.float32)
        both_sides = turns @ covariance @ np.swapaxes(turns, -1, -2)
        covariance = both_sides.astype(np.float32)
    products = direction[:, _UPPER_3[0]] * direction[:, _UPPER_3[1]]
    upper = covariance[:, _UPPER_9[0], _UPPER_9[1]]
    return np.concatenate([direction, products, of.sizes, upper], axis=1)


def _loose(rng: np.random.Generator) -> F32:
    """Random turns [BATCH, 9, 9] of the whole device."""
    turn = Rotation.from_rotvec(rng.normal(0, LOOSE, (BATCH, 3))).as_matrix()
    made = np.zeros((BATCH, 9, 9), np.float32)
    for b in (0, 3, 6):
        made[:, b : b + 3, b : b + 3] = turn
    return made


def fit(of: Figures, units: int = UNITS, seed: int = 0) -> Network:
    """Logistic loss, as many right looks as mistaken ones, each mistake as often as each other."""
    rng = np.random.default_rng(seed)
    plain = features(of)
    middle, scale = plain.mean(axis=0), plain.std(axis=0) + np.float32(0.05)
    matrices = np.stack(list(MISTAKES.values()))
    parts = [
        rng.normal(0, FEATURES**-0.5, (units, FEATURES)),
        np.zeros(units),
        rng.normal(0, units**-0.5, units),
        np.zeros(1),
    ]
    first, second = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    wanted = np.repeat([0.0, 1.0], BATCH)
    for step in range(STEPS):
        rows = rng.integers(0, len(plain), BATCH)
        batch = Figures(of.direction[rows], of.covariance[rows], of.sizes[rows])
        turns = _loose(rng)
        wrong = matrices[rng.integers(0, len(matrices), BATCH)] @ turns
        given = np.concatenate([features(batch, turns), features(batch, wrong)])
        slopes = _slopes(parts, (given - middle) / scale, wanted)
        rate = RATE * (1 + np.cos(np.pi * step / STEPS)) / 2
        for p, g, m, v in zip(parts, slopes, first, second):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            change = m / (1 - 0.9 ** (step + 1)) / (np.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8)
            p -= rate * (change + DECAY * p)
    return _stored(parts, middle, scale)


def _slopes(
    parts: list[NDArray[np.float64]], given: NDArray[np.floating], wanted: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Of the mean logistic loss, by the parts."""
    weights, bias, out, shift = parts
    inside = given @ weights.T + bias
    active = np.maximum(inside, 0.0)
    error = (expit(active @ out + shift) - wanted) / len(wanted) * 2
    back = error[:, None] * out * (inside > 0)
    return [back.T @ given, back.sum(axis=0), active.T @ error, error.sum(keepdims=True)]


def _stored(parts: list[NDArray[np.float64]], middle: F32, scale: F32) -> Network:
    """INT8 weights of the features as they are. A unit's scale goes into its output weight, which
    ReLU allows; the score's own bias is left to the margin."""
    weights, bias, out, _ = parts
    plain = weights / scale
    step = np.abs(plain).max(axis=1) / 127
    return Network(
        np.rint(plain / step[:, None]).astype(np.int8),
        ((bias - plain @ middle) / step).astype(np.float32),
        (out * step).astype(np.float32),
    )
