"""Cards: every figure against a count of its own, and no claim without a split."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import Model, card, flat, schema
from libhar.bootstrap import over_people
from libhar.convert.errors import ConvertError
from libhar.convert.spec import model_of
from libhar.datasets import Windows
from libhar.evaluate import count, evaluate, labelled_windows
from libhar.reliability import bins_of, calibration_error

from training.results import cards
from training.results.measure import KINDS, file_of

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("a", "b", "c", "d")


def f1_by_hand(true: list[int], found: list[int], label: int) -> float:
    pairs = list(zip(true, found, strict=True))
    hits = sum(t == label and f == label for t, f in pairs)
    wrong = sum(f == label and t != label for t, f in pairs)
    missed = sum(t == label and f not in (label, -1) for t, f in pairs)
    return 2 * hits / max(2 * hits + wrong + missed, 1)


def made_up(seed: int, people: int, windows: int) -> tuple[Windows, np.ndarray]:
    """Labels, people and found classes, some of them unknown; class d does not occur."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, windows)
    found = np.where(rng.random(windows) < 0.6, labels, rng.integers(-1, 4, windows))
    signal = np.zeros((windows, 1, 1), np.float32)
    return Windows(signal, labels, rng.integers(10, 10 + people, windows), NAMES), found


@settings(max_examples=15)
@given(seed=st.integers(0, 999), people=st.integers(2, 7))
def test_intervals_are_those_of_windows_drawn_by_person(seed: int, people: int) -> None:
    windows, found = made_up(seed, people, 60)
    result = count(windows, found)
    spans = over_people(list(result.tallies.values()), draws=25, seed=seed)
    numbers = sorted(set(windows.people.tolist()))
    share = np.full(len(numbers), 1 / len(numbers))
    weights = np.random.default_rng(seed).multinomial(len(numbers), share, 25)
    accuracies, of_class = [], []
    for drawn in weights:
        rows = [
            i
            for person, times in zip(numbers, drawn, strict=True)
            for i in np.flatnonzero(windows.people == person).tolist() * int(times)
        ]
        true, heard = windows.labels[rows].tolist(), found[rows].tolist()
        accuracies.append(np.mean([t == f for t, f in zip(true, heard, strict=True)]))
        of_class.append([f1_by_hand(true, heard, k) if k in true else np.nan for k in range(4)])
    wanted = np.nanpercentile(of_class, [2.5, 97.5], axis=0).T
    np.testing.assert_allclose(spans.accuracy, np.percentile(accuracies, [2.5, 97.5]), atol=1e-12)
    np.testing.assert_allclose(spans.f1, wanted, atol=1e-12)
    macro = np.nanmean(np.array(of_class), axis=1)
    np.testing.assert_allclose(spans.macro_f1, np.percentile(macro, [2.5, 97.5]), atol=1e-12)
    assert np.isnan(spans.f1[3]).all()
    assert f"over {len(numbers)} people" in spans.kind
    assert f"25 draws, seed {seed}" in spans.kind
    assert ("too few" in spans.kind) == (len(numbers) < 5)


def test_nobody_has_no_interval() -> None:
    with pytest.raises(ValueError, match="0 people"):
        over_people([])


def test_the_calibration_error_counted_window_by_window() -> None:
    rng = np.random.default_rng(3)
    scores = rng.dirichlet([0.4] * 4, 500)
    labels = rng.integers(0, 4, 500)
    bins: dict[int, list[tuple[float, bool]]] = {}
    for row, label in zip(scores, labels, strict=True):
        number = next(i for i in range(15) if row.max() <= (i + 1) / 15)
        bins.setdefault(number, []).append((float(row.max()), int(row.argmax()) == label))
    error = sum(
        abs(sum(right for _, right in members) - sum(sure for sure, _ in members))
        for members in bins.values()
    )
    result = bins_of(scores, labels)
    assert calibration_error(result) == pytest.approx(error / 500)
    assert {i: len(members) for i, members in bins.items()} == {
        round(b.low * 15): b.windows for b in result
    }


def test_all_right_and_sure_has_no_error() -> None:
    assert calibration_error(bins_of(np.eye(3), [0, 1, 2])) == 0
    assert calibration_error(bins_of(np.eye(3), [1, 2, 0])) == 1


