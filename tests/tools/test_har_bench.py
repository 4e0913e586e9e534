"""`har bench`: what it measures holds together; no time is compared with a bound."""

from __future__ import annotations

import json
import os
from pathlib import Path

from har_program import Har


def test_the_figures_hold_together(har: Har, tiny: Path) -> None:
    shown = har("bench", tiny, "--seconds", "1", "--json")
    assert (shown.returncode, shown.stderr) == (0, "")
    found = json.loads(shown.stdout)
    info = json.loads(har("info", tiny, "--json").stdout)
    for key in ("name", "macs", "file_bytes", "model_bytes", "stream_bytes"):
        assert found[key] == info[key]
    for times in (found["warm"], found["cold"]):
        assert 0 < times["median_ns"] <= times["p99_ns"]
        assert times["calls"] >= 15
    rate = found["macs"] / (found["warm"]["median_ns"] * 1e-9)
    assert abs(found["macs_per_second"] / rate - 1) < 1e-9
    assert found["open_ns"] > found["poll_ns"] > 0
    assert (found["peak_macs_per_second"] > 0) == (found["cpu"] != "ref")


def test_windows_that_overlap(har: Har) -> None:
    model = Path(__file__).parents[2] / "models" / "uci_har_cnn_int8.har"
    shown = har("bench", model, "--seconds", "1", "--hop", "16", "--json")
    found = json.loads(shown.stdout)["overlap"]
    assert found["hop"] == 16 and found["macs"] == 3478272
    for times in (found["warm"], found["cold"]):
        assert 0 < times["median_ns"] <= times["p99_ns"]
    text = har("bench", model, "--seconds", "1", "--hop", "16").stdout
    assert "one every 16" in text


def test_the_text_names_the_instruction_set(har: Har, tiny: Path) -> None:
    os.environ["HAR_CPU"] = "ref"
    try:
        shown = har("bench", tiny, "--seconds", "1")
    finally:
        del os.environ["HAR_CPU"]
    assert shown.returncode == 0
    assert "on ref" in shown.stdout
    assert "a window, cold" in shown.stdout
    assert "registers" not in shown.stdout  # no peak is known of plain C


def test_a_model_without_a_network(har: Har) -> None:
    shown = har("bench", Path(__file__).parents[1] / "golden" / "tiny_front.har")
    assert shown.returncode == 4
    assert "no network" in shown.stderr
