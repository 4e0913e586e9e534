"""models/opportunity_resnet: against the numeric contract and its card."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import libhar
import pytest
from libhar import datasets, flat
from libhar.evaluate import evaluate
from libhar.reference import Network, probabilities

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.common.signal import signal_steps
from training.opportunity_resnet import data, train

INT8 = f"{train.NAME}_int8"


@pytest.fixture(scope="module")
def windows(data_dir: Path) -> datasets.Windows:
    return data.test_windows(data_dir, signal_steps(train.SPEC))


def test_int8_has_the_contracts_bits(root: Path, windows: datasets.Windows) -> None:
    source = flat.load(root / f"models/{INT8}.har")
    assert source.graph is not None
    some = windows.signal[::7]
    wanted = probabilities(source.decision, Network(source.graph, source.buffers).run(some))
    found, _ = libhar.Model(root / f"models/{INT8}.har").classify(some)
    assert found.tobytes() == wanted.astype("<f4").tobytes()


def test_card_and_results_say_what_the_library_counts(
    root: Path, windows: datasets.Windows
) -> None:
    figures = json.loads((root / f"docs/results/{train.NAME}.json").read_text())
    assert figures["random_split"]["split"] == "windows at random"
    for kind, stem in (("fp32", train.NAME), ("int8", INT8)):
        model = libhar.Model(root / f"models/{stem}.har")
        result = evaluate(model, windows)
        card = {m.metric: m.value for m in model.measurements}
        assert card["accuracy"] == result.accuracy == figures[kind][0]["accuracy"]
        assert set(result.by_person) == datasets.DSADS_TEST_PEOPLE
    means = figures["mean_accuracy"]
    assert means["int8"] >= means["fp32"] - 0.003
