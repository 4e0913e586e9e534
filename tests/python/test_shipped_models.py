"""The models in models/: against what trained them, their cards and the recordings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import libhar
import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from libhar import datasets, flat, schema
from libhar.calibrate import undecided
from libhar.convert import convert
from libhar.evaluate import evaluate
from libhar.golden import window_times_ns
from libhar.reference import Decider, Network, probabilities
from onnx import numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.uci_har_cnn.network import UciHarCnn

FP32, INT8 = "uci_har_cnn", "uci_har_cnn_int8"
TEST_EXPERIMENT = 3  # of person 2, a test person


@pytest.fixture(scope="module")
def test_windows(data_dir: Path) -> datasets.Windows:
    return datasets.uci_har(data_dir, "test")


def scores_of(path: Path, windows: np.ndarray) -> np.ndarray:
    stream = libhar.Stream(libhar.Model(path))
    return np.stack([stream.classify(w).scores for w in windows])


def models(root: Path) -> list[Path]:
    return sorted((root / "models").glob("*.har"))


def test_there_are_models(root: Path) -> None:
    assert {path.stem for path in models(root)} >= {FP32, INT8}


def test_golden_vectors_pass(root: Path) -> None:
    for path in models(root):
        report = libhar.Model(path).selftest()
        least = 1 if "student" in path.stem else 3  # 32 KB hold no three
        assert report.passed and report.checked >= least, path
        if path.stem.endswith("int8"):
            assert (report.worst_network, report.worst_scores) == (0, 0)


def test_probabilities_are_pytorchs(root: Path, test_windows: datasets.Windows) -> None:
    """Within 1e-5 of PyTorch on every test window, with the weights that training left."""
    stored = onnx.load(str(root / "training/uci_har_cnn/uci_har_cnn.onnx")).graph.initializer
    weights = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in stored}
    network = UciHarCnn().eval()
    missing, unexpected = network.load_state_dict(weights, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing)
    signal = torch.from_numpy(test_windows.signal).transpose(1, 2)
    with torch.no_grad():
        wanted = torch.softmax(network(signal).double(), 1).numpy()
    found, _ = undecided(flat.load(root / f"models/{FP32}.har")).classify(test_windows.signal)
    assert len(found) == 2947
    assert np.abs(found - wanted).max() <= 1e-5


def test_the_file_is_what_conversion_gives(root: Path) -> None:
    recipe = root / "training/uci_har_cnn"
    made = convert(recipe / "spec.toml", recipe / "uci_har_cnn.onnx")
    shipped = flat.load(root / f"models/{FP32}.har")
    for part in ("signal", "graph", "buffers", "labels", "decision", "gate"):
        setattr(shipped, part, getattr(made, part))
    assert flat.encode(shipped) == (root / f"models/{FP32}.har").read_bytes()


def test_int8_has_the_contracts_bits(root: Path, test_windows: datasets.Windows) -> None:
    path = root / f"models/{INT8}.har"
    source = flat.load(path)
    assert source.graph is not None
    network = Network(source.graph, source.buffers)
    parts = np.array_split(test_windows.signal, 12)
    output = np.concatenate([network.run(part) for part in parts])
    wanted = probabilities(source.decision, output)
    assert scores_of(path, test_windows.signal).tobytes() == wanted.astype("<f4").tobytes()


def test_cards_say_what_the_library_counts(root: Path, test_windows: datasets.Windows) -> None:
    accuracy = {}
    for name in (FP32, INT8):
        model = libhar.Model(root / f"models/{name}.har")
        result = evaluate(model, test_windows)
        card = {m.metric: m.value for m in model.measurements}
        assert card["accuracy"] == result.accuracy
        assert card["macro_f1"] == result.macro_f1
        accuracy[name] = (result.accuracy, card["accuracy, mean of seeds 0 1 2"])
    assert accuracy[FP32][1] >= 0.970
    assert accuracy[INT8][1] >= accuracy[FP32][1] - 0.003
    assert accuracy[INT8][0] >= accuracy[FP32][0] - 0.003


def test_quantization_holds_the_contract(root: Path) -> None:
    source = flat.load(root / f"models/{INT8}.har")
    assert source.graph is not None
    types = {t.name: t for t in source.graph.tensors}
    weights = [t for t in types.values() if t.dtype is schema.DType.I8]
    assert len(weights) == 5
    for tensor in weights:
        codes = source.buffers[tensor.buffer].data.view(np.int8).astype(int)
        assert np.abs(codes).max() == 63
        assert tensor.quantization is not None
        assert len(tensor.quantization.scales) == tensor.shape[0]
    assert (root / f"models/{INT8}.har").stat().st_size < 600_000


@pytest.mark.parametrize("name", [FP32, INT8])
def test_har_run_gives_the_labels_of_the_windows(
    name: str, root: Path, data_dir: Path, tmp_path: Path
) -> None:
    """A raw recording of a test person through `har run`, whole and in chunks, against the
    windows cut from the preprocessed recording."""
    path = root / f"models/{name}.har"
    raw = datasets.hapt_recordings(data_dir)[TEST_EXPERIMENT][:6000]
    header = "acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z"
    csv = tmp_path / "recording.csv"
    np.savetxt(csv, raw, fmt="%.9g", delimiter=",", header=header, comments="")
    printed = {
        chunk: subprocess.run(
            [root / "build/release/har", "run", path, csv, "--json", "--chunk", str(chunk)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for chunk in (1, 77, 100_000)
    }
    assert len(set(printed.values())) == 1
    events = [json.loads(line) for line in printed[1].splitlines()]
    model = libhar.Model(path)
    signal, hop, window = model.preprocess(raw), model.info.hop, model.info.window
    starts = range(0, len(raw) - window + 1, hop)
    source = flat.load(path)
    stream = libhar.Stream(model)
    alone = np.stack([stream.classify(signal[s : s + window]).scores for s in starts])
    decider, times = (
        Decider(source.decision or schema.Decision()),
        window_times_ns(source.signal, starts),
    )
    wanted = [decider.step(p, int(a), int(b)) for p, (a, b) in zip(alone, times, strict=True)]
    assert [e["class"] for e in events] == [d.class_index for d in wanted]
    found_scores = np.array([e["scores"] for e in events], np.float32)
    assert found_scores.tobytes() == np.array([d.scores for d in wanted]).tobytes()
    assert [e["t_start_ns"] for e in events] == [s * 20_000_000 for s in starts]


@settings(max_examples=8)
@given(cuts=st.lists(st.integers(1, 700), min_size=1, max_size=6), queue=st.integers(1, 300))
def test_real_labels_do_not_depend_on_the_cut(
    root: Path, data_dir: Path, cuts: list[int], queue: int
) -> None:
    raw = datasets.hapt_recordings(data_dir)[TEST_EXPERIMENT][8000:9500]
    model = libhar.Model(root / f"models/{INT8}.har")
    whole = [(e.first_sample, e.scores.tobytes()) for e in libhar.Stream(model).run(raw)]
    stream = libhar.Stream(model, queue=queue)
    found = []
    at = turn = 0
    while at < len(raw):
        piece = raw[at : at + cuts[turn % len(cuts)]]
        found += [(e.first_sample, e.scores.tobytes()) for e in stream.feed(piece)]
        at, turn = at + len(piece), turn + 1
    found += [(e.first_sample, e.scores.tobytes()) for e in stream.run(raw[:0])]
    assert found == whole
