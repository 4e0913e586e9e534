"""The students in models/: against PyTorch, the numeric contract, their cards and their bounds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import libhar
import numpy as np
import onnx
import pytest
import torch
from libhar import datasets, flat
from libhar.convert import convert
from libhar.evaluate import evaluate
from libhar.reference import Network, decide
from onnx import numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.uci_har_student.network import PaperStudent, SmallStudent

NETWORKS = {"uci_har_student": SmallStudent, "uci_har_student_paper": PaperStudent}
SPECS = {"uci_har_student": "small.toml", "uci_har_student_paper": "paper.toml"}
LEAST = {"uci_har_student": 0.98, "uci_har_student_paper": 0.889}
"""Accuracy on the test people, mean of three seeds: what is asked of ours, and the paper's own."""
LARGEST = {"uci_har_student": 32_768, "uci_har_student_paper": 170_000}
"""Bytes of the INT8 file."""

names = pytest.mark.parametrize("name", NETWORKS)


@pytest.fixture(scope="module")
def test_windows(data_dir: Path) -> datasets.Windows:
    return datasets.uci_har(data_dir, "test")


@names
def test_int8_file_is_as_small_as_promised(name: str, root: Path) -> None:
    assert (root / f"models/{name}_int8.har").stat().st_size <= LARGEST[name]


@names
def test_the_file_is_what_conversion_gives(name: str, root: Path) -> None:
    recipe = root / "training/uci_har_student"
    made = convert(recipe / SPECS[name], recipe / f"{name}.onnx")
    shipped = flat.load(root / f"models/{name}.har")
    for part in ("signal", "graph", "buffers", "labels", "decision"):
        setattr(shipped, part, getattr(made, part))
    assert flat.encode(shipped) == (root / f"models/{name}.har").read_bytes()


@names
def test_probabilities_are_pytorchs(name: str, root: Path, test_windows: datasets.Windows) -> None:
    stored = onnx.load(str(root / f"training/uci_har_student/{name}.onnx")).graph.initializer
    network = NETWORKS[name]()
    weights = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in stored}
    missing, unexpected = network.load_state_dict(weights, strict=False)
    assert not unexpected and all(key.endswith("num_batches_tracked") for key in missing)
    with torch.no_grad():
        logits = network.eval()(torch.from_numpy(test_windows.signal).transpose(1, 2))
    found, _ = libhar.Model(root / f"models/{name}.har").classify(test_windows.signal)
    assert np.abs(found - torch.softmax(logits.double(), 1).numpy()).max() <= 1e-5


@names
def test_int8_has_the_contracts_bits(name: str, root: Path, test_windows: datasets.Windows) -> None:
    path = root / f"models/{name}_int8.har"
    source = flat.load(path)
    assert source.graph is not None
    network = Network(source.graph, source.buffers)
    parts = np.array_split(test_windows.signal, 12)
    wanted, _ = decide(source.decision, np.concatenate([network.run(part) for part in parts]))
    found, _ = libhar.Model(path).classify(test_windows.signal)
    assert found.tobytes() == wanted.astype("<f4").tobytes()


@names
def test_card_and_results_say_what_the_library_counts(
    name: str, root: Path, test_windows: datasets.Windows
) -> None:
    figures = json.loads((root / f"docs/results/{name}.json").read_text())
    for kind, stem in (("fp32", name), ("int8", f"{name}_int8")):
        model = libhar.Model(root / f"models/{stem}.har")
        result = evaluate(model, test_windows)
        card = {metric: value for metric, _, value in model.measurements}
        assert card["accuracy"] == result.accuracy == figures[kind][0]["accuracy"]
        assert card["macro_f1"] == result.macro_f1
        mean = np.mean([figure["accuracy"] for figure in figures[kind]])
        assert card["accuracy, mean of seeds 0 1 2"] == pytest.approx(mean)
        assert mean >= LEAST[name]
    means = figures["mean_accuracy"]
    assert means["int8"] >= means["fp32"] - 0.003
