"""The quantizer on networks of the new ops: close to FP32, the gate, mixed precision."""

from __future__ import annotations

import json
from pathlib import Path

import libhar
import numpy as np
import pytest
import torch
from libhar import flat, schema
from libhar.convert.onnx_graph import import_onnx
from libhar.quantize import Accuracy, AccuracyDrop, quantize
from libhar.quantize.ranges import codes_of
from libhar.quantize.states import state_ranges
from libhar.reference import Network as Reference
from makers import noise, with_network
from test_command import libhar_command
from test_convert import export, scores_of
from test_convert_patterns import COLUMNS, WINDOW, networks

NAMES = [
    *("heads", "encoder", "additive, summed", "by the last state", "layer norm"),
    *("a gate over time", "batch norm before the convolution", "positions added"),
    *("positions learned", "scales learned", "scales and positions", "taken from positions"),
    *("one row at every position",),
]


def model_of(name: str, folder: Path) -> schema.Model:
    network, _ = networks()[name]
    export(network.eval(), folder / "net.onnx", False, (1, COLUMNS, WINDOW))
    return with_network(*import_onnx(folder / "net.onnx", WINDOW, COLUMNS))


def samples(count: int = 48) -> np.ndarray:
    return np.stack([noise(np.random.default_rng(i), WINDOW, COLUMNS) for i in range(count)])


def outputs(model: schema.Model, windows: np.ndarray) -> np.ndarray:
    assert model.graph is not None
    return Reference(model.graph, model.buffers).run(windows)


@pytest.mark.parametrize("name", NAMES)
def test_new_ops_run_in_integers_and_stay_close(name: str, tmp_path: Path) -> None:
    source = model_of(name, tmp_path)
    integer, errors = quantize(source, samples(), percentile=100)
    wanted, found = outputs(source, samples()), outputs(integer, samples())
    power = np.square(wanted - wanted.mean(axis=0)).mean()
    assert np.square(found - wanted).mean() < 0.02 * power
    assert integer.graph is not None
    floats = [
        type(op.params).__name__
        for op in integer.graph.ops
        if integer.graph.tensors[int(op.outputs[0])].dtype is schema.DType.F32
    ]
    assert set(floats) <= {"Softmax", "Dequantize", "Dense"}, floats
    assert floats.count("Dense") <= 1  # the last layer
    assert {e.dtype for e in errors} >= {"u8", "f32"}
    scores = scores_of(libhar.Model(flat.encode(integer)), samples(8))
    exact = torch.softmax(torch.from_numpy(found[:8]), 1).numpy()
    np.testing.assert_allclose(scores, exact, rtol=0, atol=1e-6)


def test_a_states_range_is_the_one_with_the_smallest_error(tmp_path: Path) -> None:
    source = model_of("by the last state", tmp_path)
    assert source.graph is not None
    network = Reference(source.graph, source.buffers)
    values = network.run_all(samples())
    ((tensor, (low, high)),) = state_ranges(network, values, 99.9).items()
    state = values[tensor]
    assert -1 <= low < state.mean() < high <= 1
    coarse = np.abs(state).max() < 0.5
    assert codes_of(low, high).scale < codes_of(-1, 1).scale or not coarse


def test_the_gate_refuses_and_names_what_hurts(tmp_path: Path) -> None:
    source = model_of("encoder", tmp_path)
    windows = samples()
    labels = outputs(source, windows).argmax(axis=1)
    with pytest.raises(AccuracyDrop, match="agreement with FP32 drops by") as caught:
        quantize(source, windows, 70, Accuracy(max_drop=0.0))
    names = [harm.layer for harm in caught.value.layers]
    assert names and all(name in str(caught.value) for name in names)
    assert caught.value.drop > 0
    left = [harm.left for harm in caught.value.layers]
    assert left == sorted(left) and left[0] < 1
    checked = Accuracy(max_drop=0.0, windows=windows, labels=labels)
    with pytest.raises(AccuracyDrop, match="accuracy drops by"):
        quantize(source, windows, 70, checked)
    quantize(source, windows, 70, Accuracy(max_drop=0.99))