@pytest.fixture
def counted(tmp_path: Path) -> tuple[Path, Windows]:
    """A model with the figures of made-up windows on its card, and those windows."""
    rng = np.random.default_rng(8)
    path = tmp_path / "net.har"
    flat.save(flat.load(ROOT / "models/uci_har_student.har"), path)
    model = Model(path)
    signal = rng.normal(size=(60, 128, 9)).astype(np.float32)
    signal[:, :, 0] += np.linspace(-1, 2, 60)[:, None].astype(np.float32)
    windows = Windows(signal, rng.integers(0, 6, 60), rng.integers(1, 8, 60), model.labels)
    cards.write(path, evaluate(model, windows), "made-up people", "a simulator")
    return path, windows


def test_a_card_says_what_was_counted(counted: tuple[Path, Windows]) -> None:
    path, windows = counted
    model = Model(path)
    scores, found = model.classify(windows.signal)
    figures = {figure.metric: figure for figure in model.measurements}
    for i, name in enumerate(model.labels):
        figure = figures[f"f1/{name}"]
        assert figure.value == f1_by_hand(windows.labels.tolist(), found.tolist(), i)
        assert figure.low <= figure.value <= figure.high
        assert figure.split == "made-up people"
        assert figure.interval == "95 %, bootstrap over 7 people, 1000 draws, seed 0"
    assert figures["accuracy"].value == np.mean(found == windows.labels)
    assert figures[card.ECE].value == calibration_error(bins_of(scores, windows.labels))
    assert figures[card.ECE].interval == ""
    kept = "accuracy, mean of seeds 0 1 2"
    before = Model(ROOT / "models/uci_har_student.har").measurements
    assert figures[kept] == next(figure for figure in before if figure.metric == kept)


def test_only_the_card_changes_and_only_once(counted: tuple[Path, Windows]) -> None:
    path, windows = counted
    before, once = flat.load(ROOT / "models/uci_har_student.har"), path.read_bytes()
    after = flat.decode(once)
    assert flat.encode(replace(after, card=None)) == flat.encode(replace(before, card=None))
    assert after.card is not None
    assert after.card.devices == "a simulator"
    cards.write(path, evaluate(Model(path), windows), "made-up people", "a simulator")
    assert path.read_bytes() == once


def test_forms_of_a_card(counted: tuple[Path, Windows], root: Path) -> None:
    path, _ = counted
    model = Model(path)
    shown = card.card_of(model)
    text, page = card.as_text(shown), card.as_markdown(shown)
    accuracy = shown.measurements[0]
    percent = [f"{100 * value:.2f}" for value in (accuracy.value, accuracy.low, accuracy.high)]
    assert f"{percent[0]} %  {percent[1]} to {percent[2]} %" in text
    assert f"| accuracy | {percent[0]} % | {percent[1]} to {percent[2]} % |" in page
    golden = model.info.golden_count
    for form in (text, page):
        for part in (
            "made-up people",
            "a simulator",
            "waist: accelerometer (g), gyroscope (rad/s)",
            "Apache-2.0",
            f"{golden} of {golden} golden vectors reproduced",
            f"temperature {shown.temperature:g}, expected calibration error",
            *model.labels,
        ):
            assert part in form, part
    printed = libhar_command("card", path, "--json")
    assert json.loads(printed.stdout) == json.loads(json.dumps(asdict(shown)))
    assert libhar_command("card", path).stdout == text + "\n"
    both = libhar_command("card", "--markdown", path, root / "tests/golden/tiny_f32.har").stdout
    assert both.startswith(page + "\n\n## tiny\n")


def test_a_golden_vector_that_is_not_reproduced_is_told(tmp_path: Path) -> None:
    model = flat.load(ROOT / "tests/golden/tiny_f32.har")
    model.golden[0].scores = model.golden[0].scores[::-1].copy()
    flat.save(model, tmp_path / "differs.har")
    shown = card.card_of(Model(tmp_path / "differs.har"))
    assert (shown.golden_count, shown.golden_reproduced) == (len(model.golden), 0)
    with pytest.raises(ValueError, match="golden vectors are not reproduced"):
        found = count(*made_up(0, 5, 30))
        cards.write(tmp_path / "differs.har", found, "somebody", "")


