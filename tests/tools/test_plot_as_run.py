"""The labels of `libhar plot timeline` are those of `har run`, which reads the CSV in C."""

from __future__ import annotations

import json

import pytest
import tiny_model
from har_program import Har
from libhar import Model
from libhar.plot.recording import labels_of
from libhar.recording import read_csv

RECORDING = tiny_model.ROOT / "examples/recordings/simulated.csv"


@pytest.mark.parametrize("name", ["uci_har_student_int8", "hapt_rnn"])
def test_labels_confidence_and_truth_agree(har: Har, name: str) -> None:
    path = tiny_model.ROOT / f"models/{name}.har"
    shown = har("run", path, RECORDING, "--json")
    events = [json.loads(line) for line in shown.stdout.splitlines()]
    model = Model(path)
    labels = labels_of(model, read_csv(model, RECORDING))
    assert [label.name for label in labels] == [event["name"] for event in events]
    assert [label.truth for label in labels] == [event.get("truth", "") for event in events]
    assert [label.confidence for label in labels] == pytest.approx(
        [event["confidence"] for event in events]
    )
    middles = [(event["t_start_ns"] + event["t_end_ns"]) / 2e9 for event in events]
    assert [(label.begin + label.end) / 2 for label in labels] == pytest.approx(middles)
