"""Saliency maps: against finite differences, and whether deletion and sanity check can tell."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the network is made with PyTorch")
pytest.importorskip("onnxruntime", reason="conversion needs ONNX Runtime")

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from libhar import Model, flat, reference, schema
from libhar.convert.onnx_graph import import_onnx
from libhar.convert.spec import model_of
from libhar.datasets import Windows
from libhar.saliency import Saliency, column_names, saliency
from libhar.saliency.deletion import counts_of, deletion
from libhar.saliency.maps import Gradient, evenly
from libhar.saliency.sanity import likeness, spearman, untrained
from libhar.saliency.tables import WHOLE, as_dict, write_csv
from makers import spec
from scipy import stats
from torch import nn

from training.common.export import export_onnx

COLUMNS, WINDOW, CLASSES = 6, 12, 3
USED = 2
"""The only columns that the classes differ in are 0 to USED - 1."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> schema.Model:
    """A smooth network, trained to tell classes that only the first columns show."""
    torch.manual_seed(1)
    network = nn.Sequential(
        nn.Conv1d(COLUMNS, 8, 3, padding=1), nn.Tanh(),
        nn.Conv1d(8, 8, 3, padding=1), nn.Tanh(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, CLASSES),
    )  # fmt: skip
    data = made_up(600, seed=2)
    x, y = torch.from_numpy(data.signal).transpose(1, 2), torch.from_numpy(data.labels)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-2, weight_decay=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
    path = tmp_path_factory.mktemp("saliency") / "net.onnx"
    export_onnx(network.eval(), path, COLUMNS, WINDOW)
    model = model_of(spec(COLUMNS, WINDOW))
    model.graph, model.buffers = import_onnx(path, WINDOW, COLUMNS)
    model.labels = list(made_up(1, seed=0).names)
    return model


@pytest.fixture(scope="module")
def model(described: schema.Model) -> Model:
    return Model(flat.encode(described))


def made_up(count: int, seed: int) -> Windows:
    """Windows of which one of the first columns lies at 1 for each class but the last."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count)
    signal = 0.5 * rng.normal(size=(count, WINDOW, COLUMNS))
    signal[:, :, :USED] += np.eye(CLASSES)[labels][:, None, :USED]
    people = rng.integers(1, 4, count)
    return Windows(signal.astype(np.float32), labels, people, ("a", "b", "c"))


def by_differences(described: schema.Model, step: float = 0.02) -> Gradient:
    """Central differences of the NumPy reference, an input at a time."""
    assert described.graph is not None
    network = reference.Network(described.graph, described.buffers)

    def gradient(window: np.ndarray, label: int) -> np.ndarray:
        moved = step * np.eye(window.size, dtype=np.float32).reshape(-1, *window.shape)
        both = network.run(np.concatenate([window + moved, window - moved]))[:, label]
        up, down = np.split(both.astype(np.float64), 2)
        return ((up - down) / (2 * step)).reshape(window.shape)

    return gradient


def test_the_map_is_that_of_finite_differences(described: schema.Model, model: Model) -> None:
    windows = made_up(30, seed=3)
    found = saliency(model, described.signal, windows)
    gradient = by_differences(described)
    for label in range(CLASSES):
        mine = windows.signal[windows.labels == label]
        terms = [gradient(x, label) * (x - windows.signal.mean(axis=(0, 1))) for x in mine]
        over_time, by_class = np.abs(terms).mean(axis=0), np.abs(np.sum(terms, axis=1)).mean(axis=0)
        np.testing.assert_allclose(found.over_time[label], over_time, rtol=0.02, atol=1e-4)
        np.testing.assert_allclose(found.by_class[label], by_class, rtol=0.02, atol=1e-3)
    brute = saliency(model, described.signal, windows, gradient=gradient)
    assert found.ranking.tolist() == brute.ranking.tolist()
    assert set(found.ranking[:USED]) == set(range(USED))
    assert found.columns == tuple(f"s{i}" for i in range(COLUMNS))


def fixed(form: str = "gradient") -> tuple[Saliency, Windows]:
    """A map of gradients that are the window times -(class + 1); the last class does not occur."""
    windows = replace(made_up(20, seed=4), labels=np.arange(20) % 2)
    described = model_of(spec(COLUMNS, WINDOW))
    front = Model(flat.encode(described))
    front.labels = windows.names  # a model of signal steps has none
    made = saliency(
        front, described.signal, windows, form=form, most=4, gradient=lambda x, c: -x * (c + 1)
    )
    return made, windows


def test_a_map_is_the_mean_magnitude_over_windows_taken_evenly() -> None:
    found, windows = fixed()
    first, second = windows.signal[[0, 6, 12, 18]], 2 * windows.signal[[1, 7, 13, 19]]
    np.testing.assert_allclose(found.over_time[0], np.abs(first).mean(axis=0), rtol=1e-6)
    by_class = np.abs(second).mean(axis=0).sum(axis=0)
    np.testing.assert_allclose(found.by_class[1], by_class, rtol=1e-6)
    np.testing.assert_allclose(found.whole, found.by_class[:2].mean(axis=0))
    assert found.windows.tolist() == [4, 4, 0]


def test_the_other_forms() -> None:
    plain, windows = fixed()
    scaled, _ = fixed("deviation")
    deviation = windows.signal.std(axis=(0, 1))
    np.testing.assert_allclose(scaled.over_time, plain.over_time * deviation, rtol=1e-5)
    np.testing.assert_allclose(scaled.by_class, plain.by_class * deviation, rtol=1e-5)
    lost, _ = fixed("contribution")
    second = windows.signal[[1, 7, 13, 19]]
    terms = 2 * second * (second - windows.signal.mean(axis=(0, 1)))
    np.testing.assert_allclose(lost.over_time[1], np.abs(terms).mean(axis=0), rtol=1e-4)
    by_class = np.abs(terms.sum(axis=1)).mean(axis=0)
    np.testing.assert_allclose(lost.by_class[1], by_class, rtol=1e-4)
    np.testing.assert_array_equal(lost.gradient, plain.by_class)
    with pytest.raises(ValueError, match="form is 'mean', must be one of"):
        fixed("mean")


@given(count=st.integers(0, 50), most=st.integers(0, 60))
def test_windows_are_taken_evenly(count: int, most: int) -> None:
    taken = evenly(np.arange(count), most)
    assert len(taken) == (count if most == 0 else min(count, most))
    assert len(set(taken.tolist())) == len(taken)
    if len(taken) > 2:
        gaps = np.diff(taken)
        assert gaps.max() - gaps.min() <= 1


def test_columns_are_named_as_the_signal_steps_make_them() -> None:
    """The C library's columns, found by what a push of one channel changes, bear these names."""
    split = {"type": "gravity_split", "channels": ["s2", "s0"], "order": 1, "cutoff_hz": 5.0}
    chosen = ["s0.body", "s1", "s2.gravity", "s0.gravity"]
    steps = [split, {"type": "select", "channels": chosen}]
    whole, some = (model_of(spec(3, steps=steps[:n])).signal for n in (1, 2))
    split_names = ("s2.gravity", "s0.gravity", "s2.body", "s0.body")
    assert column_names(whole) == ("s0", "s1", "s2", *split_names)
    assert column_names(some) == tuple(chosen)
    front = Model(flat.encode(schema.Model(name="front", signal=some)))
    for channel in range(3):
        signal = np.zeros((40, 3), np.float32)
        signal[:, channel] = 1
        moved = np.flatnonzero(np.abs(front.preprocess(signal)).max(axis=0) > 0)
        assert {chosen[i].split(".")[0] for i in moved} == {f"s{channel}"}


