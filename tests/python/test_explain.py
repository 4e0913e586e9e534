"""Explaining windows: against PyTorch's autograd, by differences, by the rules that maps keep."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import libhar
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from libhar import flat, schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.onnx_graph import import_onnx
from libhar.convert.spec import model_of
from libhar.explain import At, Explainer, Explanation, Method, Target, explainer_info
from makers import noise, spec, with_network
from networks import IntegerNetwork, torch_network
from test_convert import export
from test_signal import chains
from torch_graph import TorchGraph

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    [*(ROOT / "models").glob("*.har"), *(ROOT / "tests/golden").glob("tiny_*_[fi]*.har")]
)
FILES += [ROOT / "tests/golden" / name for name in ("tiny_f32.har", "tiny_int8.har")]
SOME = [path for path in FILES if path.stem.startswith(("tiny", "opportunity", "wisdm_lm"))]
BOUND = 1e-4
INSTRUCTION_SETS = (1, 1 | 4, 1 << 30)
"""HAR_CPU_* of har/cpu.h: AVX2, with AVX-512; plain C."""

files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks are small: threads of PyTorch would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@lru_cache(maxsize=64)
def torch_of(path: Path) -> tuple[schema.Model, TorchGraph]:
    source = flat.load(path)
    assert source.graph is not None
    return source, TorchGraph(source.graph, source.buffers)


def windows_of(source: schema.Model) -> list[np.ndarray]:
    """The windows of the golden vectors, and one of noise."""
    assert source.graph is not None
    shape = tuple(int(n) for n in source.graph.tensors[source.graph.input].shape)
    rng = np.random.default_rng(5)
    return [g.signal.reshape(shape) for g in source.golden[:1]] + [noise(rng, *shape)]


def assert_near(
    found: np.ndarray, wanted: np.ndarray, bound: float = BOUND, least: float = 1e-12
) -> None:
    """Within `bound` of the largest, which counts as `least` at least."""
    assert found.shape == wanted.shape
    worst = float(np.abs(found - wanted).max())
    assert worst <= bound * max(float(np.abs(wanted).max()), least)


@files
def test_gradients_are_autograds(path: Path) -> None:
    source, network = torch_of(path)
    explainer = Explainer(libhar.Model(path))
    for x in windows_of(source):
        found = explainer.window(x, at=At.NETWORK)
        i = found.class_index
        assert i == int(network.logits(torch.tensor(x, dtype=torch.float64)).argmax())
        assert_near(found.values, network.gradient(x, lambda z, i=i: z[i]))
        np.testing.assert_allclose(found.per_column, np.abs(found.values).sum(0), rtol=1e-5)
        assert found.label == source.labels[i]


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_every_target_has_its_gradient(path: Path) -> None:
    source, network = torch_of(path)
    explainer = Explainer(libhar.Model(path))
    x = windows_of(source)[-1]
    logits = network.logits(torch.tensor(x, dtype=torch.float64))
    i = int(logits.argsort()[-2])  # not the one that is taken without a name
    other = int(logits.argmax())
    ends_in_logits = source.decision is None or source.decision.output is schema.ScoreKind.LOGITS
    temperature = source.decision.temperature if source.decision and ends_in_logits else 1.0
    targets = {
        Target.MARGIN: lambda z: z[i] - z[other],
        Target.PROBABILITY: lambda z: torch.softmax(z / temperature, 0)[i],
    }
    for target, of in targets.items():
        found = explainer.window(x, label=source.labels[i], at=At.NETWORK, target=target)
        assert (found.class_index, found.other_index) == (i, other)
        assert_near(found.values, network.gradient(x, of))
        assert abs(found.value - float(of(logits))) <= 1e-4 * max(1, abs(found.value))


@files
def test_every_instruction_set_finds_the_same(path: Path) -> None:
    x = windows_of(torch_of(path)[0])[0]
    wanted = Explainer(libhar.Model(path)).window(x)
    for allowed in INSTRUCTION_SETS:
        found = Explainer(libhar.Model(path, cpu_allowed=allowed)).window(x)
        assert found.class_index == wanted.class_index
        assert_near(found.values, wanted.values, BOUND / 2)


def _compared(source: schema.Model, x: np.ndarray) -> None:
    """Every class of a random network; not where a corner of a curve is too near to tell. Where a
    sigmoid is 1 but for the last bits, its slope in binary32 is another one than in binary64."""
    assert source.graph is not None
    network = TorchGraph(source.graph, source.buffers)
    explainer = Explainer(libhar.Model(flat.encode(source)))
    for i in range(2):
        wanted = network.gradient(x, lambda z, i=i: z[i])
        size = np.abs(wanted).max()
        near = network.gradient(x * (1 + 1e-5), lambda z, i=i: z[i])
        assume(np.isfinite(size) and np.abs(near - wanted).max() <= 1e-3 * size)
        assert_near(explainer.window(x, label=i, at=At.NETWORK).values, wanted, least=1e-2)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_graphs_of_every_integer_op(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = IntegerNetwork(rng, 20, 3)
    _compared(with_network(network.build.graph, network.build.buffers), noise(rng, 20, 3))


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_networks_of_pytorch(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("net") / "n.onnx"
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    export(torch_network(rng, 20, 3), path, False, (1, 3, 20))
    _compared(with_network(*import_onnx(path, 20, 3)), noise(rng, 20, 3))


@pytest.mark.parametrize("axis", [0, 1])
def test_softmax_inside_and_at_the_end(axis: int) -> None:
    build, rng = GraphBuilder(), np.random.default_rng(axis)
    build.graph.input = x = build.computed("x", 9, 5)
    weights = build.op("inner", schema.Softmax(axis), [x], build.computed("weights", 9, 5))
    y = build.op("weigh", schema.Multiply(), [x, weights], build.computed("y", 9, 5))
    flat_y = build.op("flat", schema.Flatten(), [y], build.computed("flat", 1, 45))
    dense = build.constant("w", rng.normal(size=(4, 45)).astype(np.float32))
    logits = build.op("dense", schema.Dense(), [flat_y, dense], build.computed("logits", 1, 4))
    build.graph.output = build.op("end", schema.Softmax(1), [logits], build.computed("p", 1, 4))
    source = with_network(build.graph, build.buffers)
    source.decision = schema.Decision(schema.ScoreKind.PROBABILITIES)
    window = noise(rng, 9, 5)
    network = TorchGraph(build.graph, build.buffers)
    explainer = Explainer(libhar.Model(flat.encode(source)))
    assert explainer_info(explainer.model).attention_count == 1
    found = explainer.window(window, method=Method.ATTENTION)
    wanted = torch.softmax(torch.tensor(window), axis).numpy()
    np.testing.assert_allclose(found.values, wanted, atol=1e-6)
    for i in range(4):
        found = explainer.window(window, label=i, at=At.NETWORK)
        assert_near(found.values, network.gradient(window, lambda z, i=i: z[i]))
        found = explainer.window(window, label=i, at=At.NETWORK, target=Target.PROBABILITY)
        assert_near(found.values, network.gradient(window, lambda z, i=i: torch.softmax(z, 0)[i]))


def _small(columns: int, window: int) -> tuple[schema.Graph, list[schema.Buffer]]:
    """A network that bends a little: a dense layer, tanh, a dense layer."""
    build, rng = GraphBuilder(), np.random.default_rng(columns)
    build.graph.input = x = build.computed("x", window, columns)
    size = window * columns
    t = build.op("flat", schema.Flatten(), [x], build.computed("flat", 1, size))
    w = build.constant("w", (rng.normal(size=(6, size)) / np.sqrt(size)).astype(np.float32))
    t = build.op("first", schema.Dense(), [t, w], build.computed("first", 1, 6))
    tanh = schema.Activation(schema.ActivationKind.TANH)
    t = build.op("tanh", tanh, [t], build.computed("bent", 1, 6))
    v = build.constant("v", rng.normal(size=(3, 6)).astype(np.float32))
    build.graph.output = build.op("last", schema.Dense(), [t, v], build.computed("z", 1, 3))
    return build.graph, build.buffers


@settings(max_examples=40)
@given(steps=chains(), seed=st.integers(0, 2**32 - 1))
def test_linear_steps_are_gone_back_through(steps: list[dict[str, Any]], seed: int) -> None:
    """What a unit of each pushed sample changes in the window, times the network's gradient."""
    window, before, columns = 12, 7, 4
    steps = [step for step in steps if step["type"] != "median"]
    source = model_of(spec(columns, window, steps=steps))
    after = libhar.Model(flat.encode(source)).info.signal_channel_count
    source.graph, source.buffers = _small(after, window)
    source.labels = ["a", "b", "c"]
    model = libhar.Model(flat.encode(source))
    info = explainer_info(model)
    assert (info.linear_from, info.sample_columns) == (0, columns)
    recording = noise(np.random.default_rng(seed), before + window, columns)
    rows = model.preprocess(recording)
    assume(np.abs(rows).max() < 1e3)
    explainer = Explainer(model)
    inner = explainer.window(rows[before:], at=At.NETWORK)
    found = explainer.window(rows[before:])
    assert found.signal_steps == 0 and inner.signal_steps == len(steps)
    wanted = np.zeros((window, columns))
    zero = model.preprocess(np.zeros_like(recording))
    for t in range(window):
        for c in range(columns):
            impulse = np.zeros_like(recording)
            impulse[before + t, c] = 1000
            response = model.preprocess(impulse).astype(float) - zero
            wanted[t, c] = (response[before:] * inner.values).sum() / 1000
    assert_near(found.values, wanted, 1e-3)


