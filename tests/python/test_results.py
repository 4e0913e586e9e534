"""The page of results: what it counts, and that it stops where a file is not what was recorded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from libhar import datasets
from libhar.convert.spec import load_spec
from libhar.datasets import UCI_LABELS, Windows

from training.common.export import export_onnx
from training.results import frameworks, measure, saliency
from training.results.page import page

ROOT = Path(__file__).resolve().parents[2]
NAME = "uci_har_cnn"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one network, and a made-up set of 40 windows of two people to test it on."""
    rng = np.random.default_rng(1)
    signal = rng.normal(size=(40, 128, 9)).astype(np.float32)
    windows = Windows(signal, rng.integers(0, 6, 40), rng.integers(1, 3, 40), UCI_LABELS)
    monkeypatch.setattr(datasets, "uci_har", lambda folder, split, preprocess=None: windows)
    (tmp_path / "models").mkdir()
    (tmp_path / "docs" / "results").mkdir(parents=True)
    record = json.loads((ROOT / "docs" / "results" / f"{NAME}.json").read_text())
    for kind in measure.KINDS:
        shutil.copy(measure.file_of(ROOT, NAME, kind), measure.file_of(tmp_path, NAME, kind))
        found = measure.evaluate(measure.Model(measure.file_of(ROOT, NAME, kind)), windows)
        record[kind][0].update(found.as_dict())
    (tmp_path / "docs" / "results" / f"{NAME}.json").write_text(json.dumps(record))
    return tmp_path


def test_the_page_says_what_was_counted(project: Path) -> None:
    (network,) = measure.shipped(project, project)
    keras = replace(network.agreement, network="in_keras", framework="Keras", largest=2e-6)
    text = page([network], [keras])
    assert "| `in_keras` | Keras | 40 | 2.0e-06 |" in text
    assert 0 < network.agreement.largest <= 1e-5
    assert network.agreement.accuracy == network.evaluations["fp32"].accuracy
    for kind in measure.KINDS:
        evaluation, cost = network.evaluations[kind], network.costs[kind]
        assert evaluation.windows == 40
        assert f"| {kind.upper()} | {100 * evaluation.accuracy:.2f} |" in text
        assert f"| {cost.file_bytes:,} |" in text
        assert cost.file_bytes == measure.file_of(project, NAME, kind).stat().st_size
    assert "$" not in text


@pytest.mark.parametrize(("field", "change"), [("correct", 1), ("windows", 1)])
def test_a_file_that_scores_otherwise_stops_it(project: Path, field: str, change: int) -> None:
    path = project / "docs" / "results" / f"{NAME}.json"
    record = json.loads(path.read_text())
    record["int8"][0][field] += change
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=f"{NAME} int8"):
        measure.shipped(project, project)


def test_other_weights_than_the_models_stop_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = frameworks.BUILDERS[NAME]
    monkeypatch.setattr(frameworks, "restored", lambda network, path: build().eval())
    with pytest.raises(ValueError, match=f"{NAME}: a probability differs from that of PyTorch"):
        measure.shipped(project, project)


def test_every_recipe_can_be_built_in_pytorch() -> None:
    specs = {load_spec(path).name for path in (ROOT / "training").glob("*/*.toml")}
    assert set(frameworks.BUILDERS) == specs


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    network = frameworks.BUILDERS["hapt_rnn"]().eval()
    for weight in network.state_dict().values():  # none like another: a file keeps such once
        if weight.is_floating_point():
            weight.uniform_(0.1, 0.2)
    export_onnx(network, path, 6, 128)
    frameworks.restored(frameworks.BUILDERS["hapt_rnn"](), path)
    model = onnx.load(path)
    kept = [i for i in model.graph.initializer if i.name != "dense.bias"]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    onnx.save(model, path)
    with pytest.raises(ValueError, match=r"lacks weights of the network: \['dense.bias'\]"):
        frameworks.restored(frameworks.BUILDERS["hapt_rnn"](), path)


def test_fewer_channels_and_whether_maps_are_believed_stand_on_the_page() -> None:
    """What is shown is what was recorded; and what was recorded keeps its bounds."""
    results = ROOT / "docs" / "results"
    maps, channels, others = (
        json.loads((results / name).read_text())
        for name in (saliency.CHECKED, saliency.CHANNELS, saliency.PAIRS)
    )
    shown = (ROOT / "docs" / "results.md").read_text()
    pages = (saliency.fewer_channels(channels), saliency.every_pair(channels, others))
    for made in (*pages, saliency.believed(maps)):
        assert made in shown
    gone = maps["opportunity_resnet"]["deletion"]
    assert gone["gap_of_curve_interval_95"][0] > 0
    choices, pairs = channels["choices"], channels["differences"]
    for kind in ("top", "bottom"):
        assert choices[kind]["channels"] == [
            name for name in choices["all"]["channels"] if name in choices[kind]["channels"]
        ]
        assert choices[kind]["parameters"] == choices["all"]["parameters"] - 25 * 16 * 3
    assert sorted(channels["ranking"][:20]) == sorted(choices["top"]["channels"])
    for pair, difference in pairs.items():
        first, second = (choices[kind]["seeds"] for kind in pair.split(" - "))
        gaps = [a["accuracy"] - b["accuracy"] for a, b in zip(first, second, strict=True)]
        assert difference["mean"] == pytest.approx(np.mean(gaps))
    assert pairs["all - top"]["mean"] <= 0.04
    everybody = [channels, *others]
    assert sorted(p for one in others for p in one["people"]) == [1, 2, 3, 5, 6, 7]
    for pair, least, most in (("all - top", -1, 0.04), ("top - bottom", 0.15, 1)):
        mean = np.mean([one["differences"][pair]["mean"] for one in everybody])
        assert least <= mean <= most, pair
