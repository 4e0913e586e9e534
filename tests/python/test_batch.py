"""Many windows at once: the bits of one by one, on any number of threads."""

from __future__ import annotations

from pathlib import Path

import libhar
import numpy as np
import pytest


@pytest.fixture(scope="module", params=["tiny_f32", "tiny_int8"])
def model(request: pytest.FixtureRequest, root: Path) -> libhar.Model:
    return libhar.Model(root / "tests" / "golden" / f"{request.param}.har")


def random_windows(model: libhar.Model, count: int) -> np.ndarray:
    shape = (count, model.info.window, model.info.signal_channel_count)
    return np.random.default_rng(3).normal(size=shape).astype("<f4")


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_the_bits_of_single_windows(model: libhar.Model, threads: int) -> None:
    windows = random_windows(model, 40)
    scores, classes = model.classify(windows, threads=threads)
    with libhar.Stream(model) as stream:
        events = [stream.classify(w) for w in windows]
    assert np.array_equal(scores, np.stack([e.scores for e in events]))
    assert classes.tolist() == [e.class_index for e in events]


def test_no_windows(model: libhar.Model) -> None:
    scores, classes = model.classify(random_windows(model, 0))
    assert scores.shape == (0, model.info.class_count)
    assert classes.shape == (0,)


def test_other_shapes_are_refused(model: libhar.Model) -> None:
    with pytest.raises(ValueError, match="must be"):
        model.classify(random_windows(model, 2)[:, :-1])
    with pytest.raises(ValueError, match="must be"):
        model.classify(random_windows(model, 1)[0])


def test_values_that_are_not_finite_are_refused(model: libhar.Model) -> None:
    windows = random_windows(model, 2)
    windows[1, 3, 0] = np.nan
    with pytest.raises(libhar.HarError) as caught:
        model.classify(windows)
    assert caught.value.field == f"windows[{model.info.window + 3}], channel 0"