def test_the_gradient_is_what_pushed_samples_change() -> None:
    """By central differences of the network on recordings with one sample moved."""
    window, columns = 16, 3
    steps = [
        {"type": "scale", "channels": ["s0", "s2"], "scale": 2.5, "offset": -1.0},
        {"type": "gravity_split", "channels": ["s0", "s1"], "order": 3, "cutoff_hz": 2.0},
    ]
    source = model_of(spec(columns, window, steps=steps))
    source.graph, source.buffers = _small(columns + 4, window)
    source.labels = ["a", "b", "c"]
    model, network = libhar.Model(flat.encode(source)), TorchGraph(source.graph, source.buffers)
    recording = noise(np.random.default_rng(2), 40, columns)
    stream, explainer = libhar.Stream(model, hop=1), Explainer(model)
    events = list(stream.feed(recording))
    found = explainer.stream(stream, target=Target.MARGIN)
    assert found.values.shape == (window, columns)
    assert found.first_sample == events[-1].first_sample == 40 - window
    i, other = found.class_index, found.other_index

    def margin(moved: np.ndarray) -> float:
        rows = model.preprocess(moved)[-window:]
        z = network.logits(torch.tensor(rows, dtype=torch.float64))
        return float(z[i] - z[other])

    step = 0.02
    for t in range(window):
        for c in range(columns):
            up, down = recording.copy(), recording.copy()
            up[40 - window + t, c] += step
            down[40 - window + t, c] -= step
            difference = (margin(up) - margin(down)) / (2 * step)
            assert abs(found.values[t, c] - difference) <= 2e-3 * np.abs(found.values).max()


