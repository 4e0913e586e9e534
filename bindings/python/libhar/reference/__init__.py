"""The network of a model file in plain NumPy, by docs/design/numbers.md, word for word.

Slow and simple: what tests compare the C library with, and what the quantizer calibrates with.
Arrays are [windows, rows, columns]; integer networks give the bits of the contract.
"""

from libhar.reference.decider import Decided, Decider
from libhar.reference.gate import StillGate
from libhar.reference.network import Network
from libhar.reference.pace import Pace
from libhar.reference.scores import decide, probabilities

__all__ = ["Decided", "Decider", "Network", "Pace", "StillGate", "decide", "probabilities"]