# ---------------------------------------------------------------- claims


def spec(**figure: object) -> dict[str, object]:
    channel = {"name": "acc_x", "kind": "accelerometer", "axis": "x", "unit": "g"}
    signal = {"rate_hz": 50, "window": 8, "channels": [channel]}
    return {"name": "front", "card": {"measurements": [figure]}, "signal": signal}


def test_a_spec_may_state_figures_of_a_split() -> None:
    figure = {"metric": "accuracy", "split": "people 3 4", "value": 0.9}
    ends = {"low": 0.8, "high": 0.95, "interval": "95 %, Wilson"}
    made = model_of(spec(**figure, **ends)).card
    assert made is not None
    assert asdict(made.measurements[0]) == {**figure, **ends}
    with pytest.raises(ConvertError, match=r"card\.measurements\[0\]\.low is missing"):
        model_of(spec(**figure, interval="95 %"))


@pytest.mark.parametrize("split", [{}, {"split": ""}, {"split": "  "}])
def test_a_figure_without_a_split_is_refused(split: dict[str, str]) -> None:
    with pytest.raises(card.ClaimError, match=r"card\.measurements\[0\]\.split .* accuracy 0\.99"):
        model_of(spec(metric="accuracy", value=0.99, **split))
    with pytest.raises(card.ClaimError, match=r"card\.measurements\[0\]\.metric"):
        model_of(spec(split="people 3 4", value=0.99))


def test_every_command_that_writes_refuses_it(tmp_path: Path) -> None:
    toml = tmp_path / "spec.toml"
    toml.write_text(
        'name = "front"\n[[card.measurements]]\nmetric = "accuracy"\nvalue = 0.99\n'
        '[signal]\nrate_hz = 50\nwindow = 8\n[[signal.channels]]\nname = "acc_x"\nkind = "other"\n'
    )
    model = flat.load(ROOT / "tests/golden/tiny_f32.har")
    model.card = schema.Card(measurements=[schema.Measurement("accuracy", "", 0.99)])
    flat.save(model, tmp_path / "claims.har")
    np.savez(tmp_path / "data.npz", windows=np.zeros((4, 32, 6), np.float32))
    written = (tmp_path / "claims.har").read_bytes()
    for words in (
        ("convert", "--spec", toml, "-o", tmp_path / "out.har"),
        ("quantize", tmp_path / "claims.har", "--data", tmp_path / "data.npz", "-o",
         tmp_path / "out.har"),
        ("seal", tmp_path / "claims.har"),
    ):  # fmt: skip
        result = libhar_command(*words)
        assert result.returncode == 1
        assert "card.measurements[0].split" in result.stderr
        assert "accuracy 0.99" in result.stderr
    assert not (tmp_path / "out.har").exists()
    assert (tmp_path / "claims.har").read_bytes() == written


def libhar_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "libhar", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


# ---------------------------------------------------------------- the models that ship

RECORDED = {
    path.stem: record
    for path in sorted((ROOT / "docs/results").glob("*.json"))
    if "fp32" in (record := json.loads(path.read_text()))
}


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("kind", KINDS)
def test_cards_of_what_ships_hold_a_count_of_their_own(
    name: str, kind: str, data_dir: Path
) -> None:
    model = Model(file_of(ROOT, name, kind))
    assert model.texts["devices"] == cards.devices_of(ROOT)[name] != ""
    windows = labelled_windows(model, RECORDED[name]["data"], data_dir, "test")
    scores, found = model.classify(windows.signal)
    true, heard = windows.labels.tolist(), found.tolist()
    figures = {figure.metric: figure for figure in model.measurements}
    window = 0 if kind == "int8" else 1 / np.bincount(windows.labels).min()
    for i in sorted(set(true)):
        assert figures[f"f1/{model.labels[i]}"].value == pytest.approx(
            f1_by_hand(true, heard, i), abs=2 * window
        )
    people = len(set(windows.people.tolist()))
    assert f"over {people} people" in figures["macro_f1"].interval
    error = calibration_error(bins_of(scores, windows.labels))
    assert figures[card.ECE].value == pytest.approx(error, abs=1e-4)
