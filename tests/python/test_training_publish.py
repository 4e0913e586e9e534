"""Publication: from trained seeds to model files and figures, on made-up windows."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training recipes need PyTorch")
pytest.importorskip("onnxruntime", reason="the training recipes need ONNX Runtime")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import libhar
from libhar import flat
from libhar.convert import convert
from libhar.datasets import WISDM_LABELS, Windows
from libhar.quantize import quantize

from training.common import publish
from training.common.export import export_onnx
from training.common.integers import integers
from training.common.seeds import SEEDS, seed_folder
from training.wisdm_rabkd.network import CLASSES, STUDENT_WIDTHS, WINDOW, WatchNet

SPEC = Path(__file__).resolve().parents[2] / "training/wisdm_rabkd/wisdm_lm.toml"
rng = np.random.default_rng(6)


def windows(count: int) -> Windows:
    signal = rng.normal(size=(count, WINDOW, 6)).astype(np.float32)
    return Windows(signal, np.arange(count) % CLASSES, np.full(count, 1600), WISDM_LABELS)


def runs(folder: Path, seeds: tuple[int, ...]) -> dict[int, WatchNet]:
    networks = {}
    for seed in seeds:
        torch.manual_seed(seed)
        networks[seed] = WatchNet(STUDENT_WIDTHS, attention=False).eval()
        seed_folder(folder, seed).mkdir(parents=True)
        export_onnx(networks[seed], seed_folder(folder, seed) / "wisdm_lm.onnx", 6, WINDOW)
    return networks


def right(network: WatchNet, test: Windows) -> int:
    with torch.no_grad():
        found = network(torch.from_numpy(test.signal).transpose(1, 2)).argmax(1).numpy()
    return int((found == test.labels).sum())


def test_every_seed_is_counted_and_the_first_ships(tmp_path: Path) -> None:
    spec = tmp_path / "recipe" / SPEC.name
    for folder in ("recipe", "models", "docs/results"):
        (tmp_path / folder).mkdir(parents=True)
    spec.write_text(SPEC.read_text())
    by_people = runs(tmp_path / "runs", SEEDS)
    at_random = runs(tmp_path / "random", (0,))
    tested_on, others = windows(90), windows(40)
    golden = {"noise": rng.normal(size=(300, 6)).astype(np.float32)}
    publication = publish.Publication(
        spec, "made_up", "people 1600", tested_on, windows(16).signal, golden
    )
    random = publish.at_random(publication, windows(50), others, "windows at random")
    publish.publish(publication, tmp_path / "runs", (random, tmp_path / "random"), root=tmp_path)

    figures = json.loads((tmp_path / "docs/results/wisdm_lm.json").read_text())
    assert [figure["seed"] for figure in figures["fp32"]] == list(SEEDS)
    counted = [figure["correct"] for figure in figures["fp32"]]
    assert counted == [right(by_people[seed], tested_on) for seed in SEEDS]
    mean = figures["mean_of_seeds"]["fp32"]["accuracy"]
    assert mean == pytest.approx(sum(counted) / (len(SEEDS) * len(tested_on)))
    other = figures["random_split"]
    assert other["split"] == "windows at random"
    assert [figure["correct"] for figure in other["fp32"]] == [right(at_random[0], others)]
    assert "mean_of_seeds" not in other, "one seed has no mean"

    for name, numeric in (("wisdm_lm", 0), ("wisdm_lm_int8", 1)):
        path = tmp_path / "models" / f"{name}.har"
        model = libhar.Model(path)
        assert (model.name, model.info.numeric) == (name, numeric)
        assert model.selftest().passed
        said = {(m.metric, m.split): m.value for m in model.measurements}
        kind = "int8" if numeric else "fp32"
        assert said["accuracy", "people 1600"] == pytest.approx(figures[kind][0]["accuracy"])
        assert flat.load(path).card is not None
    first = seed_folder(tmp_path / "runs", 0) / "wisdm_lm.onnx"
    assert spec.with_name("wisdm_lm.onnx").read_bytes() == first.read_bytes()


def test_the_percentile_with_the_smallest_error_is_taken(tmp_path: Path) -> None:
    runs(tmp_path, (0,))
    calibration = windows(32).signal
    calibration[:2] *= 20  # what is rare and cut off by a percentile
    fp32 = convert(SPEC, seed_folder(tmp_path, 0) / "wisdm_lm.onnx")

    def made(*percentiles: tuple[float, ...]) -> bytes:
        found = integers([fp32], calibration, None, (0,), (tmp_path,), *percentiles)
        return flat.encode(found.models[0][0])

    wanted, _ = quantize(fp32, calibration, 100.0)
    assert made((60.0, 100.0, 80.0)) == flat.encode(wanted)
    usual, _ = quantize(fp32, calibration)
    assert made() == flat.encode(usual)
    assert flat.encode(usual) != flat.encode(wanted)
