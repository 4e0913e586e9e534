"""Activations alone: clamps of codes, and functions, of codes by a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from libhar import schema
from libhar.reference import functions
from libhar.reference.call import Call, scale_of, zero_of
from libhar.reference.codes import F32, Array, dequantize, quantize

Kind = schema.ActivationKind
CURVES: dict[Kind, Callable[[Array], Array]] = {
    Kind.SIGMOID: functions.sigmoid,
    Kind.TANH: functions.tanh,
    Kind.GELU: functions.gelu,
    Kind.GELU_TANH: functions.gelu_tanh,
    Kind.HARD_SIGMOID: functions.hard_sigmoid,
    Kind.HARD_SWISH: functions.hard_swish,
    Kind.SILU: functions.silu,
}


def activation(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.Activation)
    x, kind = call.value(0), params.kind
    if kind is Kind.LEAKY_RELU or kind in CURVES:
        if x.dtype == F32:
            return _curve(params, x)
        source = call.tensor(0)
        real = dequantize(x, scale_of(source), zero_of(source))
        return quantize(_curve(params, real), scale_of(call.out), zero_of(call.out), 0, 255)
    if kind is Kind.NONE:
        return x
    zero = zero_of(call.out)
    if x.dtype == F32:
        return np.clip(x, F32(0), F32(6) if kind is Kind.RELU6 else None)
    if kind is Kind.RELU:
        return np.maximum(x, zero)
    six = int(np.rint(min(F32(6) / scale_of(call.out), F32(255))))
    return np.clip(x, zero, min(255, zero + six))


def _curve(params: schema.Activation, x: Array) -> Array:
    if params.kind is Kind.LEAKY_RELU:
        return functions.leaky_relu(x, params.slope)
    return CURVES[params.kind](x)
