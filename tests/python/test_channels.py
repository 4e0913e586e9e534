"""select-channels: what is chosen, what is refused, and a recipe that is trained on the choice."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
pytest.importorskip("onnxruntime", reason="conversion needs ONNX Runtime")

from libhar import Model, cli, flat
from libhar.channels import recipe as recipes
from libhar.channels.choose import ChannelsError, Choice, choices
from libhar.channels.recipe import Recipe, recipe_of
from libhar.convert.spec import load_spec
from libhar.datasets import DSADS_CHANNELS, DSADS_LABELS
from libhar.evaluate import evaluate, labelled_windows
from libhar.saliency import Saliency

from training.opportunity_resnet import pairs, train
from training.opportunity_resnet.data import windows_without

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models/opportunity_resnet.har"
NAMES = tuple("pqrstu")


def a_map(columns: tuple[str, ...], whole: list[float]) -> Saliency:
    values = np.array(whole, np.float64)[None]
    counts = np.ones(1, np.int64)
    return Saliency(("a",), columns, 50.0, "gradient", values[None], values, values, counts)


def test_the_most_and_the_least_salient_in_the_order_of_the_samples() -> None:
    found = choices("net", NAMES, a_map(NAMES, [3, 9, 1, 7, 5, 2]), 2)
    assert [(one.kind, one.name) for one in found] == [
        ("all", "net"),
        ("top", "net_top2"),
        ("bottom", "net_bottom2"),
    ]
    assert [one.channels for one in found] == [NAMES, ("q", "s"), ("r", "u")]


@pytest.mark.parametrize("keep", [0, -3, 6, 7])
def test_keeps_one_or_more_and_leaves_one(keep: int) -> None:
    with pytest.raises(ChannelsError, match=rf"--keep is {keep}, must be 1 to 5"):
        choices("net", NAMES, a_map(NAMES, [0] * 6), keep)


def test_refuses_columns_that_are_not_channels() -> None:
    with pytest.raises(ChannelsError, match="sees 2 columns that its signal steps make of its 6"):
        choices("net", NAMES, a_map(("p.body", "q"), [1, 2]), 1)


def test_a_choice_is_a_spec_on_the_recipe_s(tmp_path: Path) -> None:
    chosen = Choice("top", "few", (DSADS_CHANNELS[4], DSADS_CHANNELS[0]))
    chosen.write_spec(train.SPEC, tmp_path / "few.toml", "some", 'training/x, on "few"')
    spec, whole = load_spec(tmp_path / "few.toml"), load_spec(train.SPEC)
    assert spec.name == "few"
    assert [c.name for c in spec.signal.channels] == [DSADS_CHANNELS[0], DSADS_CHANNELS[4]]
    assert spec.labels == whole.labels
    assert spec.card is not None and whole.card is not None
    assert (spec.card.source, spec.card.licence) == ('training/x, on "few"', whole.card.licence)


def test_the_recipe_is_that_of_the_card() -> None:
    model = flat.load(SHIPPED)
    assert model.card is not None
    for source, complaint in (
        ("by hand", "card.source is 'by hand', must name a recipe"),
        ("training/nothing, seed 0", "the recipe training/nothing is not there"),
        ("training/wisdm_rabkd, seed 0", "training/wisdm_rabkd has no opportunity_resnet.toml"),
    ):
        with pytest.raises(ChannelsError, match=complaint):
            recipe_of(replace(model, card=replace(model.card, source=source)))
    other = flat.load(ROOT / "models/hapt_gru.har")
    with pytest.raises(ChannelsError, match=r"hapt_sequence\.train trains no choice of channels"):
        recipe_of(other)
    assert recipe_of(model) == Recipe(ROOT, "training.opportunity_resnet.train", train.SPEC)


def test_a_training_that_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import sys; print(sys.argv[1:]); sys.exit(7)")
    recipe = Recipe(tmp_path, "broken", tmp_path / "whole.toml")
    with pytest.raises(ChannelsError, match=r"status 7: .*--seed 3 .*--spec few"):
        recipe.train(Choice("top", "few", ("p",)), Path("few.toml"), 3, tmp_path, ["--epochs", "1"])


@pytest.fixture
def small_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """DSADS of 15 s a recording, whose activities differ in where every channel lies."""
    monkeypatch.setattr("libhar.datasets._dsads._SEGMENTS", 3)
    rng = np.random.default_rng(8)
    classes = len(DSADS_LABELS)
    for sensor in ("acc", "gyro", "mag"):
        values = rng.normal(size=(classes, 8, 375, 15)) + rng.normal(size=(classes, 1, 1, 15))
        data = np.round(values * 1000).astype(np.int16)
        np.savez(tmp_path / f"dsads_{sensor}.npz", data=data, scale=np.float32(1e-3))
    return tmp_path


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe runs in this process, on the small set."""

    def run(command: list[str], **_: object) -> object:
        monkeypatch.setattr(sys, "argv", command[2:])
        return type("Done", (), {"returncode": train.main() or 0})

    monkeypatch.setattr(recipes.subprocess, "run", run)


