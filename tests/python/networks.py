"""Random small networks: in PyTorch, and as integer graphs."""

from __future__ import annotations

import numpy as np
import torch
from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.quantize.weights import quantize_weights
from torch import Tensor, nn

CLASSES = 5
STEPS = (
    *("conv", "pool", "mean", "add", "concat", "curve", "clamp", "gate", "affine", "norm"),
    *("part", "attention", "recurrent", "fixed"),
)
"""What an integer network grows by: methods of IntegerNetwork."""


class Branches(nn.Module):
    """Two paths over one input, added or joined."""

    def __init__(self, left: nn.Module, right: nn.Module, join: bool, over_time: bool) -> None:
        super().__init__()
        self.left, self.right, self.join, self.axis = left, right, join, 2 if over_time else 1

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.left(x), self.right(x)
        return torch.cat([a, b], self.axis) if self.join else a + b


class TimeMean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(2)


def torch_network(rng: np.random.Generator, window: int, columns: int) -> nn.Module:
    """Layers that fit each other, drawn at random, in evaluation mode, with random batch norms."""
    layers: list[nn.Module] = []
    channels, rows = columns, window
    for _ in range(int(rng.integers(1, 5))):
        for layer in _block(rng, channels, rows):
            layers.append(layer)
        with torch.no_grad():
            shape = nn.Sequential(*layers).eval()(torch.zeros(1, columns, window)).shape
        channels, rows = shape[1], shape[2]
    head = _head(rng, channels, rows)
    network = nn.Sequential(*layers, *head).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.copy_(_tensor(rng.normal(size=module.num_features)))
            module.running_var.copy_(_tensor(rng.uniform(0.2, 3, module.num_features)))
            module.weight.data.copy_(_tensor(rng.normal(size=module.num_features)))
            module.bias.data.copy_(_tensor(rng.normal(size=module.num_features)))
    return network


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))


