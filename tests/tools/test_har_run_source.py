"""`har run --source`: recordings with one line a reading, and what they may lack."""

from __future__ import annotations

from pathlib import Path

import pytest
from har_program import Har
from tiny_model import ROOT

MODEL = ROOT / "models" / "hapt_gru.har"
HEAD = "t_ns,sensor,x,y,z\n"
ROW = "5,accelerometer,0,9.8,0\n"


def run(har: Har, tmp_path: Path, text: str, *words: object) -> tuple[int, str]:
    """The exit status, and what was said on standard error of the recording r.csv."""
    path = tmp_path / "r.csv"
    path.write_text(text)
    shown = har("run", MODEL, path, *(words or ("--source", "android_sensor")))
    return shown.returncode, shown.stderr.replace(str(path), "r.csv")


def still(seconds: int, *, unit: float = 1.0) -> str:
    """A phone that lies still: both sensors at 100 Hz."""
    rows = []
    for at in range(100 * seconds):
        noise = 0.001 * (at % 7)
        rows.append(f"{at}0000000,accelerometer,{9.8 * unit},{noise},0.2")
        rows.append(f"{at}1000000,gyroscope,{noise / 10},0,0")
    return HEAD + "\n".join(rows) + "\n"


def test_readings_become_labels(har: Har, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(still(10))
    shown = har("run", MODEL, path, "--source=android_sensor", "--chunk=100")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert len(shown.stdout.splitlines()) > 5
    assert "labels from 2000 readings" in shown.stdout


def test_standard_input_and_comments(har: Har, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(still(6))
    words = ("run", MODEL, "--source=android_sensor", "--json")
    piped = har(*words, "-", stdin="# a\n" + still(6).replace("3000000000,", "# b\n3000000000,"))
    assert (piped.returncode, piped.stdout) == (0, har(*words, path).stdout)
    assert piped.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "t_ns,x,y,z\n1,2,3,4\n",
            "r.csv line 1: column 'sensor' is missing; with --source each line has t_ns, sensor, "
            "x, y, z",
        ),
        (
            "sensor,x,y,z\ngyroscope,2,3,4\n",
            "r.csv line 1: column 't_ns' is missing; with --source each line has t_ns, sensor, "
            "x, y, z",
        ),
        (
            "t_ns,sensor,x,y\n1,gyroscope,3,4\n",
            "r.csv line 1: column 'z' is missing; the model needs it in the unit of --source",
        ),
        (
            "t_ns,sensor,x,y,z,label\n",
            "r.csv line 1: column 6, 'label', is none of t_ns, sensor, x, y, z (--ignore-extra "
            "passes over such columns)",
        ),
        (
            HEAD + "5,thermometer,1,2,3\n",
            "r.csv line 2, column sensor: found thermometer, expected a sensor of the preset of "
            "--source",
        ),
        (
            HEAD + ROW + ROW.replace("5", "4"),
            "r.csv line 3, column t_ns: found 4, expected a time not earlier than 5 of line 2",
        ),
        (
            HEAD + "4611686018427387904,gyroscope,1,2,3\n",
            "r.csv line 2, column t_ns: found 4611686018427387904, expected a time within "
            "4611686018427387904 of 0",
        ),
        (
            HEAD + "5,gyroscope,1,nan,3\n",
            "r.csv line 2, column y: found nan, expected a finite decimal number such as -0.25 or "
            "1e-3",
        ),
    ],
)
def test_what_a_recording_lacks_is_said(har: Har, tmp_path: Path, text: str, said: str) -> None:
    assert run(har, tmp_path, text) == (3, f"har run: {said}\n")


def test_repeated_times_and_sensors_between_each_other_are_taken(har: Har, tmp_path: Path) -> None:
    assert run(har, tmp_path, HEAD + ROW + ROW + "1,gyroscope,0,0,0\n") == (0, "")


def test_an_unknown_preset_is_named(har: Har, tmp_path: Path) -> None:
    status, text = run(har, tmp_path, HEAD + ROW, "--source", "windows_phone")
    assert status == 2
    assert "--source windows_phone: one of android_sensor, ios_core" in text


def test_one_sensor_alone_gives_no_label_and_ends(har: Har, tmp_path: Path) -> None:
    rows = [f"{at}000,accelerometer,0,9.8,0" for at in range(20_000)]
    assert run(har, tmp_path, HEAD + "\n".join(rows) + "\n") == (0, "")
