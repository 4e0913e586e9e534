"""Specs on a base: what is inherited, what `keep` leaves, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from libhar import Model, flat, schema
from libhar.convert.errors import ConvertError
from libhar.convert.spec import load_spec

BASE = """
name = "whole"
labels = ["a", "b"]
[card]
licence = "Apache-2.0"
description = "all"
[signal]
rate_hz = 50
window = 16
hop = 4
channels = [{ name = "p" }, { name = "q" }, { name = "r" }, { name = "s" }]
[[signal.steps]]
type = "scale"
channels = ["p", "r", "s"]
scale = [2.0, 3.0, 4.0]
offset = 1.0
[[signal.steps]]
type = "scale"
channels = ["q"]
scale = 5.0
[[signal.steps]]
type = "gravity_split"
channels = ["p", "s"]
order = 3
cutoff_hz = 0.3
"""
SMALL = 'base = "base.toml"\nname = "small"\nkeep = ["s", "r"]\n[card]\ndescription = "some"\n'


def loaded(folder: Path, text: str, base: str = BASE) -> schema.Model:
    (folder / "base.toml").write_text(base)
    (folder / "spec.toml").write_text(text)
    return load_spec(folder / "spec.toml")


def test_what_is_not_said_is_the_base_s(tmp_path: Path) -> None:
    model = loaded(tmp_path, SMALL)
    assert (model.name, model.labels) == ("small", ["a", "b"])
    assert model.card is not None
    assert (model.card.description, model.card.licence) == ("some", "Apache-2.0")
    assert (model.signal.window, model.signal.hop) == (16, 4)


def test_the_channels_that_are_left_become_what_they_were(tmp_path: Path) -> None:
    """In the base's order; a step without a channel is gone."""
    small = loaded(tmp_path, SMALL)
    assert [channel.name for channel in small.signal.channels] == ["r", "s"]
    kinds = [type(step.params) for step in small.signal.steps]
    assert kinds == [schema.Scale, schema.GravitySplit]
    whole = load_spec(tmp_path / "base.toml")
    rows = np.random.default_rng(3).normal(size=(40, 4)).astype(np.float32)
    expected = Model(flat.encode(whole)).preprocess(rows)  # p q r s, gravity of p s, body of p s
    found = Model(flat.encode(small)).preprocess(rows[:, 2:])
    np.testing.assert_array_equal(found, expected[:, [2, 3, 5, 7]])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ('keep = ["r", "t"]', r"keep names \['t'\], must name one or more of the channels"),
        ("keep = []", r"keep is \[\], must name one or more"),
        ('keep = ["r", "r"]', r"keep\[1\] is 'r', must not be the same as spec.keep\[0\]"),
        ('keep = "pq"', "spec.keep is 'pq', must be a list of texts"),
        ("keep = 3", "spec.keep is 3, must be a list of texts"),
    ],
)
def test_keep_names_channels_of_the_base(tmp_path: Path, change: str, complaint: str) -> None:
    with pytest.raises(ConvertError, match=complaint):
        loaded(tmp_path, SMALL.replace('keep = ["s", "r"]', change))


def test_refuses_what_would_not_be_whole(tmp_path: Path) -> None:
    with pytest.raises(ConvertError, match="must be a whole spec"):
        loaded(tmp_path, SMALL, base='base = "other.toml"\n')
    gate = BASE + "[gate]\ntolerance = [1, 1, 1, 1]\n"
    with pytest.raises(ConvertError, match="keep leaves no meaning to"):
        loaded(tmp_path, SMALL, base=gate)
    unnamed = BASE.replace('channels = ["p", "r", "s"]\n', "").replace("4.0]", "4.0, 5.0]")
    with pytest.raises(ConvertError, match=r"steps\[0\].scale is a list"):
        loaded(tmp_path, SMALL, base=unnamed)
    with pytest.raises(ConvertError, match=r"spec.base is 3, must be a text"):
        loaded(tmp_path, SMALL.replace('"base.toml"', "3"))
    with pytest.raises(OSError, match=r"nowhere\.toml"):
        loaded(tmp_path, SMALL.replace("base.toml", "nowhere.toml"))