@files
def test_streams_explain_their_last_window(path: Path) -> None:
    model = libhar.Model(path)
    recording = noise(np.random.default_rng(3), 3 * model.info.window, model.info.channel_count)
    rows = model.preprocess(recording)
    stream, explainer = libhar.Stream(model), Explainer(model)
    with pytest.raises(libhar.HarError, match="holds no window"):
        explainer.stream(stream)
    for event in stream.feed(recording):
        found = explainer.stream(stream)
        assert found.first_sample == event.first_sample
    first = found.first_sample
    again = explainer.window(rows[first : first + model.info.window])
    assert found.values.tobytes() == again.values.tobytes()
    info = explainer_info(model)
    assert found.signal_steps == info.linear_from
    assert found.values.shape == (model.info.window, info.sample_columns)


def _bias(source: schema.Model, network: TorchGraph, found: Explanation) -> float:
    """What the dense layer that ends the network adds to the class."""
    assert source.graph is not None
    dense = [op for op in source.graph.ops if isinstance(op.params, schema.Dense)]
    if not dense or len(dense[-1].inputs) < 3:
        return 0.0
    last = dense[-1]
    bias = network.raw(int(last.inputs[2]))
    if source.graph.tensors[int(last.inputs[2])].dtype is schema.DType.I32:
        bias = bias * network.scales(int(last.inputs[0])) * network.scales(int(last.inputs[1]))
    return float(bias[found.class_index])


def test_class_maps_add_up_to_the_score() -> None:
    count = 0
    for path in FILES:
        source, network = torch_of(path)
        model = libhar.Model(path)
        explainer = Explainer(model)
        if not explainer_info(model).has_class_map:
            with pytest.raises(libhar.HarError, match="which the network lacks"):
                explainer.window(windows_of(source)[0], method=Method.CLASS_MAP)
            continue
        count += 1
        for x in windows_of(source):
            for label in (None, 0, len(source.labels) - 1):
                found = explainer.window(x, method=Method.CLASS_MAP, label=label)
                total = float(found.values.astype(float).sum()) + _bias(source, network, found)
                size = max(1.0, float(np.abs(found.values).sum()))
                assert abs(total - found.value) <= 1e-5 * size, path.stem
                assert found.values.shape[1] == 1
    assert count >= 20


