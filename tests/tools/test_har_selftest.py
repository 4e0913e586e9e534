"""`har selftest`: the golden vectors, and the first value that differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_model
from har_program import Har


def test_all_reproduced(har: Har, tiny: Path) -> None:
    shown = har("selftest", tiny)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "2 of 2 golden vectors reproduced" in shown.stdout
    found = json.loads(har("selftest", "--json", tiny).stdout)
    assert found["reproduced"] is True
    assert (found["checked"], found["golden_count"]) == (2, 2)
    assert found["first_difference"] is None
    assert 0 <= found["largest_difference"]["scores"] <= 1e-5


@pytest.mark.parametrize(
    ("stage", "index", "change"),
    [("signal", 3, 0.5), ("network", 0, -0.25), ("scores", 2, 0.125)],
)
def test_the_first_difference_is_named(
    har: Har, tmp_path: Path, stage: str, index: int, change: float
) -> None:
    content = tiny_model.description()
    golden = content["golden"][1]
    true_value = golden[stage][index]
    golden[stage][index] += change
    path = tiny_model.write_model(content, tmp_path / "changed.har")

    shown = har("selftest", path, "--json")
    assert shown.returncode == 1
    found = json.loads(shown.stdout)
    assert (found["reproduced"], found["checked"]) == (False, 1)
    difference = found["first_difference"]
    assert (difference["golden"], difference["stage"], difference["index"]) == (
        "steep",
        stage,
        index,
    )
    assert difference["expected"] == pytest.approx(true_value + change, abs=1e-6)
    assert difference["found"] == pytest.approx(true_value, abs=1e-6)

    text = har("selftest", path)
    assert text.returncode == 1
    assert f"golden vector 'steep' differs first at stage {stage}, value {index}" in text.stdout
    assert f"off by {-change:.3g}" in text.stdout


def test_a_wrong_label_is_named(har: Har, tmp_path: Path) -> None:
    content = tiny_model.description()
    right = content["golden"][0]["label"]
    content["golden"][0]["label"] = (right + 1) % 3
    shown = har("selftest", "--json", tiny_model.write_model(content, tmp_path / "label.har"))
    assert shown.returncode == 1
    difference = json.loads(shown.stdout)["first_difference"]
    assert (difference["stage"], difference["found"]) == ("label", right)


def test_a_model_without_golden_vectors(har: Har, tmp_path: Path) -> None:
    content = tiny_model.description()
    content["golden"] = []
    shown = har("selftest", tiny_model.write_model(content, tmp_path / "none.har"))
    assert shown.returncode == 4
    assert "(HAR_ERR_NO_GOLDEN)" in shown.stderr
