"""What the ops of a model file compute, in PyTorch on real values [N, rows, columns].

The counterpart of `libhar.reference`, with gradients. An op gets its settings, its inputs, and what
its output looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from libhar import schema
from libhar.reference import rows
from torch import Tensor
from torch.nn import functional

Kind = schema.ActivationKind


class OpShape(NamedTuple):
    """Rows and columns of the output, and whether it is of codes."""

    shape: tuple[int, int]
    coded: bool


Op = Callable[[Any, Sequence[Tensor], OpShape], Tensor]


def _conv1d(params: schema.Conv1d, inputs: Sequence[Tensor], _: OpShape) -> Tensor:
    x, weight = inputs[:2]
    pads = rows.pads(params, x.shape[1], weight.shape[1], params.dilation)
    found = functional.conv1d(
        functional.pad(x.transpose(1, 2), pads),
        weight.permute(0, 2, 1),
        inputs[2] if len(inputs) > 2 else None,
        params.stride,
        dilation=params.dilation,
        groups=params.groups,
    )
    return found.transpose(1, 2)


def _dense(_: schema.Dense, inputs: Sequence[Tensor], __: OpShape) -> Tensor:
    return functional.linear(*inputs)


def _pool(params: schema.Pool, inputs: Sequence[Tensor], _: OpShape) -> Tensor:
    x = inputs[0].transpose(1, 2)
    pads = rows.pads(params, x.shape[2], params.kernel, 1)
    if params.kind is schema.PoolKind.MAX:
        padded = functional.pad(x, pads, value=-torch.inf)
        return functional.max_pool1d(padded, params.kernel, params.stride).transpose(1, 2)
    means = functional.avg_pool1d(functional.pad(x, pads), params.kernel, params.stride)
    if not params.count_padding:
        present = functional.pad(torch.ones_like(x[:1, :1]), pads)
        means = means / functional.avg_pool1d(present, params.kernel, params.stride)
    return means.transpose(1, 2)


def _adaptive_pool(params: schema.AdaptivePool, inputs: Sequence[Tensor], _: OpShape) -> Tensor:
    return functional.adaptive_avg_pool1d(inputs[0].transpose(1, 2), params.rows).transpose(1, 2)


def _global_pool(params: schema.GlobalPool, inputs: Sequence[Tensor], _: OpShape) -> Tensor:
    x, axis = inputs[0], 1 + params.axis
    if params.kind is schema.PoolKind.MAX:
        return x.amax(axis)
    return x.mean(axis) if params.kind is schema.PoolKind.AVERAGE else x.sum(axis)


def _activation(params: schema.Activation, inputs: Sequence[Tensor], _: OpShape) -> Tensor:
    if params.kind is Kind.LEAKY_RELU:
        return functional.leaky_relu(inputs[0], params.slope)
    return ACTIVATIONS[params.kind](inputs[0])


def _layer_norm(params: schema.LayerNorm, inputs: Sequence[Tensor], _: OpShape) -> Tensor:
    x, scale, offset = inputs
    return functional.layer_norm(x, x.shape[-1:], scale, offset, params.epsilon)


def _attention(params: schema.Attention, inputs: Sequence[Tensor], output: OpShape) -> Tensor:
    queries, keys, values = (
        x.reshape(*x.shape[:2], params.heads, -1).transpose(1, 2) for x in inputs
    )
    weights = torch.softmax(queries @ keys.transpose(-1, -2) * params.scale, -1)
    if output.coded:
        weights = torch.fake_quantize_per_tensor_affine(weights, 1 / 255, 0, 0, 255)
    return (weights @ values).transpose(1, 2)


ACTIVATIONS: dict[Kind, Callable[[Tensor], Tensor]] = {
    Kind.NONE: lambda x: x,
    Kind.RELU: functional.relu,
    Kind.RELU6: functional.relu6,
    Kind.SIGMOID: torch.sigmoid,
    Kind.TANH: torch.tanh,
    Kind.GELU: functional.gelu,
    Kind.GELU_TANH: lambda x: functional.gelu(x, approximate="tanh"),
    Kind.HARD_SIGMOID: functional.hardsigmoid,
    Kind.HARD_SWISH: functional.hardswish,
    Kind.SILU: functional.silu,
}

OPS: dict[type, Op] = {
    schema.Conv1d: _conv1d,
    schema.Dense: _dense,
    schema.Pool: _pool,
    schema.AdaptivePool: _adaptive_pool,
    schema.GlobalPool: _global_pool,
    schema.Activation: _activation,
    schema.LayerNorm: _layer_norm,
    schema.Attention: _attention,
    schema.Add: lambda _, inputs, __: inputs[0] + inputs[1],
    schema.Multiply: lambda _, inputs, __: inputs[0] * inputs[1],
    schema.Affine: lambda _, inputs, __: inputs[0] * inputs[1] + inputs[2],
    schema.Concat: lambda params, inputs, _: torch.cat(list(inputs), 1 + params.axis),
    schema.Slice: lambda params, inputs, _: inputs[0].narrow(
        1 + params.axis, params.begin, params.count
    ),
    schema.Softmax: lambda params, inputs, _: torch.softmax(inputs[0], 1 + params.axis),
    schema.Flatten: lambda _, inputs, __: inputs[0],
    schema.Quantize: lambda _, inputs, __: inputs[0],
    schema.Dequantize: lambda _, inputs, __: inputs[0],
}


def unknown_op(op: schema.Op) -> str:
    """Why a network with this op is refused."""
    known = ", ".join(sorted(kind.__name__ for kind in OPS))
    return f"layer {op.name!r} is a {type(op.params).__name__}; known are {known}"