def test_mixed_precision_meets_the_gate(tmp_path: Path) -> None:
    source = model_of("encoder", tmp_path)
    windows = samples()
    mixed, errors = quantize(source, windows, 95, Accuracy(max_drop=0.0, mixed=True))
    wanted, found = outputs(source, windows), outputs(mixed, windows)
    assert (found.argmax(axis=1) == wanted.argmax(axis=1)).all()
    layers = [e for e in errors if e.op in ("Dense", "Attention", "LayerNorm", "Add", "GlobalPool")]
    assert {e.dtype for e in layers} == {"u8", "f32"}
    few = scores_of(libhar.Model(flat.encode(mixed)), windows[:8])
    exact = torch.softmax(torch.from_numpy(found[:8]), 1).numpy()
    np.testing.assert_allclose(few, exact, rtol=0, atol=1e-6)


def test_named_layers_stay_in_floating_point(tmp_path: Path) -> None:
    source = model_of("by the last state", tmp_path)
    assert source.graph is not None
    (layer,) = [op for op in source.graph.ops if isinstance(op.params, schema.Recurrent)]
    mixed, _ = quantize(source, samples(), accuracy=Accuracy(keep=[layer.name]))
    assert mixed.graph is not None
    (kept,) = [op for op in mixed.graph.ops if op.name == layer.name]
    assert all(mixed.graph.tensors[int(t)].dtype is schema.DType.F32 for t in kept.inputs)
    with pytest.raises(ValueError, match=r"keep names \['nothing'\], the layers are"):
        quantize(source, samples(), accuracy=Accuracy(keep=["nothing"]))


def test_what_the_gate_cannot_use_is_refused(tmp_path: Path) -> None:
    source, windows = model_of("layer norm", tmp_path), samples(8)
    for accuracy, message in (
        (Accuracy(max_drop=1.5), "max_drop is 1.5"),
        (Accuracy(max_drop=0.1, windows=windows), "need labels"),
        (Accuracy(0.1, windows, np.zeros(3)), r"labels have shape \(3,\), must be \(8,\)"),
        (Accuracy(0.1, windows[:, 1:], np.zeros(8)), "windows have shape"),
    ):
        with pytest.raises(ValueError, match=message):
            quantize(source, windows, accuracy=accuracy)


def test_labels_that_are_no_classes_are_refused(tmp_path: Path) -> None:
    source, windows = model_of("encoder", tmp_path), samples()
    right = outputs(source, windows).argmax(axis=1)
    last = len(source.labels) - 1
    one_based = np.append(right[:-1], last) + 1
    names = np.array(source.labels)[right]
    for labels, message in (
        (one_based, rf"labels\[47\] is {last + 1}, must be 0 to {last}"),
        (right - 1, r"labels\[\d+\] is -1, must be 0 to"),
        (right.astype(np.float64), "labels are float64, must be integers"),
        (np.char.upper(names), r"labels\[0\] is 'CLASS\d', must be of class0, class1"),
    ):
        with pytest.raises(ValueError, match=message):
            quantize(source, windows, 70, Accuracy(0.0, windows, labels))
    for labels in (right, right.astype(np.uint8), names):
        with pytest.raises(AccuracyDrop, match="accuracy drops by"):
            quantize(source, windows, 70, Accuracy(0.0, windows, labels))


def test_the_gate_tells_both_accuracies(tmp_path: Path) -> None:
    source, windows = model_of("encoder", tmp_path), samples()
    labels = outputs(source, windows).argmax(axis=1)
    labels[:12] = (labels[:12] + 1) % len(source.labels)
    told: list[str] = []
    integer, _ = quantize(source, windows, 95, Accuracy(0.5, windows, labels, tell=told.append))
    share = np.mean(outputs(integer, windows).argmax(axis=1) == labels)
    wanted = f"FP32 0.7500, INT8 {share:.4f}, drop {0.75 - share:.4f}, at most 0.5"
    assert told == [f"accuracy on 48 windows: {wanted}"]


