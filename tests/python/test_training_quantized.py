"""Quantization-aware training: what it computes is the integer network, and what it trains."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import flat, schema
from libhar.convert.onnx_graph import import_onnx
from libhar.datasets import Windows
from libhar.quantize import Calibrated, calibration
from libhar.reference import Network
from makers import noise, with_network
from networks import torch_network
from test_convert import export
from test_convert_patterns import COLUMNS, WINDOW, networks

from training.common import integers
from training.common.augment import NONE
from training.common.fit import Schedule
from training.common.graph_network import GraphNetwork, as_integers, as_trained
from training.common.integers import QUANTIZED, TUNED, Gate
from training.common.tune import Tuning, tuned
from training.wisdm_rabkd.network import STUDENT_WIDTHS, WatchNet

RECURRENT = ["by the last state"]
FEED_FORWARD = [name for name in networks() if name not in RECURRENT]
TUNING = Tuning((), NONE, Schedule(2, 8, 1e-2, 0.0, 0.9))


def samples(count: int, rows: int = WINDOW, columns: int = COLUMNS) -> np.ndarray:
    return np.stack([noise(np.random.default_rng(i), rows, columns) for i in range(count)])


def calibrated(network: torch.nn.Module, folder: Path, rows: int, columns: int) -> Calibrated:
    export(network.eval(), folder / "net.onnx", False, (1, columns, rows))
    model = with_network(*import_onnx(folder / "net.onnx", rows, columns))
    return calibration(model, samples(24, rows, columns))


def outputs(network: GraphNetwork, windows: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(network.eval()(torch.from_numpy(windows).transpose(1, 2)))


def check_both_graphs(found: Calibrated, windows: np.ndarray) -> None:
    """FP32 to rounding. In integers a value halfway between two codes may go either way, which the
    rest of the network passes on, so all but a few outputs are equal and those are near."""
    exact = found.network.run(windows)
    size = max(1.0, float(np.abs(exact).max()))
    assert np.abs(outputs(as_trained(found), windows) - exact).max() < 1e-5 * size
    wanted = found.integer().run(windows)
    difference = np.abs(outputs(as_integers(found), windows) - wanted)
    lost = np.abs(wanted - exact)
    assert np.median(difference) <= 1e-5 * size
    assert difference.mean() <= 0.25 * lost.mean() + 1e-5 * size


@pytest.mark.parametrize("name", FEED_FORWARD)
def test_patterns_of_the_importer_compute_what_the_reference_does(
    name: str, tmp_path: Path
) -> None:
    network, _ = networks()[name]
    check_both_graphs(calibrated(network, tmp_path, WINDOW, COLUMNS), samples(32))


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_random_networks_compute_what_the_reference_does(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    network = torch_network(np.random.default_rng(seed), 24, 3)
    folder = tmp_path_factory.mktemp("random")
    check_both_graphs(calibrated(network, folder, 24, 3), samples(32, 24, 3))


@pytest.mark.parametrize("name", ["uci_har_cnn", "uci_har_student", "opportunity_resnet"])
def test_networks_that_ship_compute_what_the_reference_does(name: str, root: Path) -> None:
    model = flat.load(root / f"models/{name}.har")
    rows, columns = (int(n) for n in model.graph.tensors[model.graph.input].shape)
    check_both_graphs(calibration(model, samples(24, rows, columns)), samples(8, rows, columns))


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    """The student with attention on 32 samples, untrained."""
    torch.manual_seed(7)
    network = WatchNet(STUDENT_WIDTHS, attention=True).eval()
    for norm in network.norms:
        torch.nn.init.uniform_(norm.running_var, 0.01, 0.3)
    return calibrated(network, tmp_path_factory.mktemp("watch"), 32, 6)


def test_attention_gates_compute_what_the_reference_does(watch: Calibrated) -> None:
    check_both_graphs(watch, samples(64, 32, 6))


def test_what_is_not_known_is_refused_by_name(tmp_path: Path) -> None:
    found = calibrated(networks()[RECURRENT[0]][0], tmp_path, WINDOW, COLUMNS)
    (layer,) = [op for op in found.network.graph.ops if isinstance(op.params, schema.Recurrent)]
    with pytest.raises(ValueError, match=f"layer '{layer.name}' is a Recurrent; known are"):
        as_integers(found)


def test_all_weights_behind_the_first_codes_get_a_gradient(watch: Calibrated) -> None:
    network = as_integers(watch)
    network(torch.from_numpy(samples(16, 32, 6)).transpose(1, 2)).square().sum().backward()
    early = {int(t) for t in watch.network.graph.ops[0].inputs[1:]}
    assert {int(t) for t, p in network.values.items() if not p.requires_grad} == early
    for tensor, parameter in network.values.items():
        assert int(tensor) in early or bool(parameter.grad.abs().max() > 0), tensor
    assert set(network.constants()) == {int(t) for t in network.values} - early


def test_the_gradient_is_that_of_the_real_network(tmp_path: Path) -> None:
    """Straight through the roundings: nearly what the FP32 network's own gradient is."""
    torch.manual_seed(3)
    network = torch.nn.Sequential(
        torch.nn.Conv1d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(176, 4)
    )
    found = calibrated(network, tmp_path, 24, 3)
    x = torch.from_numpy(samples(24, 24, 3)).transpose(1, 2)
    rounded = as_integers(found)
    for trained in (network.train(), rounded):
        trained(x).square().mean().backward()
    wanted = network[0].weight.grad.permute(0, 2, 1).flatten()
    convolution = found.network.graph.ops[0]
    got = rounded.values[str(convolution.inputs[1])].grad.flatten()
    cosine = torch.nn.functional.cosine_similarity(wanted, got, dim=0)
    assert float(cosine) > 0.99


