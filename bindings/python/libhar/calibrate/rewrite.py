"""A model with another decision, its golden vectors brought along."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from libhar import flat, reference, schema
from libhar.card import ECE
from libhar.golden import window_starts, window_times_ns
from libhar.model import Model


def with_decision(
    model: schema.Model, decision: schema.Decision | None, gate: schema.Gate | None
) -> schema.Model:
    """The model with these; the scores and labels of its golden vectors are those of the decision.

    What the network puts out for the last window is the golden vector's own; for the windows
    before it, which only smoothing and voting see, it is the reference's. A calibration error on
    the card is of the old temperature; with another one it goes.
    """
    changed = copy.copy(model)
    changed.decision, changed.gate = decision, gate
    if model.card and _temperature(decision) != _temperature(model.decision):
        stay = [figure for figure in model.card.measurements if figure.metric != ECE]
        changed.card = replace(model.card, measurements=stay)
    library = Model(flat.encode(replace(changed, golden=[])))
    changed.golden = [_decided(changed, golden, library) for golden in model.golden]
    return changed


def _temperature(decision: schema.Decision | None) -> float:
    return (decision or schema.Decision()).temperature


def _decided(model: schema.Model, golden: schema.Golden, library: Model) -> schema.Golden:
    assert model.graph is not None
    settings = model.signal
    signal = library.preprocess(golden.raw.reshape(-1, len(settings.channels)))
    starts = window_starts(settings, len(signal))
    before = [signal[at : at + settings.window] for at in starts[:-1]]
    network = reference.Network(model.graph, model.buffers)
    output = [network.run(window[None])[0] for window in before]
    scores, labels = reference.decide(
        model.decision,
        np.stack([*output, golden.network]),
        window_times_ns(settings, starts),
    )
    return replace(golden, scores=scores[-1], label=int(labels[-1]))


def undecided(model: schema.Model, **options: Any) -> Model:
    """The model opened, with the options of `Model`, without its decision: temperature 1, each
    window by itself, so that its scores are those of the framework that trained it."""
    plain = replace(model, decision=schema.Decision(), gate=None, golden=[])
    return Model(flat.encode(plain), **options)