def _block(rng: np.random.Generator, channels: int, rows: int) -> list[nn.Module]:
    choices = ["conv", "conv", "norm", "activation", "pool", "residual", "join"]
    kind = str(rng.choice(choices))
    if kind == "conv":
        return [_conv(rng, channels, rows)]
    if kind == "norm":
        return [nn.BatchNorm1d(channels)]
    if kind == "activation":
        return [_activation(rng)]
    if kind == "pool" and rows >= 4:
        kernel, stride = int(rng.integers(2, 4)), int(rng.integers(1, 4))
        padding = int(rng.integers(0, kernel // 2 + 1))
        if rng.random() < 0.5:
            return [nn.MaxPool1d(kernel, stride, padding)]
        return [nn.AvgPool1d(kernel, stride, padding, count_include_pad=bool(rng.random() < 0.5))]
    paths = [
        nn.Sequential(_same_conv(rng, channels), nn.BatchNorm1d(channels), _activation(rng)),
        nn.Identity() if rng.random() < 0.5 else _same_conv(rng, channels),
    ]
    return [Branches(paths[0], paths[1], kind == "join", bool(rng.random() < 0.5))]


def _activation(rng: np.random.Generator) -> nn.Module:
    kinds = [nn.ReLU(), nn.ReLU6(), nn.Sigmoid(), nn.Tanh(), nn.GELU(), nn.SiLU(), nn.Hardswish()]
    kinds += [nn.Hardsigmoid(), nn.LeakyReLU(0.1), nn.GELU("tanh")]
    return kinds[int(rng.integers(0, len(kinds)))]


def _same_conv(rng: np.random.Generator, channels: int) -> nn.Module:
    return nn.Conv1d(channels, channels, 3, padding="same", bias=bool(rng.random() < 0.5))


def _conv(rng: np.random.Generator, channels: int, rows: int) -> nn.Module:
    dilation = int(rng.integers(1, 3))
    kernel = int(rng.integers(1, 6))
    extent = (kernel - 1) * dilation + 1
    padding = int(rng.integers(0, extent))
    if extent > rows + 2 * padding:
        kernel, padding = 1, 0
    groups = channels if rng.random() < 0.3 else 1
    outputs = groups * int(rng.integers(1, 4)) if groups > 1 else int(rng.integers(1, 9))
    stride = int(rng.integers(1, 3))
    return nn.Conv1d(
        channels, outputs, kernel, stride, padding, dilation, groups, bias=bool(rng.random() < 0.7)
    )


def _head(rng: np.random.Generator, channels: int, rows: int) -> list[nn.Module]:
    kind = str(rng.choice(["mean", "adaptive", "flatten"]))
    if kind == "mean":
        body: list[nn.Module] = [TimeMean()]
        features = channels
    elif kind == "adaptive":
        factors = [n for n in range(1, rows + 1) if rows % n == 0]
        length = int(rng.choice(factors))
        body, features = [nn.AdaptiveAvgPool1d(length), nn.Flatten()], channels * length
    else:
        body, features = [nn.Flatten()], channels * rows
    hidden = int(rng.integers(2, 9))
    return [*body, nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES)]


class IntegerNetwork:
    """A random integer graph that uses every integer op; grows a U8 tensor step by step."""

    def __init__(self, rng: np.random.Generator, window: int, columns: int) -> None:
        self.rng, self.build = rng, GraphBuilder()
        build = self.build
        build.graph.input = build.computed("input", window, columns)
        codes = build.computed(
            "codes", window, columns, schema.DType.I16, self.quantization(1e-4, 2e-4, 0)
        )
        self.current = build.op("quantize", schema.Quantize(), [build.graph.input], codes)
        self.conv()
        for _ in range(int(rng.integers(2, 7))):
            step = str(rng.choice(STEPS))
            getattr(self, step)()
        self.finish()

    def quantization(self, low: float, high: float, zero: int | None = None) -> schema.Quantization:
        scale = np.array([self.rng.uniform(low, high)], "<f4")
        return schema.Quantization(scale, int(self.rng.integers(0, 256)) if zero is None else zero)

    def codes_of(self, tensor: int) -> schema.Quantization:
        found = self.build.graph.tensors[tensor].quantization
        assert found is not None
        return found

    def tensor(self, rows: int, columns: int, codes: schema.Quantization | None = None) -> int:
        name = f"t{len(self.build.graph.tensors)}"
        given = codes or self.quantization(0.01, 0.05)
        return self.build.computed(name, rows, columns, schema.DType.U8, given)

    def weights(self, *shape: int) -> list[int]:
        x = self.codes_of(self.current)
        largest = 32767 if self.build.graph.tensors[self.current].dtype is schema.DType.I16 else 255
        real = self.rng.normal(size=shape)
        integers = quantize_weights(
            real, self.rng.normal(size=shape[0]), np.float32(x.scales[0]), largest
        )
        number = len(self.build.graph.tensors)
        weight = self.build.constant(
            f"w{number}", integers.weight, schema.DType.I8, schema.Quantization(integers.scales)
        )
        bias = self.build.constant(f"b{number}", integers.bias, schema.DType.I32)
        return [weight, bias][: 1 + int(self.rng.random() < 0.8)]

    def conv(self) -> None:
        rng = self.rng
        rows, columns = self.build.shape(self.current)
        kernel, dilation = int(rng.integers(1, 4)), int(rng.integers(1, 3))
        groups = columns if rng.random() < 0.3 else 1
        outputs = groups * int(rng.integers(1, 3)) if groups > 1 else int(rng.integers(1, 9))
        stride = int(rng.integers(1, 3))
        params = schema.Conv1d(stride, dilation, groups, schema.Padding.SAME)
        output = self.tensor(-(-rows // stride), outputs)
        inputs = [self.current, *self.weights(outputs, kernel, columns // groups)]
        self.current = self.build.op(f"conv{output}", params, inputs, output)
        if rng.random() < 0.5:
            self.clamp()
        rows = self.build.shape(self.current)[0]
        if rng.random() < 0.5 and rows >= 4:
            pool = schema.Pool(schema.PoolKind.MAX, 2, 2)
            pooled = self.tensor(rows // 2, outputs, self.codes_of(self.current))
            self.current = self.build.op(f"pool{pooled}", pool, [self.current], pooled)

    def clamp(self) -> None:
        kinds = [schema.ActivationKind.RELU, schema.ActivationKind.RELU6]
        self._unary(schema.Activation(kinds[int(self.rng.integers(0, 2))]), True)

    def curve(self) -> None:
        kinds = [k for k in schema.ActivationKind if k > schema.ActivationKind.RELU6]
        kind = kinds[int(self.rng.integers(0, len(kinds)))]
        self._unary(schema.Activation(kind, float(self.rng.uniform(-0.5, 0.5))), False)

    def gate(self) -> None:
        """A product or a sum with one row, one column or all of another tensor."""
        other, (rows, columns) = self.current, self.build.shape(self.current)
        axis = int(self.rng.integers(0, 3))
        if axis < 2:
            kind = schema.PoolKind(int(self.rng.integers(0, 3)))
            codes = self.codes_of(other) if kind is schema.PoolKind.MAX else None
            pooled = self.tensor(*((1, columns) if axis == 0 else (rows, 1)), codes)
            params = schema.GlobalPool(kind, axis)
            self.current = self.build.op(f"pool{pooled}", params, [other], pooled)
        self.curve()
        output = self.tensor(rows, columns)
        join = schema.Multiply() if self.rng.random() < 0.7 else schema.Add()
        inputs = [other, self.current][:: int(self.rng.choice([-1, 1]))]
        self.current = self.build.op(f"gate{output}", join, inputs, output)

    def fixed(self) -> None:
        """A product or a sum with codes of the file: all, a row, a column or one value."""
        rng, shape = self.rng, self.build.shape(self.current)
        sizes = [n if rng.random() < 0.6 else 1 for n in shape]
        codes = rng.integers(0, 256, sizes).astype(np.uint8)
        name = f"k{len(self.build.graph.tensors)}"
        given = self.quantization(0.01, 0.05)
        held = self.build.constant(name, codes, schema.DType.U8, given)
        params = schema.Multiply() if rng.random() < 0.5 else schema.Add()
        self._unary(params, False, [held])

    def _reals(self, count: int, low: float = 0.2) -> int:
        """A binary32 constant, its values of both signs."""
        values = self.rng.uniform(low, 2, count) * self.rng.choice([-1, 1], count)
        name = f"r{len(self.build.graph.tensors)}"
        return self.build.constant(name, values.astype(np.float32))

    def affine(self) -> None:
        columns = self.build.shape(self.current)[1]
        self._unary(schema.Affine(), False, [self._reals(columns), self._reals(columns)])

    def norm(self) -> None:
        columns = self.build.shape(self.current)[1]
        params = schema.LayerNorm(float(self.rng.choice([1e-5, 1e-3])))
        self._unary(params, False, [self._reals(columns), self._reals(columns)])

    def part(self) -> None:
        shape = list(self.build.shape(self.current))
        axis = int(self.rng.integers(0, 2))
        begin = int(self.rng.integers(0, shape[axis]))
        shape[axis] = int(self.rng.integers(1, shape[axis] - begin + 1))
        output = self.tensor(shape[0], shape[1], self.codes_of(self.current))
        params = schema.Slice(axis, begin, shape[axis])
        self.current = self.build.op(f"part{output}", params, [self.current], output)

    def attention(self) -> None:
        """The tensor asks itself through a curve of itself, so that codes differ."""
        values, (rows, columns) = self.current, self.build.shape(self.current)
        self.curve()
        keys = self.current
        self.affine()
        heads = int(self.rng.choice([n for n in range(1, columns + 1) if columns % n == 0]))
        params = schema.Attention(heads, float(self.rng.uniform(0.2, 1)))
        output = self.tensor(rows, columns)
        inputs = [self.current, keys, values]
        self.current = self.build.op(f"attention{output}", params, inputs, output)

    def recurrent(self) -> None:
        rng, (rows, columns) = self.rng, self.build.shape(self.current)
        cell = schema.CellKind(int(rng.integers(0, 3)))
        units, last = int(rng.integers(1, 7)), bool(rng.random() < 0.3)
        relu = cell is schema.CellKind.RNN and rng.random() < 0.4
        activation = schema.ActivationKind.RELU if relu else schema.ActivationKind.TANH
        after = cell is schema.CellKind.GRU and bool(rng.random() < 0.5)
        params = schema.Recurrent(cell, activation, after, bool(rng.random() < 0.3), last)
        gates = {"RNN": 1, "LSTM": 4, "GRU": 3}[cell.name] * units
        codes = self.quantization(0.004, 0.012, int(rng.integers(60, 200)))
        output = self.tensor(1 if last else rows, units, codes)
        x, own = self.current, self.weights(gates, columns)
        self.current = output
        fed_back = self.weights(gates, units)
        inputs = [x, own[0], fed_back[0], *own[1:]]
        if after and len(inputs) == 4:
            number = len(self.build.graph.tensors)
            bias = rng.integers(-3000, 3000, units).astype(np.int32)
            inputs.append(self.build.constant(f"n{number}", bias, schema.DType.I32))
        self.build.op(f"recurrent{output}", params, inputs, output)

    def _unary(
        self, params: schema.OpParams, same_codes: bool, constants: list[int] | None = None
    ) -> None:
        codes = self.codes_of(self.current) if same_codes else None
        output = self.tensor(*self.build.shape(self.current), codes)
        inputs = [self.current, *(constants or [])]
        self.current = self.build.op(f"op{output}", params, inputs, output)

    def pool(self) -> None:
        rows, columns = self.build.shape(self.current)
        kind = schema.PoolKind(int(self.rng.integers(0, 2)))
        params = schema.Pool(
            kind, 3, 2, schema.Padding.SAME, count_padding=bool(self.rng.random() < 0.5)
        )
        codes = self.codes_of(self.current) if kind is schema.PoolKind.MAX else None
        output = self.tensor(-(-rows // 2), columns, codes)
        self.current = self.build.op(f"pool{output}", params, [self.current], output)

    def mean(self) -> None:
        rows, columns = self.build.shape(self.current)
        wanted = int(self.rng.integers(1, rows + 1))
        output = self.tensor(wanted, columns)
        params = schema.AdaptivePool(wanted)
        self.current = self.build.op(f"mean{output}", params, [self.current], output)

    def add(self) -> None:
        other = self.current
        self.curve()
        output = self.tensor(*self.build.shape(self.current))
        self.current = self.build.op(f"add{output}", schema.Add(), [self.current, other], output)

    def concat(self) -> None:
        other = self.current
        self.clamp()
        rows, columns = self.build.shape(self.current)
        by_time = bool(self.rng.random() < 0.5)
        shape = (2 * rows, columns) if by_time else (rows, 2 * columns)
        output = self.tensor(*shape, self.codes_of(self.current))
        params = schema.Concat(0 if by_time else 1)
        self.current = self.build.op(f"join{output}", params, [other, self.current], output)

    def finish(self) -> None:
        rows, columns = self.build.shape(self.current)
        flat = self.tensor(1, rows * columns, self.codes_of(self.current))
        self.current = self.build.op("flatten", schema.Flatten(), [self.current], flat)
        output = self.build.computed("logits", 1, CLASSES)
        inputs = [self.current, *self.weights(CLASSES, rows * columns)]
        self.build.graph.output = self.build.op("dense", schema.Dense(), inputs, output)