def labelled(found: Calibrated, count: int, person: int) -> Windows:
    """Windows whose labels are the FP32 network's."""
    signal = samples(count, 32, 6)
    names = tuple(found.model.labels)
    labels = found.network.run(signal).argmax(axis=1)
    return Windows(signal, labels, np.full(count, person), names)


def coarse(found: Calibrated) -> Calibrated:
    """With ranges so wide that few codes are left to say anything."""
    codes = {t: replace(c, scale=c.scale * np.float32(12)) for t, c in found.codes.items()}
    return replace(found, codes=codes)


def error(found: Calibrated, windows: np.ndarray) -> float:
    wanted = found.original.run(windows)
    return float(np.square(found.integer().run(windows) - wanted).mean())


def test_tuning_brings_the_integer_network_nearer(watch: Calibrated, tmp_path: Path) -> None:
    rough = coarse(watch)
    windows = labelled(watch, 96, 1)
    tuning = replace(TUNING, schedule=Schedule(12, 16, 3e-3, 0.0, 0.9))
    better = tuned(rough, windows, tuning, 0, tmp_path)
    assert error(better, windows.signal) < 0.7 * error(rough, windows.signal)
    assert better.codes == rough.codes
    model, errors = better.quantized()
    assert model.name == "test_int8" and errors
    assert model.graph is not None
    written = Network(model.graph, model.buffers).run(windows.signal)
    assert np.array_equal(written, better.integer().run(windows.signal))
    again = tuned(rough, windows, tuning, 0, tmp_path)
    for tensor, value in better.network.constants.items():
        assert np.array_equal(value, again.network.constants[tensor]), "the checkpoint's weights"
    with pytest.raises(ValueError, match="crc32"):
        tuned(watch, windows, tuning, 0, tmp_path)


def gate_with(found: Calibrated, aim: float, limit: float) -> Gate:
    return Gate(aim, limit, labelled(found, 16, 1), labelled(found, 64, 2), TUNING)


def test_the_gate_decides_how_a_network_is_made(
    watch: Calibrated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, windows = [watch.model] * 2, watch.windows
    folders = [tmp_path / "0", tmp_path / "1"]

    def made(aim: float, *losses: list[float]) -> integers.Integers:
        if losses:
            following = iter(losses)
            monkeypatch.setattr(integers, "_drops", lambda *_: next(following))
        gate = gate_with(watch, aim, max(aim, 0.03))
        return integers.integers(models, windows, gate, (0, 1), folders)

    def weights(found: integers.Integers, seed: int) -> list[bytes]:
        return [buffer.data.tobytes() for buffer in found.models[seed][0].buffers]

    plain = made(0.99)
    assert plain.way == QUANTIZED and list(plain.drops) == [QUANTIZED]
    assert not folders[0].exists()
    better = made(0.015, [0.01, 0.03], [0.02, -0.01])
    assert better.way == TUNED and better.drops == {QUANTIZED: [0.01, 0.03], TUNED: [0.02, -0.01]}
    assert all((folder / "checkpoint.pt").exists() for folder in folders)
    assert weights(better, 0) != weights(plain, 0)
    assert weights(better, 0) != weights(better, 1), "each seed shuffles as itself"
    worse = made(0.015, [0.01, 0.03], [0.02, 0.03])
    assert worse.way == QUANTIZED and weights(worse, 0) == weights(plain, 0)
    message = f"drops by 0.0350 at best, by {TUNED}; must drop by at most 0.03"
    with pytest.raises(ValueError, match=message):
        made(0.015, [0.06, 0.03], [0.04, 0.03])


def test_the_drop_is_that_of_the_accuracy_counted(watch: Calibrated) -> None:
    gate = gate_with(watch, 0.0, 0.1)
    model, _ = watch.quantized()
    found = watch.integer().run(gate.checked_on.signal).argmax(axis=1)
    wrong = float(np.mean(found != gate.checked_on.labels))
    (drop,) = integers._drops(gate, [watch.model], [(model, [])])
    assert drop == pytest.approx(wrong)


def test_gates_that_say_nothing_are_refused(watch: Calibrated) -> None:
    with pytest.raises(ValueError, match=r"people \[1\] are tuned on and checked on"):
        Gate(0.1, 0.3, labelled(watch, 8, 1), labelled(watch, 8, 1), TUNING)
    with pytest.raises(ValueError, match=r"aim 0.3, limit 0.1: must be"):
        gate_with(watch, 0.3, 0.1)
