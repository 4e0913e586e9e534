"""A decoded graph in PyTorch, for its gradients: every op in FP32, integers dequantized."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as functional
from libhar import schema
from libhar.reference import rows
from torch import Tensor

ACTIVATIONS: dict[schema.ActivationKind, Callable[[Tensor], Tensor]] = {
    schema.ActivationKind.RELU: functional.relu,
    schema.ActivationKind.RELU6: functional.relu6,
    schema.ActivationKind.SIGMOID: torch.sigmoid,
    schema.ActivationKind.TANH: torch.tanh,
    schema.ActivationKind.GELU: functional.gelu,
    schema.ActivationKind.GELU_TANH: lambda x: functional.gelu(x, approximate="tanh"),
    schema.ActivationKind.HARD_SIGMOID: functional.hardsigmoid,
    schema.ActivationKind.HARD_SWISH: functional.hardswish,
    schema.ActivationKind.SILU: functional.silu,
}
DTYPES = {
    schema.DType.F32: "<f4",
    schema.DType.I32: "<i4",
    schema.DType.I16: "<i2",
    schema.DType.I8: "i1",
    schema.DType.U8: "u1",
}


class TorchGraph:
    """Computes a graph's output, before a softmax that ends it, in binary64."""

    def __init__(self, graph: schema.Graph, buffers: list[schema.Buffer]) -> None:
        self.graph, self.buffers = graph, buffers

    def values(self, x: Tensor) -> dict[int, Tensor]:
        """Every computed tensor, of an input [rows, columns]."""
        values = {self.graph.input: x}
        for op in self.graph.ops:
            values[int(op.outputs[0])] = _Call(self, op, values).result()
        return values

    def logits(self, x: Tensor) -> Tensor:
        """[rows, columns] to [classes]."""
        values, last = self.values(x), self.graph.ops[-1]
        is_softmax = isinstance(last.params, schema.Softmax)
        return values[int(last.inputs[0]) if is_softmax else self.graph.output].reshape(-1)

    def gradient(self, x: np.ndarray, target: Callable[[Tensor], Tensor]) -> np.ndarray:
        """The derivative of `target` of the logits by every value of x."""
        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        (found,) = torch.autograd.grad(target(self.logits(leaf)), leaf)
        return found.numpy()

    def raw(self, tensor: int) -> Tensor:
        """A constant as its numbers are in the file."""
        found = self.graph.tensors[tensor]
        data = np.frombuffer(self.buffers[found.buffer].data.tobytes(), DTYPES[found.dtype])
        return torch.from_numpy(data.astype(np.float64).reshape(found.shape))

    def scales(self, tensor: int) -> Tensor:
        found = self.graph.tensors[tensor].quantization
        assert found is not None
        return torch.from_numpy(found.scales.astype(np.float64))


