"""The page of results: what it counts, and that it stops where a file is not what was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from libhar import datasets
from libhar.datasets import UCI_LABELS, Windows

from training.results import measure
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
    text = page([network])
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
