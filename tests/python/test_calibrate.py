"""`libhar calibrate`: temperatures against the truth and a grid, gates, and the files written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import libhar
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import flat, schema
from libhar.calibrate import Fold, fit_gate, fit_temperature, logits_of, reliability, with_decision
from libhar.calibrate.folds import Walk
from libhar.calibrate.temperature import log_loss
from libhar.card import ECE
from libhar.datasets import Recording
from libhar.reference import Network
from scipy.special import softmax

PEOPLE = (1, 7, 15)


def drawn(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn with the probabilities that they stand for."""
    logits = 3 * rng.normal(size=(count, 5))
    chances = softmax(logits, axis=1)
    return logits, (rng.random((count, 1)) > chances.cumsum(axis=1)).sum(axis=1)


@given(seed=st.integers(0, 2**32 - 1), temperature=st.floats(0.2, 5))
@settings(max_examples=20)
def test_the_temperature_that_was_applied_is_found(seed: int, temperature: float) -> None:
    logits, labels = drawn(np.random.default_rng(seed), 4000)
    found = fit_temperature(logits * temperature, labels)
    assert found == pytest.approx(temperature, rel=0.15)
    least = log_loss(logits * temperature, labels, found)
    for other in found * np.array([0.5, 0.9, 0.99, 1.01, 1.1, 2]):
        assert log_loss(logits * temperature, labels, float(other)) >= least


def test_what_no_temperature_can_calibrate_is_refused() -> None:
    with pytest.raises(ValueError, match="at the bounds"):
        fit_temperature(np.array([[4.0, 0.0], [0.0, 4.0]]), np.array([1, 0]))


def test_reliability_counts_by_hand() -> None:
    """Two windows at 0.9, one of them right, and two at 0.6, both right."""
    logits = np.log([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    found = reliability(logits, np.array([0, 1, 1, 1]), 1.0)
    assert found.error == pytest.approx((2 * 0.4 + 2 * 0.4) / 4)
    assert [(b.windows, b.accuracy) for b in found.bins] == [(2, 1.0), (2, 0.5)]
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.1, 0.6, 0.6]).mean())
    logits, labels = drawn(np.random.default_rng(0), 20_000)
    assert reliability(logits, labels, 1.0).error < 0.02 < reliability(logits, labels, 0.3).error


def test_logits_are_read_back_from_the_library(root: Path) -> None:
    source = flat.load(root / "tests/golden/tiny_f32.har")
    windows = np.random.default_rng(1).normal(size=(50, 32, 6)).astype(np.float32)
    assert source.graph is not None
    output = Network(source.graph, source.buffers).run(windows).astype(np.float64)
    found = logits_of(source, windows)
    np.testing.assert_allclose(softmax(found, axis=1), softmax(output, axis=1), atol=1e-5)
    source.decision = schema.Decision(schema.ScoreKind.PROBABILITIES)
    with pytest.raises(ValueError, match="puts out probabilities"):
        logits_of(source, windows)


def walk(rng: np.random.Generator, windows: int) -> Walk:
    """Stretches of still and of moving windows; a still one keeps its label."""
    signal, logits = [], []
    while len(signal) < windows:
        moves, label = rng.random() < 0.5, rng.integers(3)
        for _ in range(rng.integers(3, 9)):
            spread = 1.0 if moves else 0.01
            signal.append(label + spread * rng.normal(size=(16, 2)))
            shown = rng.integers(3) if moves else label
            logits.append(6.0 * np.eye(3)[shown])
    recording = Recording(1, np.zeros((1, 2), np.float32), ())
    found = np.array(signal, np.float32)
    return Walk(recording, np.arange(len(signal)), found, np.array(logits))


def test_a_gate_skips_what_is_still_and_nothing_that_moves() -> None:
    rng = np.random.default_rng(2)
    folds = [[walk(rng, 300), walk(rng, 300)], [walk(rng, 200)]]
    fit = fit_gate(folds, 1.0, 3)
    assert fit.agreement >= 0.998
    assert fit.windows / 4 < fit.skipped < fit.windows / 2
    assert np.all(fit.gate.still_below < 0.5) and np.all(fit.gate.tolerance < 1)
    restless = [walk(rng, 100)]
    restless[0].logits[:] = 6.0 * np.eye(3)[rng.integers(0, 3, len(restless[0].logits))]
    with pytest.raises(ValueError, match="keep their label"):
        fit_gate([*folds, restless], 1.0, 3)


def test_folds_are_parsed() -> None:
    assert Fold.parse("a=b.har=1,2") == Fold(Path("a=b.har"), (1, 2))
    for text in ("a.har", "a.har=", "a.har=1,x"):
        with pytest.raises(ValueError, match="FILE=PERSON"):
            Fold.parse(text)


