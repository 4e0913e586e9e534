"""A network of a model file in PyTorch, so that it can be trained further.

It runs the FP32 graph, or the graph that the quantizer makes of it. Of this one every tensor of
codes holds real values that the codes could say, rounded where the integer network rounds and as
the weights are (B. Jacob et al., CVPR 2018); the gradient passes a rounding as if it were none, but
not where a value left its range (Y. Bengio, N. Leonard, A. Courville, 2013). So training sees the
integer network, and changes weights that are not integers. docs/design/numbers.md is what is
rounded and how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from libhar import schema
from libhar.quantize import Calibrated
from libhar.quantize.rewrite import constant_codes, integer_weights
from libhar.reference.codes import Array
from libhar.reference.network import CODE_RANGES, Network
from torch import Tensor, nn

from training.common.graph_ops import OPS, OpShape, unknown_op

WEIGHTED = (schema.Conv1d, schema.Dense)
CONVERSIONS = (schema.Quantize, schema.Dequantize)


@dataclass(frozen=True)
class Step:
    """An op of the graph that is run, and the constants of the FP32 graph that it takes."""

    op: schema.Op
    constants: dict[int, int]
    """For a position among its inputs, the tensor of the FP32 graph."""


class GraphNetwork(nn.Module):
    """Takes float32 [N, columns, window] as networks of recipes do, and returns the logits [N, n].

    The constants of `source`, an FP32 network, are the parameters; `graph` is its own graph, or the
    integer one made of it. Those of the integer ops and of what comes after them are trained: what
    stands before keeps the range of the first input. Raises ValueError where an op is not known.
    """

    def __init__(self, source: Network, graph: schema.Graph) -> None:
        super().__init__()
        self.graph = graph
        self.steps = _steps(source, graph)
        trained = _trained(graph, self.steps)
        self.values = nn.ParameterDict(
            {
                str(tensor): nn.Parameter(
                    torch.from_numpy(source.constants[tensor].copy()), tensor in trained
                )
                for step in self.steps
                for tensor in step.constants.values()
            }
        )

    def forward(self, signal: Tensor) -> Tensor:
        computed = {self.graph.input: signal.transpose(1, 2)}
        for step in self.steps:
            output = int(step.op.outputs[0])
            value = self._run(step, computed).reshape(len(signal), *self._shape(output))
            computed[output] = self._coded(output, value)
        return computed[self.graph.output].reshape(len(signal), -1)

    def constants(self) -> dict[int, Array]:
        """The values that were trained, by tensor of the FP32 graph."""
        return {
            int(tensor): value.detach().cpu().numpy()
            for tensor, value in self.values.items()
            if value.requires_grad
        }

    def _run(self, step: Step, computed: dict[int, Tensor]) -> Tensor:
        op = step.op
        inputs = [
            self._constant(step, place, int(tensor))
            if place in step.constants
            else computed[int(tensor)]
            for place, tensor in enumerate(op.inputs)
            if place in step.constants or int(tensor) in computed
        ]
        if isinstance(op.params, WEIGHTED) and self._type(int(op.inputs[1])) is schema.DType.I8:
            inputs[1:] = _rounded(self.graph.tensors[int(op.inputs[0])], inputs[1:])
        coded = self._type(int(op.outputs[0])) is schema.DType.U8
        return OPS[type(op.params)](
            op.params, inputs, OpShape(self._shape(int(op.outputs[0])), coded)
        )

    def _constant(self, step: Step, place: int, tensor: int) -> Tensor:
        """A constant of the FP32 graph; rounded where the graph that is run holds codes of it."""
        value: Tensor = self.values[str(step.constants[place])]
        if self._type(tensor) is not schema.DType.U8:
            return value
        codes = constant_codes(value.detach().cpu().numpy())
        return torch.fake_quantize_per_tensor_affine(value, float(codes.scale), codes.zero, 0, 255)

    def _type(self, tensor: int) -> schema.DType:
        return self.graph.tensors[tensor].dtype

    def _shape(self, tensor: int) -> tuple[int, int]:
        shape = self.graph.tensors[tensor].shape
        return (1, int(shape[0])) if len(shape) == 1 else (int(shape[0]), int(shape[1]))

    def _coded(self, tensor: int, value: Tensor) -> Tensor:
        """The nearest values that the tensor's codes can say; F32 as it is."""
        described = self.graph.tensors[tensor]
        if described.dtype not in CODE_RANGES:
            return value
        assert described.quantization is not None
        scale, zero = float(described.quantization.scales[0]), described.quantization.zero_point
        low, high = CODE_RANGES[described.dtype]
        return torch.fake_quantize_per_tensor_affine(value, scale, zero, low, high)


def as_trained(calibrated: Calibrated) -> GraphNetwork:
    """The FP32 network that was calibrated."""
    return GraphNetwork(calibrated.network, calibrated.network.graph).eval()


def as_integers(calibrated: Calibrated) -> GraphNetwork:
    """What the integer network computes, with weights that can be trained."""
    return GraphNetwork(calibrated.network, calibrated.integer().graph)


def _steps(source: Network, graph: schema.Graph) -> list[Step]:
    """The ops of both graphs go side by side, but for the conversions of the integer one."""
    originals = iter(source.graph.ops)
    steps = []
    for op in graph.ops:
        if type(op.params) not in OPS:
            raise ValueError(unknown_op(op))
        constants: dict[int, int] = {}
        if not isinstance(op.params, CONVERSIONS):
            inputs = enumerate(next(originals).inputs)
            constants = {place: int(t) for place, t in inputs if int(t) in source.constants}
        steps.append(Step(op, constants))
    return steps


def _trained(graph: schema.Graph, steps: Sequence[Step]) -> set[int]:
    """The constants of integer ops and of what comes after them."""
    behind: set[int] = set()
    trained: set[int] = set()
    for step in steps:
        output = int(step.op.outputs[0])
        coded = graph.tensors[output].dtype is not schema.DType.F32
        if coded or any(int(t) in behind for t in step.op.inputs):
            behind.add(output)
            trained.update(step.constants.values())
    return trained


def _rounded(source: schema.Tensor, constants: Sequence[Tensor]) -> list[Tensor]:
    """Weight and bias as the integers of the quantizer say them."""
    weight = constants[0]
    arrays = [constant.detach().cpu().numpy() for constant in constants]
    bias = arrays[1] if len(arrays) > 1 else None
    integers = integer_weights(source, arrays[0], bias)
    assert source.quantization is not None
    scales = integers.scales.reshape(-1, *[1] * (weight.ndim - 1))
    said: list[Array] = [integers.weight * scales]
    said.append(integers.bias * (source.quantization.scales[0] * integers.scales))
    return [
        constant
        + (torch.from_numpy(value.astype(np.float32)).to(constant.device) - constant).detach()
        for constant, value in zip(constants, said)
    ]
