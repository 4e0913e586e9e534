"""`har run` on the tiny model: labels, scores, times and truth against NumPy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tiny_model
from har_program import Har
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_model import CLASSES, HOP, WINDOW

PERIOD_NS = 20_000_000


def csv_of(samples: np.ndarray, labels: list[str] | None = None) -> str:
    """The samples as CSV, every float32 exactly."""
    head = "acc_x,acc_y" + (",label" if labels is not None else "")
    rows = [",".join(str(value) for value in row) for row in samples]
    if labels is not None:
        rows = [f"{row},{label}" for row, label in zip(rows, labels, strict=True)]
    return "\n".join([head, *rows]) + "\n"


def make_samples(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (count, 2)).astype(np.float32)


def events_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_scores_names_and_times(har: Har, tiny: Path) -> None:
    samples = make_samples(60, 7)
    shown = har("run", tiny, "-", "--json", stdin=csv_of(samples))
    assert (shown.returncode, shown.stderr) == (0, "")
    events = events_of(shown.stdout)
    starts = range(0, 60 - WINDOW + 1, HOP)
    assert len(events) == len(starts)
    for first, event in zip(starts, events, strict=True):
        scores = tiny_model.scores_of(samples[first : first + WINDOW])
        np.testing.assert_allclose(event["scores"], scores, atol=1e-6)
        assert event["class"] == scores.argmax()
        assert event["name"] == CLASSES[event["class"]]
        assert event["confidence"] == max(event["scores"])
        assert event["t_start_ns"] == first * PERIOD_NS
        assert event["t_end_ns"] == (first + WINDOW - 1) * PERIOD_NS
        assert "truth" not in event
    assert events[0]["flags"] == ["enter"] and "left" not in events[0]
    for before, event in pairwise(events):
        changes = event["class"] != before["class"]
        assert event["flags"] == (["enter", "exit"] if changes else [])
        assert event.get("left") == (before["class"] if changes else None)


def test_only_changes_are_shown_and_all_labels_counted(har: Har, tiny: Path) -> None:
    samples = np.repeat(make_samples(9, 4), 12, axis=0)
    recording = csv_of(samples)
    events = events_of(har("run", tiny, "-", "--json", stdin=recording).stdout)
    wanted = [e for e in events if "enter" in e["flags"] or "exit" in e["flags"]]
    assert 1 < len(wanted) < len(events)
    shown = har("run", tiny, "-", "--json", "--changes", stdin=recording).stdout
    assert events_of(shown) == wanted
    text = har("run", tiny, "-", "--changes", stdin=recording).stdout
    assert f"{len(events)} labels from {len(samples)} samples" in text


def test_scores_are_exact_floats(har: Har, tiny: Path) -> None:
    events = events_of(har("run", tiny, "-", "--json", stdin=csv_of(make_samples(40, 3))).stdout)
    for event in events:
        for score in event["scores"]:
            assert float(f"{np.float32(score):.9g}") == score


def test_columns_are_found_by_name(har: Har, tiny: Path) -> None:
    samples = make_samples(40, 5)
    swapped = "acc_y,acc_x\n" + "".join(f"{y},{x}\n" for x, y in samples)
    straight = har("run", tiny, "-", "--json", stdin=csv_of(samples))
    assert har("run", tiny, "-", "--json", stdin=swapped).stdout == straight.stdout


def test_a_hop_of_the_caller_s(har: Har, tiny: Path) -> None:
    shown = har("run", tiny, "-", "--json", "--hop=3", stdin=csv_of(make_samples(30, 5)))
    starts = [event["t_start_ns"] // PERIOD_NS for event in events_of(shown.stdout)]
    assert starts == list(range(0, 30 - WINDOW + 1, 3))


def test_timestamps_are_kept_and_gaps_are_told(har: Har, tiny: Path) -> None:
    samples = make_samples(40, 11)
    times = 1_700_000_000_000_000_000 + PERIOD_NS * np.arange(40, dtype=np.int64)
    times[20:] += 5_000_000_000
    rows = "".join(f"{t},{x},{y}\n" for t, (x, y) in zip(times.tolist(), samples, strict=True))
    shown = har("run", tiny, "-", "--json", stdin="t_ns,acc_x,acc_y\n" + rows)
    events = events_of(shown.stdout)
    assert [event["t_start_ns"] for event in events] == [
        times[first] for first in (0, 4, 8, 12, 20, 24, 28, 32)
    ]
    told = [[f for f in event["flags"] if f == "after_gap"] for event in events]
    assert told == [[]] * 4 + [["after_gap"]] + [[]] * 3
    assert "enter" in events[4]["flags"] and events[4]["left"] == events[3]["class"]
    text = har("run", tiny, "-", stdin="t_ns,acc_x,acc_y\n" + rows).stdout
    assert text.count("[after a gap]") == 1
    assert "    0.00      0.14   " in text


def test_an_unsure_label_is_unknown(har: Har, tmp_path: Path) -> None:
    content = tiny_model.description()
    content["decision"] = {"abstain_below": 0.5}
    content["golden"] = []
    model = tiny_model.write_model(content, tmp_path / "shy.har")
    samples = np.zeros((WINDOW, 2), np.float32)
    (event,) = events_of(har("run", model, "-", "--json", stdin=csv_of(samples)).stdout)
    assert (event["class"], event["name"], event["flags"]) == (-1, "unknown", ["unknown"])
    assert event["confidence"] == pytest.approx(1 / 3)


def brute_force_truth(labels: list[str]) -> str | None:
    """The commonest label, the one that comes first of equal ones, None for no label."""
    counts = Counter(labels)
    most = max(counts.values())
    return next(label for label in labels if counts[label] == most) or None


@settings(max_examples=40, deadline=None, print_blob=True)
@given(data=st.data())
def test_truth_covers_most_of_the_window(har: Har, tiny: Path, data: st.DataObject) -> None:
    runs = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from(["LOW", "OTHER \\ é", "SPIN", "TURN", ""]), st.integers(1, 9)
            ),
            min_size=3,
            max_size=12,
        )
    )
    labels = [label for label, length in runs for _ in range(length)]
    if len(labels) < WINDOW:
        labels += [""] * WINDOW
    samples = make_samples(len(labels), 1)
    chunk = data.draw(st.integers(1, 40))
    shown = har("run", tiny, "-", "--json", "--chunk", chunk, stdin=csv_of(samples, labels))
    for event in events_of(shown.stdout):
        first = event["t_start_ns"] // PERIOD_NS
        assert event.get("truth") == brute_force_truth(labels[first : first + WINDOW])


def test_the_summary_counts_windows_of_known_classes(har: Har, tiny: Path) -> None:
    samples = make_samples(80, 23)
    labels = ["LOW"] * 30 + ["SPIN"] * 20 + [""] * 10 + ["OTHER \\ é"] * 20
    text = har("run", tiny, "-", stdin=csv_of(samples, labels)).stdout
    events = events_of(har("run", tiny, "-", "--json", stdin=csv_of(samples, labels)).stdout)
    known = [event for event in events if event.get("truth") in CLASSES]
    agreed = sum(event["truth"] == event["name"] for event in known)
    assert 0 < agreed < len(known) < len(events)
    assert text.count("(differs)") == len(known) - agreed
    assert text.endswith(
        f"\n{len(events)} labels from 80 samples; {agreed} of the {len(known)} whose true class "
        f"is known agree ({100 * agreed / len(known):.1f} %)\n"
    )


def test_a_recording_shorter_than_a_window_has_no_label(har: Har, tiny: Path) -> None:
    shown = har("run", tiny, "-", stdin=csv_of(make_samples(7, 1)))
    assert shown.returncode == 0
    assert shown.stdout.endswith("\n0 labels from 7 samples\n")
    assert har("run", tiny, "-", "--json", stdin=csv_of(make_samples(7, 1))).stdout == ""


@settings(max_examples=30, deadline=None, print_blob=True)
@given(
    count=st.integers(1, 200),
    chunk=st.integers(1, 300),
    hop=st.integers(1, WINDOW),
    seed=st.integers(0, 1000),
    as_json=st.booleans(),
)
def test_chunks_change_no_byte(
    har: Har, tiny: Path, count: int, chunk: int, hop: int, seed: int, as_json: bool
) -> None:
    labels = [CLASSES[0] if row % 30 < 17 else "" for row in range(count)]
    text = csv_of(make_samples(count, seed), labels)
    words = ["run", tiny, "-", f"--hop={hop}", *(["--json"] if as_json else [])]
    assert har(*words, "--chunk", chunk, stdin=text).stdout == har(*words, stdin=text).stdout


@pytest.mark.parametrize("chunk", [1, 3, 8, 500])
def test_labels_before_a_bad_line_are_shown(har: Har, tiny: Path, chunk: int) -> None:
    good = csv_of(make_samples(21, 4))
    words = ("run", tiny, "-", "--json", "--chunk", chunk)
    before = [e["t_start_ns"] // PERIOD_NS for e in events_of(har(*words, stdin=good).stdout)]
    shown = har(*words, stdin=good + "1.0,nan\n0,0\n")
    assert shown.returncode == 3
    assert [e["t_start_ns"] // PERIOD_NS for e in events_of(shown.stdout)] == before
    assert "standard input line 23, column acc_y: found nan" in shown.stderr


def test_standard_input_is_answered_line_by_line(build_folder: Path, tiny: Path) -> None:
    """The label comes while the recording is still open: a reader that waits would hang here."""
    lines = csv_of(make_samples(WINDOW, 2)).splitlines(keepends=True)
    words = [build_folder / "har", "run", tiny, "-", "--json"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for line in lines:
            program.stdin.write(line.encode())
            program.stdin.flush()
        label = program.stdout.readline()
        assert program.poll() is None
        program.stdin.close()
    assert json.loads(label)["t_start_ns"] == 0
    assert program.returncode == 0


def test_the_locale_changes_nothing(har: Har, tiny: Path, tmp_path: Path) -> None:
    command = ["localedef", "-i", "de_DE", "-f", "UTF-8", tmp_path / "de_DE.UTF-8"]
    if shutil.which("localedef") is None or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("this system cannot make a locale with a decimal comma")
    text = csv_of(make_samples(30, 8))
    german = dict(os.environ, LC_ALL="de_DE.UTF-8", LOCPATH=str(tmp_path))
    words = ("run", tiny, "-", "--json")
    assert har(*words, stdin=text, env=german).stdout == har(*words, stdin=text).stdout


def test_a_model_without_a_network_cannot_label(har: Har, tmp_path: Path) -> None:
    content = tiny_model.description()
    for key in ("graph", "buffers", "labels", "decision", "golden"):
        del content[key]
    model = tiny_model.write_model(content, tmp_path / "signal.har")
    shown = har("run", model, "-", stdin="acc_x,acc_y\n0,0\n")
    assert (shown.returncode, shown.stdout) == (4, "")
    assert "(HAR_ERR_NO_NETWORK)" in shown.stderr
