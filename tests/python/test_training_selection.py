"""Recipes on some of their channels: what the network sees, and that no other can matter."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import Model, datasets, flat
from libhar.channels.choose import Choice
from libhar.channels.recipe import Recipe
from libhar.convert import convert
from libhar.datasets import DSADS_CHANNELS, Recording, Stretch, Windows

from training.common.export import export_onnx
from training.common.selection import OfColumns, inner, selection
from training.opportunity_resnet import data, forms, train
from training.opportunity_resnet.network import OpportunityResNet

KEPT = (3, 7, 44)


def spec(folder: Path, kept: list[str]) -> Path:
    path = folder / "some.toml"
    path.write_text(f'base = "{train.SPEC}"\nname = "some"\nkeep = {json.dumps(kept)}\n')
    return path


def test_a_selection_is_the_columns_of_its_channels(tmp_path: Path) -> None:
    names = [DSADS_CHANNELS[i] for i in reversed(KEPT)]
    chosen = selection(train.SPEC, spec(tmp_path, names))
    assert (chosen.name, chosen.columns) == ("some", KEPT)
    assert chosen.channels == tuple(DSADS_CHANNELS[i] for i in KEPT)
    windows = Windows(np.arange(90.0).reshape(1, 2, 45), np.zeros(1), np.ones(1), ("a",))
    np.testing.assert_array_equal(chosen.windows(windows).signal[0, 1], [48, 52, 89])


def test_refuses_channels_that_the_recipe_lacks_and_columns_that_are_not_channels(
    tmp_path: Path, root: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text('name = "x"\n[signal]\nrate_hz = 50\nwindow = 4\nchannels = [{ name = "p" }]')
    with pytest.raises(ValueError, match=r"has channels \['p'\]"):
        selection(train.SPEC, other)
    with pytest.raises(ValueError, match="its columns are not its channels"):
        selection(root / "training/uci_har_cnn/spec.toml", other)


def test_only_the_columns_chosen_reach_the_network() -> None:
    network = OfColumns(OpportunityResNet(len(KEPT), 4), KEPT).eval()
    x = torch.randn(2, 45, 15, requires_grad=True)
    y = network(x)
    torch.testing.assert_close(y, inner(network)(x[:, list(KEPT)]), rtol=0, atol=0)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert np.flatnonzero(gradient.abs().sum((0, 2)).numpy()).tolist() == list(KEPT)


def test_the_recipe_trains_a_selection_that_converts_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    recordings = [
        Recording(person, rng.normal(size=(330, 45)).astype(np.float32), (Stretch(c, 0, 330),))
        for person in (1, 2)
        for c in range(19)
    ]
    monkeypatch.setattr(data, "_recordings", lambda *_: recordings)
    some = spec(tmp_path, [DSADS_CHANNELS[i] for i in KEPT])
    out = tmp_path / "seed0"
    arguments = ["train", "--data-dir", str(tmp_path), "--seed", "0", "--epochs", "1"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--spec", str(some), "--out", str(out)])
    train.main()
    model = Model(flat.encode(convert(some, out / "some.onnx")))
    assert [channel.name for channel in model.channels] == [DSADS_CHANNELS[i] for i in KEPT]
    assert model.labels == datasets.DSADS_LABELS
    whole = sum(w.numel() for w in OpportunityResNet(45, 19).parameters())
    few = sum(w.numel() for w in OpportunityResNet(3, 19).parameters())
    assert whole - few == 42 * 16 * 3  # what differs is the first convolution's
    settings = json.loads((out / "metrics.json").read_text())["settings"]
    assert settings["channels"] == [DSADS_CHANNELS[i] for i in KEPT]
    train.main()  # done already
    others = spec(tmp_path, [DSADS_CHANNELS[i] for i in (0, 1, 2)])
    assert others == some
    with pytest.raises(ValueError, match="the checkpoint was made with channels"):
        train.main()


def test_forms_are_tried_on_people_that_were_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(9)
    people = np.repeat([1, 2, 3, 5, 6, 7], 19)
    signal = rng.normal(size=(len(people), 15, 45)).astype(np.float32)
    windows = Windows(signal, np.arange(len(people)) % 19, people, datasets.DSADS_LABELS)
    calls = []

    def trained(
        _: Recipe, choice: Choice, path: Path, seed: int, out: Path, more: list[str]
    ) -> Path:
        calls.append((choice, more[-1]))
        out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(len(more[-1]))
        export_onnx(OpportunityResNet(45, 19), out / "net.onnx", 45, 15)
        accuracy = {"all": 0.9, "top": 0.8, "bottom": 0.5}[choice.kind]
        (out / "metrics.json").write_text(json.dumps({"holdout_accuracy": accuracy}))
        return out / "net.onnx"

    monkeypatch.setattr(Recipe, "train", trained)
    monkeypatch.setattr(data, "training_windows", lambda *_: windows)
    arguments = ["forms", "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    forms.main()
    found = json.loads((tmp_path / "out/forms.json").read_text())
    assert found["mean"]["contribution top"] == pytest.approx(0.8)
    assert len(found["mean"]) == 1 + 2 * 3
    assert [held for _, held in calls[::7]] == ["1,2", "3,5", "6,7"]
    best = [set(choice.channels) for choice, _ in calls if choice.kind == "top"]
    worst = [set(choice.channels) for choice, _ in calls if choice.kind == "bottom"]
    assert all(len(a) == len(b) == 20 and not a & b for a, b in zip(best, worst, strict=True))