@pytest.mark.parametrize("name", ["tiny_f32", "tiny_int8"])
def test_golden_vectors_follow_the_decision(root: Path, name: str) -> None:
    source = flat.load(root / f"tests/golden/{name}.har")
    other = schema.Decision(
        temperature=0.5, smoothing=0.75, majority=3, enter_above=0.4, min_duration_ms=300
    )
    changed = with_decision(source, other, None)
    report = libhar.Model(flat.encode(changed)).selftest()
    assert report.passed and report.checked == 2
    if name == "tiny_int8":
        assert report.worst_scores == 0
    assert flat.encode(with_decision(changed, source.decision, source.gate)) == flat.encode(source)


def test_a_calibration_error_of_another_temperature_is_not_claimed(root: Path) -> None:
    source = flat.load(root / "models/hapt_gru.har")
    assert source.card is not None and source.decision is not None

    def metrics(decision: schema.Decision | None) -> list[str]:
        card = with_decision(source, decision, source.gate).card
        assert card is not None
        return [figure.metric for figure in card.measurements]

    before = [figure.metric for figure in source.card.measurements]
    assert ECE in before
    assert metrics(replace(source.decision, majority=5)) == before
    without = [metric for metric in before if metric != ECE]
    assert metrics(replace(source.decision, temperature=0.7)) == metrics(None) == without


def calibrate(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "libhar", "calibrate", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command_writes_what_it_found(root: Path, data_dir: Path, tmp_path: Path) -> None:
    model, output = root / "models/hapt_rnn.har", tmp_path / "out.har"
    where = ("--data", "hapt", "--data-dir", data_dir)
    done = calibrate(model, *where, "--people", *PEOPLE, "--gate", "--json", "-o", output)
    assert done.returncode == 0, done.stderr
    figures, written = json.loads(done.stdout), flat.load(output)
    assert written.decision is not None and written.gate is not None
    assert written.decision.temperature == pytest.approx(figures["temperature"])
    assert written.decision.majority == flat.load(model).decision.majority  # type: ignore[union-attr]
    assert figures["calibrated"]["log_loss"] <= figures["at_temperature_1"]["log_loss"]
    assert figures["gate"]["agreement"] >= 0.998
    np.testing.assert_array_equal(written.gate.tolerance, np.float32(figures["gate"]["tolerance"]))
    assert libhar.Model(output).selftest().passed
    assert libhar.Stream(libhar.Model(output), still_gate=True).counters().windows == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--people", "2"), r"people \[2\] are not training people"),
        (("--people", "1", "--fold", "x.har=1"), "exclude each other"),
        (("--most-skipped", "0"), "must be 1 to 65535"),
        (("--most-skipped", "5"), "of the gate that --gate fits"),
    ],
)
def test_the_command_refuses(
    root: Path, data_dir: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    output = tmp_path / "out.har"
    where = ("--data", "hapt", "--data-dir", data_dir, "-o", output)
    done = calibrate(root / "models/hapt_rnn.har", *where, *words)
    assert done.returncode == 1 and not output.exists()
    assert re.search(message, done.stderr)


@pytest.fixture
def renamed(root: Path, tmp_path: Path) -> Path:
    """A model of hapt whose first two classes have each other's names."""
    model = flat.load(root / "models/hapt_rnn.har")
    model.labels[:2] = model.labels[1::-1]
    flat.save(model, tmp_path / "renamed.har")
    return tmp_path / "renamed.har"


def test_other_labels_than_the_datas_are_refused(
    renamed: Path, data_dir: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.har"
    where = ("--data", "hapt", "--data-dir", data_dir, "-o", output)
    done = calibrate(renamed, *where, "--people", 1)
    assert done.returncode == 1 and not output.exists()
    assert re.search(r"renamed\.har: the model's labels are \(.*\), the data's \(", done.stderr)


def test_a_fold_of_other_labels_is_refused(root: Path, renamed: Path, tmp_path: Path) -> None:
    model = root / "models/hapt_rnn.har"
    for words in ((model, "--fold", f"{renamed}=1"), (renamed, "--fold", f"{model}=1")):
        output = tmp_path / "out.har"
        done = calibrate(*words, "--data", "hapt", "--data-dir", tmp_path, "-o", output)
        assert done.returncode == 1 and not output.exists()
        assert f"{words[2].partition('=')[0]}: the fold's labels are" in done.stderr


def test_a_fold_that_cannot_be_read_is_explained(root: Path, tmp_path: Path) -> None:
    model = root / "models/hapt_rnn.har"
    done = calibrate(model, "--data", "hapt", "--fold", "x.har", "-o", tmp_path / "out.har")
    assert done.returncode == 2
    assert "fold is 'x.har', must be FILE=PERSON,PERSON..." in done.stderr
