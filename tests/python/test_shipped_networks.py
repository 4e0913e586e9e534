"""Every network in models/ on every test window: against PyTorch and ONNX Runtime, the
numeric contract, its card and the record of its seeds. (The bits of the CNN are in
test_shipped_models, which runs with each instruction set.)"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import libhar
import numpy as np
import onnxruntime
import pytest
from libhar import flat
from libhar.calibrate import undecided
from libhar.convert import convert
from libhar.convert.spec import load_spec
from libhar.datasets import Windows
from libhar.evaluate import evaluate, labelled_windows
from libhar.reference import Network, probabilities
from scipy.special import softmax

from training.results.frameworks import with_pytorch
from training.results.measure import file_of

ROOT = Path(__file__).resolve().parents[2]
SPECS = {load_spec(path).name: path for path in (ROOT / "training").glob("*/*.toml")}
RECORDS = {
    path.stem: json.loads(path.read_text())
    for path in sorted((ROOT / "docs/results").glob("*.json"))
    if path.stem in SPECS
}
ALLOWED = {"fp32": 1, "int8": 0}
"""Windows: FP32 sums may be taken in another order than where they were recorded."""

INSTRUCTION_SETS = (1, 1 | 2, 1 | 4, 1 << 30)
"""HAR_CPU_* of har/cpu.h: AVX2, with AVX-VNNI, with AVX-512; plain C, which Arm takes for all."""
ALL_SETS = 2**32 - 1

names = pytest.mark.parametrize("name", RECORDS)


@lru_cache(maxsize=1)
def windows_of(name: str, folder: Path) -> Windows:
    model = libhar.Model(file_of(ROOT, name, "fp32"))
    return labelled_windows(model, RECORDS[name]["data"], folder, "test")


def test_every_model_has_a_record() -> None:
    models = {path.stem.removesuffix("_int8") for path in (ROOT / "models").glob("*.har")}
    assert models == set(RECORDS)


@names
def test_the_file_is_what_conversion_gives(name: str) -> None:
    path = file_of(ROOT, name, "fp32")
    made = convert(SPECS[name], SPECS[name].with_name(f"{name}.onnx"))
    shipped = flat.load(path)
    made.signal.contracts = shipped.signal.contracts  # of recordings, by `libhar contract`
    for part in ("signal", "graph", "buffers", "labels", "decision", "gate"):
        setattr(shipped, part, getattr(made, part))
    assert flat.encode(shipped) == path.read_bytes()


@names
def test_probabilities_are_onnx_runtimes(name: str, data_dir: Path) -> None:
    windows = windows_of(name, data_dir)
    session = onnxruntime.InferenceSession(str(SPECS[name].with_name(f"{name}.onnx")))
    x = session.get_inputs()[0].name
    signal = windows.signal.transpose(0, 2, 1)
    logits = [session.run(None, {x: one[None]})[0][0] for one in signal]
    wanted = softmax(np.array(logits, np.float64), axis=1)
    source = flat.load(file_of(ROOT, name, "fp32"))
    for allowed in (ALL_SETS, *INSTRUCTION_SETS):
        found, _ = undecided(source, cpu_allowed=allowed).classify(windows.signal)
        assert np.abs(found - wanted).max() <= 1e-5, f"with {allowed:#x}"


@names
def test_probabilities_are_pytorchs(name: str, data_dir: Path) -> None:
    """PyTorch's own layers, with the weights that training left."""
    windows = windows_of(name, data_dir)
    found = with_pytorch(name, undecided(flat.load(file_of(ROOT, name, "fp32"))), windows)
    assert found.windows == len(windows.labels) and found.largest <= 1e-5


@pytest.mark.parametrize("name", [name for name in RECORDS if name != "uci_har_cnn"])
def test_int8_has_the_contracts_bits(name: str, data_dir: Path) -> None:
    source = flat.load(file_of(ROOT, name, "int8"))
    assert source.graph is not None
    network = Network(source.graph, source.buffers)
    parts = np.array_split(windows_of(name, data_dir).signal, 12)
    output = np.concatenate([network.run(part) for part in parts])
    wanted = probabilities(source.decision, output)
    model = libhar.Model(file_of(ROOT, name, "int8"))
    found, _ = model.classify(windows_of(name, data_dir).signal)
    assert found.tobytes() == wanted.astype("<f4").tobytes()


@names
def test_every_instruction_set_gives_the_same(name: str, data_dir: Path) -> None:
    signal = windows_of(name, data_dir).signal
    int8, _ = libhar.Model(file_of(ROOT, name, "int8")).classify(signal)
    fp32, _ = libhar.Model(file_of(ROOT, name, "fp32")).classify(signal)
    for allowed in INSTRUCTION_SETS:
        other, _ = libhar.Model(file_of(ROOT, name, "int8"), cpu_allowed=allowed).classify(signal)
        assert other.tobytes() == int8.tobytes(), f"INT8 with {allowed:#x}"
        other, _ = libhar.Model(file_of(ROOT, name, "fp32"), cpu_allowed=allowed).classify(signal)
        assert np.abs(other - fp32).max() <= 1e-5, f"FP32 with {allowed:#x}"


@names
@pytest.mark.parametrize("kind", ALLOWED)
def test_card_and_record_say_what_the_library_counts(name: str, kind: str, data_dir: Path) -> None:
    windows, record = windows_of(name, data_dir), RECORDS[name]
    model = libhar.Model(file_of(ROOT, name, kind))
    result = evaluate(model, windows)
    card = {m.metric: m.value for m in model.measurements}
    assert abs(result.correct - record[kind][0]["correct"]) <= ALLOWED[kind]
    assert card["accuracy"] == record[kind][0]["accuracy"]
    assert card["macro_f1"] == record[kind][0]["macro_f1"]
    mean = np.mean([figure["accuracy"] for figure in record[kind]])
    assert card["accuracy, mean of seeds 0 1 2"] == pytest.approx(mean)


@names
def test_int8_costs_at_most_three_tenths_of_a_point(name: str) -> None:
    means = RECORDS[name]["mean_accuracy"]
    assert means["int8"] >= means["fp32"] - 0.003