def test_deletion_tells_a_good_ranking_from_others(described: schema.Model, model: Model) -> None:
    windows, test = made_up(200, seed=5), made_up(500, seed=6)
    means = windows.signal.mean(axis=(0, 1))
    ranking = saliency(model, described.signal, windows).ranking
    found = deletion(model, test, ranking, means, (1, 2), draws=40)
    assert found.all > 0.9
    assert (found.salient < found.random_mean - 0.1).all()
    assert found.salient[1] == found.random[:, 1].min()
    assert (found.least > found.all - 0.03).all()
    turned = deletion(model, test, ranking[::-1], means, (1, 2), draws=40)
    assert (turned.salient > turned.random_mean).all()
    without = found.as_dict()["without"]
    assert [one["columns"] for one in without] == [1, 2]
    assert without[1]["draws_that_hurt_less"] == int((found.random[:, 1] > found.salient[1]).sum())
    blank = test.signal.copy()
    blank[:, :, ranking[:2]] = means[ranking[:2]]
    assert found.salient[1] == (model.classify(blank)[1] == test.labels).mean()


@pytest.mark.parametrize("counts", [(0,), (COLUMNS,), ()])
def test_deletion_leaves_a_column(model: Model, counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"must be 1 to {COLUMNS - 1}"):
        deletion(model, made_up(5, seed=1), np.arange(COLUMNS), np.zeros(COLUMNS), counts)


def test_counts_go_up_to_half() -> None:
    assert counts_of(45) == (1, 2, 5, 10, 20, 22)
    assert counts_of(6) == (1, 2, 3)
    assert counts_of(2) == (1,)


def test_an_untrained_network_keeps_its_values_and_nothing_else(
    described: schema.Model, model: Model
) -> None:
    windows = made_up(60, seed=7)
    trained = saliency(model, described.signal, windows)
    assert likeness(trained, trained).channels == pytest.approx(1)
    alike = []
    for seed in range(5):
        other = untrained(described, seed)
        for mine, theirs in zip(described.buffers, other.buffers, strict=True):
            a, b = (np.frombuffer(x.data.tobytes(), "<f4") for x in (mine, theirs))
            assert sorted(a) == sorted(b)
        opened = Model(flat.encode(other))
        assert (opened.classify(windows.signal)[1] == windows.labels).mean() < 0.7
        alike.append(likeness(trained, saliency(opened, described.signal, windows)).channels)
    assert np.mean(alike) < 0.6, alike


@given(
    pair=arrays.arrays(np.float64, (2, 12), elements=st.integers(0, 6).map(float)).filter(
        lambda a: np.ptp(a[0]) > 0 and np.ptp(a[1]) > 0
    )
)
def test_rank_correlation_is_scipy_s(pair: np.ndarray) -> None:
    expected = stats.spearmanr(pair[0], pair[1]).statistic
    assert spearman(pair[0], pair[1]) == pytest.approx(expected, abs=1e-12)


def test_tables_hold_the_map(tmp_path: Path) -> None:
    found, _ = fixed()
    write_csv(found, tmp_path / "map.csv")
    with (tmp_path / "map.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * WINDOW * COLUMNS  # two classes and the whole set
    last = next(r for r in rows if (r["class"], r["channel"], r["sample"]) == ("b", "s5", "11"))
    assert float(last["saliency"]) == pytest.approx(found.over_time[1, 11, 5], rel=1e-5)
    assert float(last["seconds"]) == 11 / 50
    assert {row["class"] for row in rows} == {WHOLE, "a", "b"}
    figures = json.loads(json.dumps(as_dict(found, {"model": "test"})))
    assert figures["ranking"] == [f"s{i}" for i in found.ranking]
    assert figures["windows"] == {"a": 4, "b": 4}
    assert figures["classes"]["b"]["s3"] == pytest.approx(found.by_class[1, 3], rel=1e-5)
