"""What a conversion refuses, by name and with what to do instead."""

from __future__ import annotations


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
