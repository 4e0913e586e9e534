"""Pictures of saliency: what their curves, shades and texts hold; the command that draws them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from libhar import cli
from libhar.plot import canvas
from libhar.plot.saliency import deletion_curves, over_channels, over_time
from libhar.saliency.deletion import Deletion
from libhar.saliency.maps import Saliency
from libhar.saliency.tables import WHOLE

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("acc_x", "acc_y", "gyro_x", "gyro_y")


@pytest.fixture
def found() -> Saliency:
    """Three classes of which the second does not occur."""
    rng = np.random.default_rng(9)
    over_time = rng.random((3, 5, 4))
    over_time[1] = 0
    by_class = over_time.sum(axis=1)
    counts = np.array([3, 0, 4])
    names = ("LYING_DOWN", "NEVER", "RUNNING")
    return Saliency(names, COLUMNS, 10.0, "gradient", over_time, by_class, by_class, counts)


def ticks(axis: object) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]  # type: ignore[attr-defined]


def test_a_curve_for_the_whole_set_and_each_class(found: Saliency) -> None:
    whole, classes = over_channels("net on set", found).axes
    np.testing.assert_allclose(whole.lines[0].get_ydata(), found.whole)
    assert ticks(classes.xaxis) == ["acc x", "acc y", "gyro x", "gyro y"]
    assert ticks(classes.yaxis) == ["running", "lying down"]
    for line, base, values in zip(classes.lines[::2], (1, 0), found.by_class[[0, 2]]):
        np.testing.assert_allclose(line.get_ydata() - base, 0.85 * values / values.max())
    peaks = [line.get_xdata()[0] for line in classes.lines[1::2]]
    assert peaks == found.by_class[[0, 2]].argmax(axis=1).tolist()
    named = {text.get_text() for text in whole.texts}
    assert named == {canvas.words(COLUMNS[i]) for i in found.ranking[:3]}


def test_a_heat_map_for_the_whole_set_and_each_class(found: Saliency) -> None:
    figure = over_time("net on set", found)
    panels = [axes for axes in figure.axes if axes.images]
    heads = [axes.get_title().split("\n") for axes in panels]
    assert [head[0] for head in heads] == [WHOLE, "lying down", "running"]
    for axes, values in zip(panels, (found.whole_over_time, *found.over_time[[0, 2]])):
        shown = axes.images[0].get_array()
        np.testing.assert_allclose(shown, values.T / values.max())
        assert axes.images[0].get_extent() == [0, 0.5, 3.5, -0.5]
    assert ticks(panels[0].yaxis) == ["acc x", "acc y", "gyro x", "gyro y"]
    assert "over 7 windows" in figure.get_supxlabel()


def test_deletion_begins_where_nothing_is_gone() -> None:
    random = np.array([[0.8, 0.5], [0.7, 0.6]])
    gone = Deletion(100, (1, 3), 0.9, np.array([0.5, 0.2]), np.array([0.9, 0.8]), random)
    (axes,) = deletion_curves("net", gone, 6).axes
    least, mean, most = (line.get_ydata() for line in axes.lines)
    np.testing.assert_allclose(least, [90, 90, 80])
    np.testing.assert_allclose(mean, [90, 75, 55])
    np.testing.assert_allclose(most, [90, 50, 20])
    assert [t.get_text() for t in axes.texts] == [
        "least salient",
        "random (2 draws)",
        "most salient",
    ]
    assert "of 6" in axes.get_xlabel()


def test_the_command_writes_every_form_and_believes_what_ships(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a shipped network of 45 channels: without the five that it looks at most it errs more
    often than without any five of 30 draws, and untrained networks look elsewhere."""
    model = ROOT / "models/opportunity_resnet.har"
    arguments = ["saliency", str(model), "--data", "dsads", "--data-dir", str(data_dir)]
    assert cli.main([*arguments, "--most", "40", "--check", "-o", str(tmp_path)]) == 0
    pictures = {
        f"{name}.{kind}" for name in ("channels", "time", "deletion") for kind in ("png", "svg")
    }
    tables = {"saliency.csv", "saliency.json", "checks.json"}
    assert {path.name for path in tmp_path.iterdir()} == pictures | tables
    found = json.loads((tmp_path / "checks.json").read_text())
    five = next(one for one in found["deletion"]["without"] if one["columns"] == 5)
    assert five["draws_that_hurt_less"] == found["deletion"]["draws"] == 30
    assert five["gap_95_of_draws"][0] > 0.05
    alike = [one["channels"] for one in found["likeness_to_untrained"]]
    assert abs(np.mean(alike)) < 0.4
    said = capsys.readouterr().out
    assert said.startswith("  1  ")
    assert f"rank correlation with the channels of {len(alike)} untrained networks" in said


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (["--class", "FLYING"], "--class is ['FLYING'], must be of SITTING"),
        (["--most", "-2"], "most is -2, must be 0 (all) or more"),
    ],
)
def test_says_what_is_wrong(
    change: list[str],
    complaint: str,
    data_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ROOT / "models/opportunity_resnet_int8.har"
    arguments = ["saliency", str(model), "--data", "dsads", "--data-dir", str(data_dir)]
    assert cli.main([*arguments, *change, "-o", str(tmp_path / "out")]) == 1
    assert f"libhar saliency: {complaint}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
