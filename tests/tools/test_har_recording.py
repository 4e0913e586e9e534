"""A raw recording of a test person through `har run` and the shipped models, which agree with the
evaluation by windows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tiny_model
from har_program import Har
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import Model, Stream, flat
from numpy.typing import ArrayLike, NDArray

from training.recordings.layout import CLASSES, save_csv
from training.recordings.packed import read_recording

MODELS = ("uci_har_cnn", "uci_har_cnn_int8")
SCORE_TOLERANCE = {"uci_har_cnn": 1e-5, "uci_har_cnn_int8": 1e-3}
"""The official windows are rounded to the digits of their text, which may move a code by one."""

WINDOW = 128
PREFIX = 6000
"""Samples from the recording's beginning that are classified at every position."""
PERIOD_NS = 20_000_000


def model_path(name: str) -> Path:
    return tiny_model.ROOT / "models" / f"{name}.har"


@pytest.fixture(scope="module")
def data_folder() -> Path:
    folder = os.environ.get("HAR_DATA_DIR")
    if not folder:
        pytest.skip("HAR_DATA_DIR is not set")
    return Path(folder)


@pytest.fixture(scope="module")
def experiment(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    """Number and CSV of a recording of a person whom no training has seen."""
    recording = read_recording(data_folder / "hapt.npz")
    path = tmp_path_factory.mktemp("hapt") / "recording.csv"
    save_csv(recording, path)
    return recording.experiment, path


def events_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@settings(max_examples=8, deadline=None, print_blob=True)
@given(chunk=st.integers(1, 2000))
@pytest.mark.parametrize("name", MODELS)
def test_chunks_change_no_byte(
    har: Har, experiment: tuple[int, Path], name: str, chunk: int
) -> None:
    words = ("run", "--json", model_path(name), experiment[1])
    plain = har(*words)
    assert (plain.returncode, plain.stderr) == (0, "")
    assert plain.stdout.count("\n") > 200
    assert har(*words, "--chunk", chunk).stdout == plain.stdout


def before_temperature(scores: ArrayLike, name: str) -> NDArray[np.float64]:
    """softmax(logits) of softmax(logits / temperature), which multiplies differences."""
    decision = flat.load(model_path(name)).decision
    powers = np.power(np.asarray(scores, np.float64), decision.temperature)
    return np.asarray(powers / powers.sum())


@pytest.mark.parametrize("name", MODELS)
def test_the_stream_agrees_with_the_official_windows(
    har: Har, data_folder: Path, experiment: tuple[int, Path], name: str
) -> None:
    """The windows of UCI HAR that lie in the recording, classified one by one, give the labels
    that the stream gives at the same places. They are the same signal to 2e-6."""
    number, path = experiment
    prefix = "".join(path.read_text().splitlines(keepends=True)[: 2 + PREFIX])
    with np.load(data_folder / "uci_har.npz") as arrays:
        within = (arrays["hapt_exp"] == number) & (arrays["hapt_pos"] + WINDOW <= PREFIX)
        first_rows = arrays["hapt_pos"][within].tolist()
        begins = arrays["win_start"][within].astype(np.int64)
        windows = arrays["samples"][begins[:, None] + np.arange(WINDOW)]
        truth = arrays["y"][within] - 1
    assert len(first_rows) > 25
    words = ("run", "--json", "--each-window", "--hop", 1, model_path(name), "-")
    shown = har(*words, stdin=prefix)
    events = {event["t_start_ns"] // PERIOD_NS: event for event in events_of(shown.stdout)}
    with Stream(Model(model_path(name))) as stream:
        for row, window, true_class in zip(first_rows, windows, truth, strict=True):
            alone = stream.classify(window)
            np.testing.assert_allclose(
                before_temperature(events[row]["scores"], name),
                before_temperature(alone.scores, name),
                atol=SCORE_TOLERANCE[name],
            )
            assert events[row]["name"] == alone.name
            assert events[row]["truth"] == CLASSES[true_class]


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_models_pass_their_golden_vectors(har: Har, name: str) -> None:
    shown = har("selftest", "--json", model_path(name))
    assert shown.returncode == 0, shown.stdout + shown.stderr
    found = json.loads(shown.stdout)
    assert found["checked"] == found["golden_count"] > 0
