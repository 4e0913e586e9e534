"""What a conversion refuses, by name and with what to do instead."""

from __future__ import annotations

_CURVE = "train with one of the activations of docs/convert.md"
_NORM = "train with batch or layer normalisation"
ADVICE = {
    **dict.fromkeys(
        ("Erf", "Elu", "Selu", "Celu", "Mish", "Softplus", "Softsign", "PRelu"), _CURVE
    ),
    **dict.fromkeys(("InstanceNormalization", "GroupNormalization", "Sqrt", "Reciprocal"), _NORM),
    "ArgMax": "end the network with its logits",
    "ConvTranspose": "use a convolution",
    "CumSum": "pool over time",
    "Erfc": "tf2onnx writes it for GELU, ONNX lacks it: use gelu(approximate=True)",
    "LogSoftmax": "end the network with its logits",
    "TopK": "end the network with its logits",
}
"""What to do instead of an op that model files lack."""


class ConvertError(ValueError):
    """The network or the spec holds something that a model file cannot."""


class UnsupportedOp(ConvertError):
    """An op that libhar cannot take. `node` and `op` name it, `advice` says what to do instead."""

    def __init__(self, node: str, op: str, reason: str, advice: str) -> None:
        super().__init__(f"node {node!r} (op {op}): {reason}; {advice}")
        self.node = node
        self.op = op
        self.reason = reason
        self.advice = advice
