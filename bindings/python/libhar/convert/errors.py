"""What a conversion refuses, by name and with what to do instead."""

from __future__ import annotations

_CURVE = "train with ReLU, ReLU6, sigmoid or tanh"
_NORM = "train with batch normalisation"
_RECURRENT = "use convolutions over time"
_PICK = "pool over time instead of picking rows; pick columns with the signal step `select`"
ADVICE = {
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _RECURRENT),
    **dict.fromkeys(("Slice", "Gather", "GatherND", "Split"), _PICK),
    **dict.fromkeys(("Gelu", "Erf", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Mish"), _CURVE),
    **dict.fromkeys(("HardSwish", "HardSigmoid", "Softplus", "Softsign", "Swish"), _CURVE),
    **dict.fromkeys(("InstanceNormalization", "LayerNormalization", "GroupNormalization"), _NORM),
    "Cast": "export the network in float32",
    "ConvTranspose": "use a convolution",
    "LogSoftmax": "end the network with its logits",
    "Pad": "pad in the convolution or pool that follows",
    "ReduceSum": "take the mean",
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