def test_the_command_writes_no_file_that_drops_more(tmp_path: Path) -> None:
    source = model_of("encoder", tmp_path)
    flat.save(source, tmp_path / "net.har")
    windows = samples()
    np.savez(tmp_path / "data.npz", windows=windows)
    labels = outputs(source, windows).argmax(axis=1)
    np.savez(tmp_path / "check.npz", windows=windows, labels=labels)
    output, report = tmp_path / "int8.har", tmp_path / "report.json"
    command = ["quantize", tmp_path / "net.har", "--data", tmp_path / "data.npz"]
    command += ["--percentile", 95, "-o", output, "--report", report]
    gate = ["--check", tmp_path / "check.npz", "--max-drop", 0]
    result = libhar_command(*command, *gate)
    assert result.returncode == 1 and "accuracy drops by" in result.stderr
    assert not output.exists() and not report.exists()
    assert libhar_command(*command, *gate, "--mixed").returncode == 0
    assert libhar.Model(output).info.numeric == 1
    assert {entry["dtype"] for entry in json.loads(report.read_text())} == {"u8", "f32", "i16"}
    result = libhar_command(*command, "--mixed")
    assert result.returncode == 1 and "need --max-drop" in result.stderr


def test_the_command_checks_labels_and_shows_both_accuracies(tmp_path: Path) -> None:
    source, windows = model_of("encoder", tmp_path), samples()
    flat.save(source, tmp_path / "net.har")
    check = tmp_path / "check.npz"
    right = outputs(source, windows).argmax(axis=1)
    command = ["quantize", tmp_path / "net.har", "--data", check, "--check", check]
    command += ["--max-drop", 0.5, "-o", tmp_path / "int8.har"]
    np.savez(check, windows=windows, labels=right + len(source.labels))
    result = libhar_command(*command)
    assert result.returncode == 1 and f"{check}: labels[" in result.stderr
    assert not (tmp_path / "int8.har").exists()
    np.savez(check, windows=windows, labels=np.array(source.labels)[right])
    result = libhar_command(*command)
    assert result.returncode == 0, result.stderr
    assert "accuracy on 48 windows: FP32 1.0000, INT8 " in result.stdout


def test_a_report_that_cannot_be_written_leaves_no_model(tmp_path: Path) -> None:
    flat.save(model_of("encoder", tmp_path), tmp_path / "net.har")
    np.savez(tmp_path / "data.npz", windows=samples())
    command = ["quantize", tmp_path / "net.har", "--data", tmp_path / "data.npz"]
    command += ["-o", tmp_path / "int8.har"]
    for place, said in (
        (tmp_path, "is a folder"),
        (tmp_path / "nowhere/report.json", "there is no folder"),
    ):
        result = libhar_command(*command, "--report", place)
        assert result.returncode == 1 and f"{place}" in result.stderr and said in result.stderr
        assert not (tmp_path / "int8.har").exists()


def test_a_report_is_json_where_a_layer_has_no_error(tmp_path: Path) -> None:
    """Constant zeros are exact in INT8: their signal to noise ratio is infinite."""
    flat.save(model_of("layer norm", tmp_path), tmp_path / "net.har")
    np.savez(tmp_path / "data.npz", windows=np.zeros((4, WINDOW, COLUMNS), np.float32))
    command = ["quantize", tmp_path / "net.har", "--data", tmp_path / "data.npz"]
    report = tmp_path / "report.json"
    result = libhar_command(*command, "--report", report, "-o", tmp_path / "int8.har")
    assert result.returncode == 0, result.stderr
    entries = json.loads(report.read_text(), parse_constant=pytest.fail)
    assert any(entry["sqnr_db"] is None for entry in entries)
