"""Layer norm over the columns of each row (J. L. Ba, J. R. Kiros, G. E. Hinton, 2016)."""

from __future__ import annotations

import numpy as np

from libhar import schema
from libhar.reference.call import Call, scale_of
from libhar.reference.codes import F32, Array


def layer_norm(call: Call) -> Array:
    params = call.op.params
    assert isinstance(params, schema.LayerNorm)
    x, scale, offset = call.value(0), call.value(1), call.value(2)
    epsilon = np.float64(F32(params.epsilon))
    if x.dtype == F32:
        real = x.astype(np.float64)
        centred = real - real.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        return np.asarray(centred / np.sqrt(variance + epsilon) * scale + offset, F32)
    n = x.shape[-1]
    q = x.astype(np.int64)
    s = q.sum(axis=-1, keepdims=True)
    d = n * (q * q).sum(axis=-1, keepdims=True) - s * s
    input_scale = np.float64(scale_of(call.tensor(0)))
    r = d.astype(np.float64) * (input_scale * input_scale)
    t = np.float64(1) / np.sqrt(r + np.float64(n * n) * epsilon)
    k = (t * input_scale).astype(F32)
    m, o = scale / scale_of(call.out), offset / scale_of(call.out)
    return call.requantized((n * q - s).astype(F32) * k * m + o)
