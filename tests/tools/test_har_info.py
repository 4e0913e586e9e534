"""`har info`: every figure is the model's, and a file that is no model says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_model
from har_program import Har


def test_json_holds_what_the_file_holds(har: Har, tiny: Path) -> None:
    shown = har("info", tiny, "--json")
    assert (shown.returncode, shown.stderr, shown.stdout.count("\n")) == (0, "", 1)
    found = json.loads(shown.stdout)
    content = tiny_model.description()
    assert found["name"] == content["name"]
    assert found["version"] == content["model_version"]
    assert found["description"] == content["card"]["description"]
    assert found["licence"] == content["card"]["licence"]
    assert found["measurements"] == content["card"]["measurements"]
    assert found["devices"] == "a pencil"
    assert found["temperature"] == 1
    assert found["golden_reproduced"] is True
    assert [channel["name"] for channel in found["channels"]] == list(tiny_model.CHANNELS)
    assert {channel["unit"] for channel in found["channels"]} == {"g"}
    assert {channel["placement"] for channel in found["channels"]} == {"waist"}
    assert (found["window"], found["hop"], found["rate_hz"]) == (8, 4, 50)
    assert found["classes"] == list(tiny_model.CLASSES)
    assert found["parameters"] == tiny_model.WEIGHT.size
    assert found["macs"] == tiny_model.WEIGHT.size
    assert found["file_bytes"] == tiny.stat().st_size
    assert found["golden_count"] == 2
    assert found["numeric"] == "fp32"
    assert "plan" not in found


def test_the_plan_names_every_step(har: Har, tiny: Path) -> None:
    plan = json.loads(har("info", "--plan", "--json", tiny).stdout)["plan"]
    assert [step["name"] for step in plan][:2] == ["pool", "head"]
    assert plan[1]["op"] == "dense"
    assert (plan[1]["rows"], plan[1]["columns"]) == (1, 3)
    assert plan[1]["weight_bytes"] == tiny_model.WEIGHT.nbytes
    assert "head" in har("info", "--plan", tiny).stdout


CNN = tiny_model.ROOT / "models" / "uci_har_cnn_int8.har"


def overlap_of(har: Har, hop: int) -> list[dict[str, Any]]:
    shown = har("info", CNN, "--plan", "--json", "--hop", str(hop))
    overlap = json.loads(shown.stdout)["overlap"]
    assert overlap["hop"] == hop
    steps: list[dict[str, Any]] = overlap["steps"]
    return steps


def test_the_plan_tells_what_overlapping_windows_share(har: Har) -> None:
    steps = overlap_of(har, 16)
    conv = [(s["rows"], s["kept"]) for s in steps if s["macs"] > 100_000]
    assert conv == [(32, 26), (16, 12), (16, 10)]  # counted in docs/design/reuse.md
    assert sum(s["macs"] for s in steps) == 3478272
    assert all(s["note"] for s in steps if s["kept"] == 0)
    assert {s["kept"] for s in overlap_of(har, 128)} == {0}
    text = har("info", CNN, "--plan", "--hop", "16").stdout
    assert "A window every 16 samples" in text and "0.31 of a fresh window's" in text


def test_a_hop_longer_than_the_window_is_refused(har: Har) -> None:
    shown = har("info", CNN, "--hop", "129")
    assert shown.returncode == 2 and "--hop 129: the window of the model is 128" in shown.stderr


def test_text_names_channels_classes_and_figures(har: Har, tiny: Path) -> None:
    shown = har("info", tiny)
    assert shown.returncode == 0
    assert shown.stdout.startswith("tiny 1.2\nfor tests\n")
    for part in ("acc_x", "in g, waist", *tiny_model.CLASSES, "Apache-2.0", "a pencil"):
        assert part in shown.stdout
    assert "Measured on nobody\n" in shown.stdout
    figures = [line.split() for line in shown.stdout.splitlines() if line.startswith("  ")]
    assert ["accuracy", "0.5000"] in figures
    low, high = (f"{tiny_model.INTERVAL[end]:.4f}" for end in ("low", "high"))
    assert ["f1/LOW", "0.7500", low, "to", high, "(95", "%,", "by", "hand)"] in figures
    assert "2 of 2 golden vectors reproduced" in shown.stdout
    assert "Plan" not in shown.stdout


def test_parity_that_does_not_hold_is_told(har: Har, tmp_path: Path) -> None:
    content = tiny_model.description()
    content["golden"][1]["scores"] = [0.5, 0.25, 0.25]
    path = tiny_model.write_model(content, tmp_path / "differs.har")
    assert "1 of 2 golden vectors reproduced on this machine: see har selftest" in (
        har("info", path).stdout
    )
    assert json.loads(har("info", path, "--json").stdout)["golden_reproduced"] is False


def test_a_model_without_golden_vectors_and_another_temperature(har: Har, tmp_path: Path) -> None:
    content = {**tiny_model.description(), "golden": [], "decision": {"temperature": 2.5}}
    path = tiny_model.write_model(content, tmp_path / "warm.har")
    found = json.loads(har("info", path, "--json").stdout)
    assert (found["temperature"], found["golden_count"]) == (2.5, 0)
    assert "golden_reproduced" not in found
    shown = har("info", path).stdout
    assert "temperature 2.5\n" in shown
    assert "no golden vectors\n" in shown


def test_a_missing_file(har: Har, tmp_path: Path) -> None:
    shown = har("info", tmp_path / "none.har")
    assert shown.returncode == 4
    assert "none.har" in shown.stderr
    assert "(HAR_ERR_FILE_OPEN)" in shown.stderr


@pytest.mark.parametrize(
    ("damage", "status"),
    [
        (lambda file: b"", "HAR_ERR_FILE_TRUNCATED"),
        (lambda file: file[:4] + b"ZIPP" + file[8:], "HAR_ERR_FILE_IDENTIFIER"),
        (lambda file: file.replace(b"for tests", b"FOR tests"), "HAR_ERR_FILE_CHECKSUM"),
    ],
)
def test_a_damaged_file(har: Har, tiny: Path, tmp_path: Path, damage, status: str) -> None:
    path = tmp_path / "damaged.har"
    path.write_bytes(damage(tiny.read_bytes()))
    for command in (("info", path), ("selftest", path), ("run", path, "-")):
        shown = har(*command)
        assert (shown.returncode, shown.stdout) == (4, "")
        assert f"({status})" in shown.stderr


def test_a_newer_version(har: Har, tmp_path: Path) -> None:
    content = tiny_model.description()
    content["format_version"]["major"] = 2
    shown = har("info", tiny_model.write_model(content, tmp_path / "newer.har"))
    assert shown.returncode == 4
    assert "2.0" in shown.stderr
    assert "(HAR_ERR_FILE_VERSION)" in shown.stderr


def test_the_processor_is_named(har: Har, tiny: Path) -> None:
    found = json.loads(har("info", tiny, "--json", "--plan").stdout)
    assert "ref" in found["processor"]
    used = {s["kernel"] for s in found["plan"] if s["macs"] > 0 and s["backend"] == "native"}
    assert used <= set(found["processor"])
    shown = har("info", tiny).stdout
    assert f"Processor       {' '.join(found['processor'])}" in shown
