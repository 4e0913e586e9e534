"""Functions with the bits of kernels/ref/math.h: binary32, no FMA, the same order."""

from __future__ import annotations

import numpy as np

from libhar.reference.codes import F32, Array

_TAYLOR = tuple(F32(1) / F32(n) for n in (5040, 720, 120, 24, 6, 2))
_GATE = tuple(
    F32(c)
    for c in (
        1.5345811916e-4,
        1.3399931219e-3,
        9.6184889574e-3,
        5.5503287770e-2,
        2.4022646891e-1,
        6.9314720574e-1,
        1.0,
    )
)
_ERF_NEAR = tuple(
    F32(c)
    for c in (
        -0.000565706461,
        0.00492526498,
        -0.0267193578,
        0.112805195,
        -0.376123786,
        1.12837911,
    )
)
_ERF_FAR = tuple(
    F32(c)
    for c in (
        -0.00110632973,
        0.0144509682,
        -0.0876814649,
        -0.655851424,
        -1.11648095,
        -0.00293648452,
    )
)
_LOG2_E = F32(1.44269504)
_TANH = tuple(
    F32(c)
    for c in (
        -5.70498872745e-3,
        2.06390887954e-2,
        -5.37397155531e-2,
        1.33314422036e-1,
        -3.33332819422e-1,
    )
)


def _polynomial(coefficients: tuple[np.float32, ...], x: Array) -> Array:
    """By Horner's rule, the highest power first."""
    p = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        p = p * x + coefficient
    return p


def exp(x: Array) -> Array:
    """exp(x) by Cody and Waite's reduction and a Taylor polynomial of degree 7."""
    x = np.asarray(x, F32)
    small = x < F32(-87.33654)
    reduced = np.where(x > F32(88.72283), F32(88.8), np.where(small, F32(0), x))
    n = np.rint(reduced * F32(1.44269504)).astype(np.int32)
    r = reduced - n.astype(F32) * F32(0.693359375)
    r = r - n.astype(F32) * F32(-2.12194440e-4)
    p = _polynomial(_TAYLOR, r)
    p = p * r * r + r + F32(1)
    half = np.trunc(n / 2).astype(np.int32)
    with np.errstate(over="ignore"):
        value = p * np.ldexp(F32(1), half).astype(F32) * np.ldexp(F32(1), n - half).astype(F32)
    return np.where(np.isnan(x), x, np.where(small, F32(0), value)).astype(F32)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return F32(1) / (F32(1) + exp(-np.asarray(x, F32)))


def tanh(x: Array) -> Array:
    """An odd polynomial below 0.625 in magnitude, 2 * sigmoid(2x) - 1 elsewhere."""
    x = np.asarray(x, F32)
    near = np.abs(x) < F32(0.625)
    small = np.where(near, x, F32(0))
    z = small * small
    p = _polynomial(_TANH, z)
    return np.where(near, p * z * small + small, F32(2) * sigmoid(F32(2) * x) - F32(1)).astype(F32)


def silu(x: Array) -> Array:
    """x * sigmoid(x)."""
    return np.asarray(x, F32) * sigmoid(x)


def hard_sigmoid(x: Array) -> Array:
    """min(max(x / 6 + 1 / 2, 0), 1)."""
    scaled = np.asarray(x, F32) * (F32(1) / F32(6)) + F32(0.5)
    return np.asarray(np.clip(scaled, F32(0), F32(1)))


def hard_swish(x: Array) -> Array:
    """x * hard_sigmoid(x)."""
    return np.asarray(x, F32) * hard_sigmoid(x)


def leaky_relu(x: Array, slope: float) -> Array:
    """x, times `slope` where it is below 0."""
    x = np.asarray(x, F32)
    return np.where(x < 0, F32(slope) * x, x)


def gelu_tanh(x: Array) -> Array:
    """GELU's approximation by tanh (D. Hendrycks, K. Gimpel, 2016), with tanh as a sigmoid."""
    x = np.asarray(x, F32)
    return np.asarray(x * sigmoid(F32(1.5957691) * x * (F32(1) + F32(0.044715) * x * x)))


def erf(x: Array) -> Array:
    """An odd polynomial below 1 in magnitude, above it 1 - exp of one."""
    x = np.asarray(x, F32)
    size = np.abs(x)
    near = np.where(size < F32(1), x, F32(0))
    far = F32(1) - exp(_polynomial(_ERF_FAR, np.minimum(size, F32(4))))
    return np.where(size < F32(1), near * _polynomial(_ERF_NEAR, near * near), np.copysign(far, x))


def gelu(x: Array) -> Array:
    """x * (1 + erf(x / sqrt(2))) / 2."""
    x = np.asarray(x, F32)
    return np.asarray(x * (F32(0.5) + F32(0.5) * erf(x * F32(0.70710678))))


def _gate_power(t: Array) -> Array:
    """2^t, t bounded to +-126."""
    bounded = np.maximum(np.minimum(t, F32(126)), F32(-126))
    n = np.rint(bounded)
    return _polynomial(_GATE, bounded - n) * np.ldexp(F32(1), n.astype(np.int32)).astype(F32)


def gate_sigmoid(x: Array) -> Array:
    """The sigmoid of recurrent layers."""
    return F32(1) / (F32(1) + _gate_power(np.asarray(x, F32) * -_LOG2_E))


def gate_tanh(x: Array) -> Array:
    """The tanh of recurrent layers."""
    e = _gate_power(np.asarray(x, F32) * (F32(-2) * _LOG2_E))
    return (F32(1) - e) / (F32(1) + e)


def softmax(x: Array) -> Array:
    """Over the last axis: minus the maximum, exp, divided by the sum in index order."""
    e = exp(x - x.max(axis=-1, keepdims=True))
    total = np.zeros(e.shape[:-1], F32)
    for i in range(e.shape[-1]):
        total = total + e[..., i]
    return e / total[..., None]
