"""The C signal steps against SciPy, and against the official windows of UCI HAR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import libhar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libhar import datasets, flat
from libhar.convert.spec import load_spec
from libhar.reference.signal import preprocess
from makers import front, noise

RATE = 50
COLUMNS = 4


@st.composite
def chains(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lists of signal steps on channels s0 .. s3; a step may use what the one before left."""
    columns = [f"s{i}" for i in range(COLUMNS)]
    steps = []
    for _ in range(draw(st.integers(0, 5))):
        kinds = ["median", "lowpass", "highpass", "gravity_split", "scale", "select"]
        kind = draw(st.sampled_from(kinds))
        chosen = draw(st.lists(st.sampled_from(columns), min_size=1, unique=kind != "select"))
        step: dict[str, Any] = {"type": kind, "channels": chosen}
        if kind in ("lowpass", "highpass", "gravity_split"):
            step["order"] = draw(st.integers(1, 10))
            step["cutoff_hz"] = draw(st.floats(0.1, 20))
        if kind == "scale":
            step["scale"] = draw(st.floats(-3, 3))
            step["offset"] = draw(st.floats(-3, 3))
        if kind == "gravity_split":
            parts = [f"{name}.{part}" for part in ("gravity", "body") for name in chosen]
            if set(parts) & set(columns):
                continue
            columns = columns + parts
        if kind == "select":
            chosen = list(dict.fromkeys(chosen))
            step["channels"] = columns = chosen
        steps.append(step)
    return steps


@given(steps=chains(), rows=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
def test_steps_agree_with_scipy(steps: list[dict[str, Any]], rows: int, seed: int) -> None:
    description = front(steps, COLUMNS)
    samples = noise(np.random.default_rng(seed), rows, COLUMNS)
    found = libhar.Model(flat.encode(description)).preprocess(samples)
    wanted = preprocess(description.signal, samples)
    assert found.shape == wanted.shape
    # binary64 on both sides, in another order: far below the last bit of binary32, except where a
    # high order at a low cutoff has lost digits
    largest = max(1.0, float(np.abs(wanted).max(initial=0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-6 * largest)


def test_an_empty_recording_gives_no_rows() -> None:
    model = libhar.Model(flat.encode(front([{"type": "median"}], 3)))
    assert model.preprocess(np.zeros((0, 3), np.float32)).shape == (0, 3)


def test_the_median_sees_zeros_beyond_both_ends() -> None:
    model = libhar.Model(flat.encode(front([{"type": "median"}], 1)))
    samples = np.array([[5.0], [7.0], [6.0], [9.0]], np.float32)
    assert model.preprocess(samples).ravel().tolist() == [5.0, 6.0, 7.0, 6.0]
    assert model.info.latency == 1


def test_official_windows_are_reproduced(root: Path, data_dir: Path) -> None:
    """All 10,299 windows of UCI HAR from the raw recordings, to 2e-6."""
    spec = load_spec(root / "training/uci_har_cnn/spec.toml")
    spec.labels = []
    model = libhar.Model(flat.encode(spec))
    count = 0
    for split in datasets.SPLITS:
        official = datasets.uci_har(data_dir, split)
        found = datasets.uci_har(data_dir, split, model.preprocess)
        assert np.abs(found.signal - official.signal).max() <= 2e-6
        count += len(official.signal)
    assert count == 10299


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_refused(bad: float) -> None:
    model = libhar.Model(flat.encode(front([], 3)))
    samples = np.zeros((10, 3), np.float32)
    samples[7, 2] = bad
    with pytest.raises(libhar.HarError) as caught:
        model.preprocess(samples)
    assert caught.value.name == "HAR_ERR_SAMPLE_NOT_FINITE"
    assert caught.value.field == "samples[7], channel 2"
