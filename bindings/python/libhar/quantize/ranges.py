"""Scales and zero points of activations: which tensors share them, and what calibration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from libhar import schema
from libhar.reference.codes import Array

SHARING = (schema.Flatten, schema.Concat, schema.Slice)
CLAMPS = (schema.ActivationKind.RELU, schema.ActivationKind.RELU6)
CURVES = {
    schema.ActivationKind.SIGMOID: (0.0, 1.0),
    schema.ActivationKind.TANH: (-1.0, 1.0),
    schema.ActivationKind.HARD_SIGMOID: (0.0, 1.0),
}
"""Outputs whose range is known without calibration."""


@dataclass(frozen=True)
class Codes:
    """Scale and zero point of a U8 tensor."""

    scale: np.float32
    zero: int


def shares_codes(op: schema.Op) -> bool:
    """Whether the contract wants the same scale and zero point on both sides of the op."""
    params = op.params
    if isinstance(params, schema.Activation):
        return params.kind in CLAMPS
    if isinstance(params, schema.Pool | schema.GlobalPool):
        return params.kind is schema.PoolKind.MAX
    return isinstance(params, SHARING)


class Groups:
    """Tensors that share their codes (a union-find)."""

    def __init__(self, graph: schema.Graph) -> None:
        self._parent = list(range(len(graph.tensors)))
        for op in graph.ops:
            if shares_codes(op):
                for tensor in op.inputs:
                    self._parent[self.of(int(tensor))] = self.of(int(op.outputs[0]))

    def of(self, tensor: int) -> int:
        """The number of the tensor's group."""
        while self._parent[tensor] != tensor:
            tensor = self._parent[tensor]
        return tensor


def calibrate(
    graph: schema.Graph,
    values: Mapping[int, Array],
    percentile: float,
    chosen: Mapping[int, tuple[float, float]] | None = None,
) -> dict[int, Codes]:
    """Codes for every computed tensor from the FP32 `values` of the calibration windows.

    The range runs from the (100 - percentile)th to the percentile-th percentile, 0 included. What a
    clamp alone reads does not count: only what the clamp leaves is kept. `chosen` are ranges of
    tensors that were measured otherwise.
    """
    groups = Groups(graph)
    ignored = _read_by_clamp_alone(graph)
    known = {
        int(op.outputs[0]): CURVES[op.params.kind]
        for op in graph.ops
        if isinstance(op.params, schema.Activation) and op.params.kind in CURVES
    } | dict(chosen or {})
    ranges: dict[int, tuple[float, float]] = {}
    for tensor, value in values.items():
        if tensor in ignored:
            continue
        low, high = known.get(tensor) or range_of(value, percentile)
        group = groups.of(tensor)
        before = ranges.get(group, (0.0, 0.0))
        ranges[group] = (min(before[0], low), max(before[1], high))
    return {t: codes_of(*ranges.get(groups.of(t), (0.0, 0.0))) for t in values}


def _read_by_clamp_alone(graph: schema.Graph) -> set[int]:
    readers: dict[int, int] = {}
    clamped: set[int] = set()
    for op in graph.ops:
        for tensor in op.inputs:
            readers[int(tensor)] = readers.get(int(tensor), 0) + 1
        if isinstance(op.params, schema.Activation) and op.params.kind in CLAMPS:
            clamped.add(int(op.inputs[0]))
    return {t for t in clamped if readers[t] == 1 and t != graph.output}


def range_of(value: Array, percentile: float) -> tuple[float, float]:
    """The range of a percentile, 0 included."""
    low, high = np.percentile(value, [100 - percentile, percentile])
    return min(float(low), 0.0), max(float(high), 0.0)


def codes_of(low: float, high: float) -> Codes:
    """Codes of a range that includes 0."""
    width = high - low
    if width <= 0:
        return Codes(np.float32(1.0), 0)
    scale = np.float32(width / 255)
    return Codes(scale, int(np.clip(np.rint(-low / scale), 0, 255)))