@pytest.mark.usefixtures("in_process")
def test_the_recipe_is_trained_on_the_choice_and_counted(
    small_set: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the shipped model to a smaller file and its report; called again, nothing is trained."""
    recipe = Recipe(ROOT, "training.opportunity_resnet.train", train.SPEC)
    monkeypatch.setattr("libhar.channels.command.recipe_of", lambda _: recipe)
    out = small_set / "out"
    arguments = ["select-channels", str(SHIPPED), "--data", "dsads", "--data-dir", str(small_set)]
    arguments += ["--keep", "7", "--seeds", "1", "0", "--epochs", "2", "--most", "3"]
    assert cli.main([*arguments, "-o", str(out)]) == 0
    assert "epoch   2/2" in capsys.readouterr().out

    found = json.loads((out / "report.json").read_text())
    ranking, chosen = found["ranking"], found["choices"]
    assert sorted(ranking) == sorted(DSADS_CHANNELS)
    assert sorted(chosen["top"]["channels"]) == sorted(ranking[:7])
    assert sorted(chosen["bottom"]["channels"]) == sorted(ranking[-7:])
    assert [one["seed"] for one in chosen["all"]["seeds"]] == [1, 0]
    assert found["split"] == "test people 4 8"
    for pair in ("top", "bottom"):
        assert chosen["all"]["parameters"] - chosen[pair]["parameters"] == 38 * 16 * 3
        assert chosen["all"]["macs"] - chosen[pair]["macs"] == 15 * 38 * 16 * 3
    model = Model(out / "opportunity_resnet_top7.har")
    assert [channel.name for channel in model.channels] == chosen["top"]["channels"]
    assert model.selftest().passed
    counted = evaluate(model, labelled_windows(model, "dsads", small_set, "test"))
    assert chosen["top"]["seeds"][0]["correct"] == counted.correct
    assert model.measurements[0].value == counted.accuracy > 1.5 / len(DSADS_LABELS)
    gap = np.subtract(*([s["accuracy"] for s in chosen[k]["seeds"]] for k in ("top", "bottom")))
    assert found["differences"]["top - bottom"]["mean"] == pytest.approx(gap.mean())

    report = (out / "report.json").read_bytes()
    assert cli.main([*arguments, "-o", str(out)]) == 0
    assert "epoch" not in capsys.readouterr().out
    assert (out / "report.json").read_bytes() == report


@pytest.mark.usefixtures("in_process")
def test_every_pair_of_people_is_tested_on_in_turn(
    small_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is tested on is never trained on, and the counts are theirs alone."""
    monkeypatch.setattr(pairs, "RESULTS", small_set)
    monkeypatch.setattr(pairs, "PAIRS", ((1, 2), (3, 5)))
    out = small_set / "out"
    arguments = ["--data-dir", str(small_set), "--out", str(out), "--seeds", "1", "--epochs", "1"]
    monkeypatch.setattr(sys, "argv", ["pairs.py", *arguments])
    pairs.main()
    found = json.loads((small_set / "opportunity_resnet_pairs.json").read_text())
    assert [one["people"] for one in found] == [[1, 2], [3, 5]]
    for one, folder in zip(found, ("1_2", "3_5"), strict=True):
        for kind in ("all", "top", "bottom"):
            metrics = json.loads((out / folder / kind / "seed1" / "metrics.json").read_text())
            assert metrics["trained_on"] == sorted({*range(1, 9)} - {*one["people"]})
            (seed,) = one["choices"][kind]["seeds"]
            assert list(seed["accuracy_by_person"]) == [str(person) for person in one["people"]]
        assert sorted(one["choices"]["top"]["channels"]) == sorted(one["ranking"][:20])


def test_who_is_tested_on_is_somebody_and_not_everybody(small_set: Path) -> None:
    for people in ([9], list(range(1, 9))):
        with pytest.raises(ValueError, match="must be of 1 to 8, and not all"):
            windows_without(small_set, people, lambda raw: raw)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (["--keep", "45"], "--keep is 45, must be 1 to 44: there are 45"),
        (["--keep", "0"], "--keep is 0, must be 1 to 44"),
        (["--seeds", "1", "1"], "--seeds is [1, 1], must be 0 or more, each once"),
        (["--most", "-1"], "most is -1, must be 0 (all) or more"),
    ],
)
def test_says_what_is_wrong(
    change: list[str], complaint: str, small_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["select-channels", str(SHIPPED), "--data", "dsads", "--data-dir", str(small_set)]
    assert cli.main([*arguments, *change, "-o", str(small_set / "out")]) == 1
    assert f"libhar select-channels: {complaint}" in capsys.readouterr().err
    assert not (small_set / "out").exists()
