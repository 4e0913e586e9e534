"""Specs: every key is checked, and what is refused says which, what it is and what is allowed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from libhar import schema
from libhar.cli import main
from libhar.convert.errors import ConvertError
from libhar.convert.spec import load_spec

HEAD = 'name = "front"\n'
SIGNAL = """
[signal]
rate_hz = 50
window = 16
channels = [{ name = "acc_x" }, { name = "acc_y" }]
"""
STEP = '[[signal.steps]]\ntype = "scale"\n'
FIGURE = '[[card.measurements]]\nmetric = "accuracy"\nsplit = "people 3 4"\nvalue = 0.9\n'
NAME = "a text that is not empty"


def read(folder: Path, text: str) -> schema.Model:
    (folder / "spec.toml").write_text(text)
    return load_spec(folder / "spec.toml")


def signal(line: str) -> str:
    """The signal with this line in place of the one of its key."""
    key = line.split(" = ")[0]
    kept = [old for old in SIGNAL.splitlines() if not old.startswith(f"{key} = ")]
    return HEAD + "\n".join([*kept, line, ""])


def channel(line: str) -> str:
    return signal(f'channels = [{{ name = "acc_x" }}, {{ {line} }}]')


WRONG = {
    # the model
    "name = 3\n" + SIGNAL: f"spec.name is 3, must be {NAME}",
    'name = " "\n' + SIGNAL: f"spec.name is ' ', must be {NAME}",
    SIGNAL: "spec.name is missing",
    HEAD + "version = 1\n" + SIGNAL: "spec.version is 1, must be a text",
    HEAD + "signal = 3": "spec.signal is 3, must be a table",
    HEAD + 'labels = "abc"\n' + SIGNAL: "spec.labels is 'abc', must be a list of texts",
    HEAD + "labels = [1, 2, 3]\n" + SIGNAL: f"spec.labels[0] is 1, must be {NAME}",
    HEAD + 'labels = ["a", ""]\n' + SIGNAL: f"spec.labels[1] is '', must be {NAME}",
    HEAD + 'labels = ["a", "b", "a"]\n' + SIGNAL: (
        "spec.labels[2] is 'a', must not be the same as spec.labels[0]"
    ),
    # the card
    HEAD + SIGNAL + "[card]\ndescription = 3": "card.description is 3, must be a text",
    HEAD + SIGNAL + "[card]\nmeasurements = [3]": (
        "card.measurements is [3], must be a list of tables"
    ),
    HEAD + SIGNAL + FIGURE.replace('"accuracy"', "3"): (
        "card.measurements[0].metric is 3, must be a text"
    ),
    HEAD + SIGNAL + FIGURE.replace("0.9", "true"): (
        "card.measurements[0].value is True, must be a number that is finite"
    ),
    HEAD + SIGNAL + FIGURE + "low = 0.8": (
        "card.measurements[0].low needs card.measurements[0].interval"
    ),
    HEAD + SIGNAL + FIGURE + "high = 0.8": (
        "card.measurements[0].high needs card.measurements[0].interval"
    ),
    HEAD + SIGNAL + FIGURE + 'low = 0.8\nhigh = 1.0\ninterval = ""': (
        f"card.measurements[0].interval is '', must be {NAME}"
    ),
    # the decision and the gate
    HEAD + SIGNAL + '[decision]\ntemperature = "hot"': (
        "decision.temperature is 'hot', must be a number above 0"
    ),
    HEAD + SIGNAL + "[decision]\ntemperature = 0": "temperature is 0, must be a number above 0",
    HEAD + SIGNAL + "[decision]\ntemperature = inf": "temperature is inf, must be a number above 0",
    HEAD + SIGNAL + "[decision]\nsmoothing = 1.0": (
        "decision.smoothing is 1.0, must be a number from 0 to below 1"
    ),
    HEAD + SIGNAL + "[decision]\nenter_above = nan": (
        "decision.enter_above is nan, must be a number from 0 to 1"
    ),
    HEAD + SIGNAL + "[decision]\nmajority = 2.5": (
        "decision.majority is 2.5, must be a whole number from 0 to 63"
    ),
    HEAD + SIGNAL + "[decision]\nmin_duration_ms = -5": (
        "decision.min_duration_ms is -5, must be a whole number from 0 to 3600000"
    ),
    HEAD + SIGNAL + "[gate]\ntolerance = 1\nstill_below = []": (
        "gate.tolerance is 1, must be a list of numbers"
    ),
    HEAD + SIGNAL + "[gate]\ntolerance = [1, -1]\nstill_below = [1, 1]": (
        "gate.tolerance[1] is -1, must be a number of at least 0"
    ),
    HEAD + SIGNAL + "[gate]\ntolerance = [1, 1]\nstill_below = [1, 1]\nmost_skipped = -1": (
        "gate.most_skipped is -1, must be a whole number from 1 to 65535"
    ),
    HEAD + SIGNAL + "[gate]\ntolerance = [1, 1]": "gate.still_below is missing",
    # the signal
    signal("hop = -1"): "signal.hop is -1, must be a whole number from 1 to 16",
    signal("hop = 17"): "signal.hop is 17, must be a whole number from 1 to 16",
    signal('hop = "32"'): "signal.hop is '32', must be a whole number from 1 to 16",
    signal("hop = 32.5"): "signal.hop is 32.5, must be a whole number from 1 to 16",
    signal("window = true"): "signal.window is True, must be a whole number from 1 to 65536",
    signal("rate_hz = -50"): "signal.rate_hz is -50, must be a number from 0.001 to 100000",
    signal(f"rate_hz = 1{'0' * 400}"): "must be a number from 0.001 to 100000",
    signal('channels = "acc_x"'): "signal.channels is 'acc_x', must be a list of tables",
    signal('channels = ["acc_x"]'): "signal.channels is ['acc_x'], must be a list of tables",
    channel('name = "acc_x"'): (
        "signal.channels[1].name is 'acc_x', must not be the same as signal.channels[0].name"
    ),
    channel('name = ""'): f"signal.channels[1].name is '', must be {NAME}",
    channel('name = "g", kind = ["gyroscope"]'): (
        "signal.channels[1].kind is ['gyroscope'], must be one of "
    ),
    # the signal steps
    HEAD + SIGNAL + "[[signal.steps]]\ntype = 3": f"signal.steps[0].type is 3, must be {NAME}",
    HEAD + SIGNAL + STEP + 'channels = "acc_x"': (
        "signal.steps[0].channels is 'acc_x', must be a list of texts"
    ),
    HEAD + SIGNAL + STEP + 'channels = ["acc_x", "acc_x"]': (
        "signal.steps[0].channels[1] is 'acc_x', must not be the same as"
    ),
    HEAD + SIGNAL + STEP + "scale = [1, 2, 3]": (
        "signal.steps[0].scale is [1.0, 2.0, 3.0], must be one number, or one for each of 2"
    ),
    HEAD + SIGNAL + STEP + 'scale = [1, "2"]': (
        "signal.steps[0].scale[1] is '2', must be a number that is finite"
    ),
    HEAD + SIGNAL + STEP + 'offset = "low"': (
        "signal.steps[0].offset is 'low', must be a number that is finite"
    ),
    HEAD + SIGNAL + '[[signal.steps]]\ntype = "lowpass"\ncutoff_hz = 2\norder = 2.0': (
        "signal.steps[0].order is 2.0, must be a whole number from 1 to 64"
    ),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.items(), ids=range(len(WRONG)))
def test_a_wrong_value_is_refused_by_key_value_and_what_is_allowed(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(ConvertError) as caught:
        read(tmp_path, text)
    assert complaint in str(caught.value)


def test_the_command_says_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec.toml").write_text(signal("hop = -1"))
    arguments = ["--spec", str(tmp_path / "spec.toml"), "-o", str(tmp_path / "y.har")]
    assert main(["convert", *arguments]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("libhar convert: ") and shown.count("\n") == 1
    assert shown.endswith("spec.toml: signal.hop is -1, must be a whole number from 1 to 16\n")
    assert not (tmp_path / "y.har").exists()


def test_every_key_is_read(tmp_path: Path) -> None:
    card = '[card]\ndescription = "what"\nlicence = ""\n' + FIGURE + "low = 0\nhigh = 1\n"
    rest = """
        [decision]
        temperature = 2
        smoothing = 0.5
        abstain_below = 0.25
        majority = 3
        enter_above = 0.75
        exit_below = 1
        min_duration_ms = 100
        [gate]
        tolerance = [1, 2]
        still_below = [0.5, 0]
        most_skipped = 7
        confident = 1
    """
    top = HEAD + 'version = "1.0"\nlabels = ["a", "b"]\n'
    steps = STEP + 'channels = ["acc_y"]\nscale = 2\noffset = [3.5]\n' + STEP + "scale = [1, 2]\n"
    model = read(tmp_path, top + card + 'interval = "95 %"\n' + rest + SIGNAL + steps)
    assert (model.name, model.model_version, model.labels) == ("front", "1.0", ["a", "b"])
    assert model.card is not None
    assert (model.card.description, model.card.licence, model.card.split) == ("what", "", "")
    measured = schema.Measurement("accuracy", "people 3 4", 0.9, 0.0, 1.0, "95 %")
    assert vars(model.card.measurements[0]) == vars(measured)
    decision = schema.Decision(schema.ScoreKind.LOGITS, 2.0, 0.5, 0.25, 3, 0.75, 1.0, 100)
    assert vars(model.decision) == vars(decision)
    assert model.gate is not None
    assert (model.gate.most_skipped, model.gate.confident) == (7, 1.0)
    np.testing.assert_array_equal(model.gate.tolerance, np.array([1, 2], "<f4"))
    np.testing.assert_array_equal(model.gate.still_below, np.array([0.5, 0], "<f4"))
    assert (model.signal.rate_hz, model.signal.window, model.signal.hop) == (50.0, 16, 8)
    one, two = (step.params for step in model.signal.steps)
    assert isinstance(one, schema.Scale) and isinstance(two, schema.Scale)
    assert (one.channels.tolist(), one.scale.tolist(), one.offset.tolist()) == ([1], [2.0], [3.5])
    assert (two.scale.tolist(), two.offset.tolist()) == ([1.0, 2.0], [0.0, 0.0])