class _Call:
    """One op on the values of its inputs."""

    def __init__(self, owner: TorchGraph, op: schema.Op, values: dict[int, Tensor]) -> None:
        self.owner, self.op, self.values = owner, op, values
        self.inputs = [int(i) for i in op.inputs]

    def result(self) -> Tensor:
        return _HANDLERS[type(self.op.params)](self)

    def x(self, position: int = 0) -> Tensor:
        """An input, computed or a dequantized constant."""
        index = self.inputs[position]
        if index in self.values:
            return self.values[index]
        tensor, raw = self.owner.graph.tensors[index], self.owner.raw(index)
        if tensor.dtype is schema.DType.F32:
            return raw
        if tensor.dtype is schema.DType.I32:
            return raw * self._bias_scales(position, len(raw))
        assert tensor.quantization is not None
        scales = self.owner.scales(index).reshape(-1, *[1] * (raw.ndim - 1))
        return (raw - tensor.quantization.zero_point) * scales

    def _bias_scales(self, position: int, count: int) -> Tensor:
        own = isinstance(self.op.params, schema.Recurrent) and position == 4
        weight = self.owner.scales(self.inputs[2 if own else 1])
        source = int(self.op.outputs[0]) if own else self.inputs[0]
        return self.owner.scales(source) * weight[-count:]

    def conv(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Conv1d)
        x, weight = self.x(), self.x(1)
        left, right = rows.pads(p, len(x), weight.shape[1], p.dilation)
        padded = functional.pad(x.T[None], (left, right))
        bias = self.x(2) if len(self.inputs) > 2 else None
        taps = weight.permute(0, 2, 1)
        return functional.conv1d(padded, taps, bias, p.stride, 0, p.dilation, p.groups)[0].T

    def dense(self) -> Tensor:
        bias = self.x(2) if len(self.inputs) > 2 else None
        return functional.linear(self.x(), self.x(1), bias)

    def pool(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Pool)
        x = self.x()
        left, right = rows.pads(p, len(x), p.kernel, 1)
        if p.kind is schema.PoolKind.MAX:
            padded = functional.pad(x.T[None], (left, right), value=-torch.inf)
            return functional.max_pool1d(padded, p.kernel, p.stride)[0].T
        padded = functional.pad(x.T[None], (left, right))
        sums = functional.avg_pool1d(padded, p.kernel, p.stride) * p.kernel
        ones = functional.pad(torch.ones(1, 1, len(x), dtype=x.dtype), (left, right))
        present = functional.avg_pool1d(ones, p.kernel, p.stride) * p.kernel
        return (sums / (p.kernel if p.count_padding else present))[0].T

    def adaptive(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.AdaptivePool)
        return functional.adaptive_avg_pool1d(self.x().T[None], p.rows)[0].T

    def reduce(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.GlobalPool)
        x = self.x()
        if p.kind is schema.PoolKind.MAX:
            return x.max(p.axis, keepdim=True).values
        if p.kind is schema.PoolKind.AVERAGE:
            return x.mean(p.axis, keepdim=True)
        return x.sum(p.axis, keepdim=True)

    def activation(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Activation)
        if p.kind is schema.ActivationKind.LEAKY_RELU:
            return functional.leaky_relu(self.x(), p.slope)
        return ACTIVATIONS[p.kind](self.x())

    def concat(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Concat)
        return torch.cat([self.x(i) for i in range(len(self.inputs))], p.axis)

    def slice(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Slice)
        return self.x().narrow(p.axis, p.begin, p.count)

    def layer_norm(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.LayerNorm)
        x = self.x()
        return functional.layer_norm(x, x.shape[1:], self.x(1), self.x(2), p.epsilon)

    def softmax(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Softmax)
        return torch.softmax(self.x(), p.axis)

    def attention(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Attention)
        q, k, v = (
            x.reshape(len(x), p.heads, -1).transpose(0, 1)
            for x in (self.x(0), self.x(1), self.x(2))
        )
        weights = torch.softmax(q @ k.transpose(1, 2) * p.scale, 2)
        return (weights @ v).transpose(0, 1).reshape(q.shape[1], -1)

    def recurrent(self) -> Tensor:
        p = self.op.params
        assert isinstance(p, schema.Recurrent)
        states = _states(p, self)
        return states[-1][None] if p.last else torch.stack(states[:: -1 if p.reverse else 1])


def _states(p: schema.Recurrent, call: _Call) -> list[Tensor]:
    """The states in the order in which they are taken."""
    x, weight, fed_back = call.x(), call.x(1), call.x(2)
    projected = x @ weight.T + (call.x(3) if len(call.inputs) > 3 else 0)
    own = call.x(4) if len(call.inputs) > 4 else torch.zeros(fed_back.shape[1], dtype=x.dtype)
    n = fed_back.shape[1]
    h = c = torch.zeros(n, dtype=x.dtype)
    states = []
    for row in projected.flip(0) if p.reverse else projected:
        r = fed_back @ h
        if p.cell is schema.CellKind.RNN:
            total = row + r
            h = torch.relu(total) if p.activation is schema.ActivationKind.RELU else total.tanh()
        elif p.cell is schema.CellKind.LSTM:
            i, f, g, o = (row + r).split(n)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        else:
            reset, update = torch.sigmoid(row[: 2 * n] + r[: 2 * n]).split(n)
            if p.reset_after:
                candidate = torch.tanh(row[2 * n :] + reset * (r[2 * n :] + own))
            else:
                candidate = torch.tanh(row[2 * n :] + fed_back[2 * n :] @ (reset * h))
            h = (1 - update) * candidate + update * h
        states.append(h)
    return states


_HANDLERS: dict[type, Callable[[_Call], Tensor]] = {
    schema.Conv1d: _Call.conv,
    schema.Dense: _Call.dense,
    schema.Pool: _Call.pool,
    schema.AdaptivePool: _Call.adaptive,
    schema.GlobalPool: _Call.reduce,
    schema.Add: lambda call: call.x(0) + call.x(1),
    schema.Multiply: lambda call: call.x(0) * call.x(1),
    schema.Concat: _Call.concat,
    schema.Slice: _Call.slice,
    schema.Activation: _Call.activation,
    schema.Affine: lambda call: call.x() * call.x(1) + call.x(2),
    schema.LayerNorm: _Call.layer_norm,
    schema.Attention: _Call.attention,
    schema.Recurrent: _Call.recurrent,
    schema.Softmax: _Call.softmax,
    schema.Flatten: lambda call: call.x().reshape(1, -1),
    schema.Quantize: _Call.x,
    schema.Dequantize: _Call.x,
}
