"""Files that break one rule each: their status, the field that is named, and what still opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import flat, schema

Change = Callable[[schema.Model], None]


def op_of(model: schema.Model, name: str) -> schema.Op:
    assert model.graph is not None
    return next(op for op in model.graph.ops if op.name == name)


def weight_of(model: schema.Model, op: str) -> schema.Tensor:
    assert model.graph is not None
    return model.graph.tensors[int(op_of(model, op).inputs[1])]


def set_weight(value: int) -> Change:
    def change(model: schema.Model) -> None:
        data = model.buffers[weight_of(model, "conv1").buffer].data
        data[3] = np.int8(value).view(np.uint8)

    return change


def sections(**values: float) -> Change:
    def change(model: schema.Model) -> None:
        params = model.signal.steps[1].params
        assert isinstance(params, schema.Filter)
        for name, value in values.items():
            setattr(params.sections[0], name, value)

    return change


def measured(**values: float) -> Change:
    def change(model: schema.Model) -> None:
        assert model.card is not None
        model.card.measurements = [
            schema.Measurement("accuracy", "nobody", 0.5),
            schema.Measurement("macro_f1", "nobody", **{"value": 0.5, **values}),
        ]

    return change


def graph(change: Callable[[schema.Graph], object]) -> Change:
    def apply(model: schema.Model) -> None:
        assert model.graph is not None
        change(model.graph)

    return apply


def params(op: str, **values: object) -> Change:
    def change(model: schema.Model) -> None:
        for name, value in values.items():
            setattr(op_of(model, op).params, name, value)

    return change


def put(path: str, value: object) -> Change:
    """Sets model.<path> to a value."""

    def change(model: schema.Model) -> None:
        *parents, last = path.split(".")
        target: object = model
        for name in parents:
            target = getattr(target, name)
        setattr(target, last, value)

    return change


def shape(op: str, *dims: int) -> Change:
    def change(model: schema.Model) -> None:
        assert model.graph is not None
        model.graph.tensors[int(op_of(model, op).outputs[0])].shape = np.array(dims, "<i4")

    return change


def largest_bias(model: schema.Model) -> None:
    assert model.graph is not None
    bias = model.graph.tensors[int(op_of(model, "conv1").inputs[2])]
    model.buffers[bias.buffer].data.view("<i4")[2] = 2**31 - 1


def not_finite(model: schema.Model) -> None:
    model.buffers[weight_of(model, "dense").buffer].data.view("<f4")[5] = np.nan


def inputs(op: str, position: int, tensor: int) -> Change:
    def change(model: schema.Model) -> None:
        op_of(model, op).inputs[position] = tensor

    return change


MEANING = "HAR_ERR_FILE_MEANING"
CASES: list[tuple[str, str, Change, str, str]] = [
    (
        "tiny_f32",
        "major 2",
        put("format_version.major", 2),
        "HAR_ERR_FILE_VERSION",
        "format_version.major",
    ),
    (
        "tiny_f32",
        "feature",
        put("required_features", ["warp"]),
        "HAR_ERR_FILE_FEATURE",
        "required_features[0]",
    ),
    ("tiny_f32", "rate 0", put("signal.rate_hz", 0.0), MEANING, "signal.rate_hz"),
    ("tiny_f32", "rate NaN", put("signal.rate_hz", float("nan")), MEANING, "signal.rate_hz"),
    ("tiny_f32", "window 0", put("signal.window", 0), MEANING, "signal.window"),
    ("tiny_f32", "hop 0", put("signal.hop", 0), MEANING, "signal.hop"),
    ("tiny_f32", "hop > window", put("signal.hop", 33), MEANING, "signal.hop"),
    ("tiny_f32", "no channels", put("signal.channels", []), MEANING, "signal.channels count"),
    ("tiny_f32", "other window", put("signal.window", 31), MEANING, "graph.input rows"),
    ("tiny_f32", "unstable", sections(a2=1.5), MEANING, "signal.steps[1].sections[0]"),
    ("tiny_f32", "b0 infinite", sections(b0=float("inf")), MEANING, "signal.steps[1].sections[0]"),
    ("tiny_f32", "labels", put("labels", ["one"]), MEANING, "graph.output elements"),
    ("tiny_f32", "no labels", put("labels", []), MEANING, "labels count"),
    ("tiny_f32", "temperature", put("decision.temperature", -1.0), MEANING, "decision.temperature"),
    ("tiny_f32", "smoothing", put("decision.smoothing", 1.0), MEANING, "decision.smoothing"),
    ("tiny_f32", "abstain", put("decision.abstain_below", 1.5), MEANING, "decision.abstain_below"),
    ("tiny_f32", "figure", measured(value=float("nan")), MEANING, "card.measurements[1].value"),
    ("tiny_f32", "ends", measured(low=0.6, high=0.4), MEANING, "card.measurements[1].low"),
    ("tiny_f32", "end", measured(high=float("inf")), MEANING, "card.measurements[1].low"),
    ("tiny_f32", "majority", put("decision.majority", 4), MEANING, "decision.majority"),
    ("tiny_f32", "votes", put("decision.majority", 65), MEANING, "decision.majority"),
    ("tiny_f32", "enter", put("decision.enter_above", 1.5), MEANING, "decision.enter_above"),
    ("tiny_f32", "exit", put("decision.exit_below", 0.25), MEANING, "decision.exit_below"),
    (
        "tiny_f32",
        "duration",
        put("decision.min_duration_ms", 3_600_001),
        MEANING,
        "decision.min_duration",
    ),
    (
        "tiny_f32",
        "gate columns",
        put("gate.tolerance", np.ones(5, "<f4")),
        MEANING,
        "gate.tolerance count",
    ),
    (
        "tiny_f32",
        "still below 0",
        put("gate.still_below", np.array([1, 1, -1, 1, 1, 1], "<f4")),
        MEANING,
        "gate.still_below[2]",
    ),
    (
        "tiny_f32",
        "tolerance NaN",
        put("gate.tolerance", np.array([1, np.nan, 1, 1, 1, 1], "<f4")),
        MEANING,
        "gate.tolerance[1]",
    ),
    ("tiny_f32", "skips none", put("gate.most_skipped", 0), MEANING, "gate.most_skipped"),
    ("tiny_f32", "confident", put("gate.confident", 1.5), MEANING, "gate.confident"),
    ("tiny_f32", "no ops", graph(lambda g: g.ops.clear()), MEANING, "graph.ops count"),
    ("tiny_f32", "input", graph(lambda g: setattr(g, "input", 999)), MEANING, "graph.input"),
    ("tiny_f32", "output", graph(lambda g: setattr(g, "output", -1)), MEANING, "graph.output"),
    ("tiny_f32", "index", inputs("conv2", 0, 500), MEANING, "graph.ops[5].inputs[0]"),
    ("tiny_f32", "order", graph(lambda g: g.ops.reverse()), MEANING, "graph.ops[0].inputs[0]"),
    (
        "tiny_f32",
        "twice",
        graph(lambda g: g.ops.insert(1, g.ops[0])),
        MEANING,
        "graph.ops[1].outputs[0]",
    ),
    ("tiny_f32", "rows", shape("conv1", 31, 8), MEANING, "graph.ops[1] (conv1d) output rows"),
    ("tiny_f32", "columns", shape("dense", 1, 5), MEANING, "graph.output elements"),
    ("tiny_f32", "zero rows", shape("conv1", 0, 8), MEANING, "graph.tensors"),
    ("tiny_f32", "stride 0", params("conv1", stride=0), MEANING, "graph.ops[1].stride"),
    ("tiny_f32", "groups", params("conv1", groups=5), MEANING, "graph.ops[1].groups"),
    ("tiny_f32", "padding", params("conv3", pad_left=9), MEANING, "graph.ops[9] padding"),
    ("tiny_f32", "axis", params("concat", axis=2), MEANING, "graph.ops[12].axis"),
    ("tiny_f32", "kernel", params("pool1", kernel=33), MEANING, "graph.ops[4] kernel extent"),
    ("tiny_f32", "NaN weight", not_finite, MEANING, "graph.tensors"),
    (
        "tiny_f32",
        "short",
        lambda m: setattr(m.buffers[2], "data", m.buffers[2].data[:-4]),
        MEANING,
        "buffers[",
    ),
    (
        "tiny_f32",
        "golden",
        lambda m: setattr(m.golden[1], "scores", m.golden[1].scores[:-1]),
        MEANING,
        "golden[1].scores count",
    ),
    (
        "tiny_f32",
        "raw",
        lambda m: setattr(m.golden[0], "raw", m.golden[0].raw[:7]),
        MEANING,
        "golden[0].raw count",
    ),
    (
        "tiny_int8",
        "weight 64",
        set_weight(64),
        MEANING,
        "graph.ops[2] weight magnitude of output 0",
    ),
    (
        "tiny_int8",
        "weight -128",
        set_weight(-128),
        MEANING,
        "graph.ops[2] weight magnitude of output 0",
    ),
    (
        "tiny_int8",
        "overflow",
        largest_bias,
        MEANING,
        "graph.ops[2] largest accumulator of output 2",
    ),
    (
        "tiny_int8",
        "scale 0",
        lambda m: weight_of(m, "conv1").quantization.scales.__setitem__(0, 0),
        MEANING,
        "graph.tensors",
    ),  # type: ignore[union-attr]
    (
        "tiny_int8",
        "no scale",
        lambda m: setattr(weight_of(m, "conv1"), "quantization", None),
        MEANING,
        "graph.tensors",
    ),
]


@pytest.mark.parametrize(
    ("name", "change", "status", "field"),
    [(name, change, status, field) for name, _, change, status, field in CASES],
    ids=[title for _, title, *_ in CASES],
)
def test_a_broken_rule_is_told(
    root: Path, name: str, change: Change, status: str, field: str
) -> None:
    model = flat.load(root / f"tests/golden/{name}.har")
    change(model)
    with pytest.raises(libhar.HarError) as caught:
        libhar.Model(flat.encode(model))
    assert caught.value.name == status
    assert caught.value.field.startswith(field), caught.value.text
    assert (
        "must" in caught.value.text or " is " in caught.value.text or " has " in caught.value.text
    )


def test_a_newer_minor_opens(root: Path) -> None:
    model = flat.load(root / "tests/golden/tiny_f32.har")
    model.format_version = schema.Version(1, 7)
    opened = libhar.Model(flat.encode(model))
    assert (opened.info.format_major, opened.info.format_minor) == (1, 7)


def test_the_error_says_which_version_is_needed(root: Path) -> None:
    model = flat.load(root / "tests/golden/tiny_f32.har")
    model.format_version = schema.Version(3, 1)
    with pytest.raises(libhar.HarError, match=r"needs a libhar that reads format 3\.1"):
        libhar.Model(flat.encode(model))


def test_a_flipped_bit_is_told(root: Path) -> None:
    path = root / "tests/golden/tiny_f32.har"
    data = bytearray(path.read_bytes())
    weights = next(b.data.tobytes() for b in flat.load(path).buffers if len(b.data) > 500)
    data[data.find(weights) + 77] ^= 1
    with pytest.raises(libhar.HarError) as caught:
        libhar.Model(bytes(data))
    assert caught.value.name == "HAR_ERR_FILE_CHECKSUM"
    assert caught.value.byte is not None


def test_a_file_that_flatc_wrote_opens_once_it_is_sealed(root: Path, tmp_path: Path) -> None:
    import subprocess

    fbs = str(root / "lib/model/har_model.fbs")
    source = root / "tests/golden/tiny_int8.har"
    options = ["--json", "--strict-json", "--raw-binary", "-o", str(tmp_path), fbs, "--"]
    subprocess.run(["flatc", *options, str(source)], check=True)
    path = tmp_path / "tiny_int8.json"
    subprocess.run(["flatc", "-b", "-o", str(tmp_path), fbs, str(path)], check=True)
    written = tmp_path / "tiny_int8.har"
    with pytest.raises(libhar.HarError):
        libhar.Model(written)
    flat.save(flat.load(written), written)
    assert libhar.Model(written).info.class_count == 4
