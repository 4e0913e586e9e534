"""Fits what a model file says of its decisions: the temperature, and the tolerances of its gate.

On people that the network was not trained on: `Fold` names a model file and such people. A model
that was trained on everyone is calibrated by models of its recipe that were not (`--fold`).
"""

from libhar.calibrate.folds import Fold, labelled, together, walks
from libhar.calibrate.gate import GateFit, fit_gate
from libhar.calibrate.rewrite import undecided, with_decision
from libhar.calibrate.temperature import Reliability, fit_temperature, logits_of, reliability

__all__ = [
    "Fold",
    "GateFit",
    "Reliability",
    "fit_gate",
    "fit_temperature",
    "labelled",
    "logits_of",
    "reliability",
    "together",
    "undecided",
    "walks",
    "with_decision",
]
