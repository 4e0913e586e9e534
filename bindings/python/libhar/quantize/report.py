"""How far the integer network is from the FP32 one, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from libhar import schema
from libhar.quantize.ranges import CLAMPS
from libhar.reference.call import scale_of, zero_of
from libhar.reference.codes import Array, dequantize
from libhar.reference.network import Network


@dataclass(frozen=True)
class LayerError:
    """The error of one tensor over the calibration windows, in real values."""

    layer: str
    op: str
    dtype: str
    """Of its output: "u8", or "f32" where the layer stayed in FP32 or is the last."""
    sqnr_db: float
    """10 log10 of signal power over error power; infinite, null in JSON, where there is none."""
    largest: float
    cosine: float


def layer_errors(
    integer: Network,
    wanted: Mapping[int, Array],
    found: Mapping[int, Array],
    made: Mapping[tuple[int, schema.DType], int],
) -> list[LayerError]:
    """One entry for every op whose output both networks have, in the order of the ops.

    `wanted` and `found` are all tensors of the FP32 and the integer network, `made` what the
    rewriting made of which. What a ReLU reads is left out: its codes keep no negative values.
    """
    origin = {tensor: source for (source, _), tensor in made.items()}
    skipped = _read_by_relu(integer.graph)
    errors = []
    for op in integer.graph.ops:
        output = int(op.outputs[0])
        if output not in origin or output in skipped:
            continue
        tensor = integer.graph.tensors[output]
        value = found[output]
        if tensor.dtype is not schema.DType.F32:
            value = dequantize(value, scale_of(tensor), zero_of(tensor))
        errors.append(_compare(op, tensor.dtype, wanted[origin[output]], value))
    return errors


def _read_by_relu(graph: schema.Graph) -> set[int]:
    return {
        int(op.inputs[0])
        for op in graph.ops
        if isinstance(op.params, schema.Activation) and op.params.kind in CLAMPS
    }


def _compare(op: schema.Op, dtype: schema.DType, wanted: Array, found: Array) -> LayerError:
    x, y = wanted.astype(np.float64).ravel(), found.astype(np.float64).ravel()
    error = y - x
    noise, power = float(error @ error), float(x @ x)
    norms = np.sqrt(power * float(y @ y))
    return LayerError(
        layer=op.name,
        op=type(op.params).__name__,
        dtype=dtype.name.lower(),
        sqnr_db=float(10 * np.log10(power / noise)) if noise > 0 and power > 0 else np.inf,
        largest=float(np.abs(error).max(initial=0)),
        cosine=float(x @ y / norms) if norms > 0 else 1.0,
    )


def table(errors: list[LayerError]) -> str:
    """The errors as text, one line a layer."""
    width = max([len("layer"), *(len(e.layer) for e in errors)])
    lines = [f"{'layer':{width}}  {'op':12}  type  SQNR dB   largest    cosine"]
    for e in errors:
        numbers = f"{e.sqnr_db:7.1f}  {e.largest:8.3g}  {e.cosine:.6f}"
        lines.append(f"{e.layer:{width}}  {e.op:12}  {e.dtype:4}  {numbers}")
    return "\n".join(lines)