@files
def test_attention_weights_are_the_softmaxes(path: Path) -> None:
    source, network = torch_of(path)
    model = libhar.Model(path)
    assert source.graph is not None
    softmaxes = [
        int(op.outputs[0]) for op in source.graph.ops if isinstance(op.params, schema.Softmax)
    ]
    x = windows_of(source)[0]
    values = network.values(torch.tensor(x, dtype=torch.float64))
    explainer, count = Explainer(model), explainer_info(model).attention_count
    attentions = sum(isinstance(op.params, schema.Attention) for op in source.graph.ops)
    assert count == len(softmaxes) + attentions
    found = [explainer.window(x, method=Method.ATTENTION, attention=i) for i in range(count)]
    for softmax in softmaxes:
        wanted = values[softmax].numpy()
        assert any(
            f.values.shape == wanted.shape and np.abs(f.values - wanted).max() < 1e-5 for f in found
        )
    for f in found:
        sums = f.values.sum(1) if f.values.shape[1] > 1 else f.values.sum(0)
        np.testing.assert_allclose(sums, 1, atol=1e-5)
    error, complaint = (
        (libhar.HarError, r"options\.attention")
        if count
        else (ValueError, "method is ATTENTION, the network has no softmax inside")
    )
    with pytest.raises(error, match=complaint):
        explainer.window(x, method=Method.ATTENTION, attention=count)


@pytest.mark.parametrize("name", ["opportunity_resnet", "hapt_gru", "uci_har_student_int8"])
def test_occlusion_is_what_the_score_loses(name: str) -> None:
    path = ROOT / "models" / f"{name}.har"
    source, network = torch_of(path)
    model = libhar.Model(path)
    info, x = explainer_info(model), windows_of(source)[0].astype(np.float64)
    rows, columns = x.shape
    parts = 3
    budget = info.forward_macs * (1 + parts * columns) + info.forward_macs - 1
    found = Explainer(model).window(x, method=Method.OCCLUSION, macs=budget)
    assert found.macs == info.forward_macs * (1 + parts * columns) <= budget
    i = found.class_index
    whole = float(network.logits(torch.tensor(x))[i])
    for c in range(columns):
        for part in range(parts):
            a, b = part * rows // parts, (part + 1) * rows // parts
            without = x.copy()
            without[a:b, c] = x[:, c].mean()
            lost = whole - float(network.logits(torch.tensor(without))[i])
            np.testing.assert_allclose(found.values[a:b, c], lost / (b - a), atol=2e-5)
    with pytest.raises(libhar.HarError, match=r"options\.macs"):
        Explainer(model).window(x, method=Method.OCCLUSION, macs=info.forward_macs)


def test_wrong_options_are_told() -> None:
    model = libhar.Model(ROOT / "tests/golden/tiny_f32.har")
    explainer = Explainer(model)
    x = windows_of(torch_of(ROOT / "tests/golden/tiny_f32.har")[0])[0]
    with pytest.raises(ValueError, match="must be one of"):
        explainer.window(x, label="nobody")
    with pytest.raises(libhar.HarError, match=r"options\.class_index"):
        explainer.window(x, label=99)
    for option, complaint in (
        ({"label": -1}, "label is -1, must be at least 0"),
        ({"label": 2**32}, "label is 4294967296, must be at most 2147483647"),
        ({"label": 0.5}, "label is 0.5, must be a whole number"),
        ({"macs": -1, "method": Method.OCCLUSION}, "macs is -1, must be at least 0"),
        ({"attention": -1}, "attention is -1, must be at least 0"),
    ):
        with pytest.raises(ValueError, match=complaint):
            explainer.window(x, **option)
    free = explainer.window(x, method=Method.OCCLUSION, macs=None)
    np.testing.assert_array_equal(free.values, explainer.window(x, method=Method.OCCLUSION).values)
    with pytest.raises(libhar.HarError, match="rows"):
        explainer.window(x[1:])


def test_what_is_closed_says_so() -> None:
    model = libhar.Model(ROOT / "tests/golden/tiny_f32.har")
    x = np.zeros((model.info.window, model.info.signal_channel_count), np.float32)
    explainer, stream = Explainer(model), libhar.Stream(model)
    with libhar.Stream(model) as closed:
        pass
    with pytest.raises(ValueError, match="the stream is closed"):
        explainer.stream(closed)
    explainer.close()
    explainer.close()
    for use in (lambda: explainer.window(x), lambda: explainer.stream(stream)):
        with pytest.raises(ValueError, match="the explainer is closed"):
            use()
