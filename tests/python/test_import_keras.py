"""Networks that Keras trained, as they are imported, on every test window of HAPT: against ONNX
Runtime on Keras' file, and against what Keras itself computed."""

from __future__ import annotations

from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import datasets, flat, schema
from libhar.calibrate import undecided
from libhar.convert import convert
from libhar.convert.convert import onnx_runner
from libhar.evaluate import labelled_windows

from training.hapt_sequence import keras_scores

RECIPE = Path(__file__).resolve().parents[2] / "training/hapt_sequence"
WINDOWS = 3174

kinds = pytest.mark.parametrize("kind", ["gru", "lstm"])


def imported(kind: str) -> schema.Model:
    return convert(RECIPE / f"hapt_{kind}.toml", RECIPE / f"hapt_{kind}_keras.onnx")


@pytest.fixture(scope="module")
def windows(data_dir: Path) -> datasets.Windows:
    model = libhar.Model(flat.encode(imported("gru")))
    return labelled_windows(model, "hapt", data_dir, "test")


@kinds
def test_the_layer_is_recognised(kind: str) -> None:
    """The batch norm in front is an affine where the exporter did not fold it into the layer."""
    graph = imported(kind).graph
    assert graph is not None
    names = [type(op.params).__name__ for op in graph.ops]
    assert names[-3:] == ["Recurrent", "GlobalPool", "Dense"] and names[:-3] in ([], ["Affine"])


@kinds
def test_probabilities_are_keras(kind: str, windows: datasets.Windows) -> None:
    kept = keras_scores.load(RECIPE / f"hapt_{kind}_keras.npz")
    assert kept.version.startswith("Keras 3.") and kept.probabilities.shape == (WINDOWS, 12)
    np.testing.assert_allclose(kept.probabilities.sum(axis=1), 1, atol=12 * keras_scores.UNIT)
    found, labels = undecided(imported(kind)).classify(windows.signal)
    assert np.abs(found - kept.probabilities).max() <= 1e-5
    assert (labels == kept.probabilities.argmax(axis=1)).all()
    assert np.mean(labels == windows.labels) > 0.85


@kinds
def test_probabilities_are_onnx_runtimes(kind: str, windows: datasets.Windows) -> None:
    logits = onnx_runner(RECIPE / f"hapt_{kind}_keras.onnx")(windows.signal).astype(np.float64)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    found, _ = undecided(imported(kind)).classify(windows.signal)
    assert len(found) == WINDOWS
    assert np.abs(found - exponents / exponents.sum(axis=1, keepdims=True)).max() <= 1e-5


def test_scores_are_kept_to_their_unit(tmp_path: Path) -> None:
    given = np.random.default_rng(0).dirichlet(np.ones(12), 50)
    keras_scores.save(tmp_path / "s.npz", keras_scores.KerasScores(given, "Keras 3, tensorflow"))
    kept = keras_scores.load(tmp_path / "s.npz")
    assert kept.version == "Keras 3, tensorflow"
    assert np.abs(kept.probabilities - given).max() <= keras_scores.UNIT / 2
