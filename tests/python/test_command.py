"""The command `libhar` from end to end: ONNX and a spec to FP32, to INT8, signal steps alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import flat
from makers import noise


def libhar_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "libhar", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def recipe(root: Path) -> Path:
    return root / "training/uci_har_cnn"


@pytest.fixture(scope="module")
def converted(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("convert")
    golden = folder / "golden.npz"
    np.savez(golden, noise=noise(np.random.default_rng(4), 256, 6))
    output = folder / "net.har"
    result = libhar_command(
        "convert", recipe / "uci_har_cnn.onnx", "--spec", recipe / "spec.toml",
        "--golden", golden, "-o", output,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return output


def test_convert_makes_a_model_that_passes_its_golden_vectors(converted: Path) -> None:
    model = libhar.Model(converted)
    assert (model.name, model.info.numeric, model.info.golden_count) == ("uci_har_cnn", 0, 1)
    assert model.selftest().passed


@pytest.mark.parametrize("kind", ["windows", "raw"])
def test_quantize_reports_every_layer(converted: Path, tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(5)
    if kind == "raw":
        np.savez(tmp_path / "data.npz", one=noise(rng, 400, 6), two=noise(rng, 300, 6))
    else:
        windows = np.stack([noise(rng, 128, 9) for _ in range(6)])
        np.savez(tmp_path / "data.npz", windows=windows)
    output, report = tmp_path / "int8.har", tmp_path / "errors.json"
    result = libhar_command(
        "quantize", converted, "--data", tmp_path / "data.npz", "--report", report, "-o", output
    )
    assert result.returncode == 0, result.stderr
    model = libhar.Model(output)
    assert model.info.numeric == 1 and model.selftest().passed
    layers = {entry["layer"]: entry for entry in json.loads(report.read_text())}
    assert {"/dense/Gemm", "/average/GlobalAveragePool", "/Relu_3"} <= set(layers)
    ratios = [entry["sqnr_db"] for entry in layers.values()]
    assert all(ratio is None or ratio > 5 for ratio in ratios), ratios
    assert "/dense/Gemm" in result.stdout


def test_convert_without_a_network_makes_a_front(recipe: Path, tmp_path: Path) -> None:
    output = tmp_path / "front.har"
    result = libhar_command("convert", "--spec", recipe / "spec.toml", "-o", output)
    assert result.returncode == 0, result.stderr
    model = libhar.Model(output)
    assert model.preprocess(noise(np.random.default_rng(0), 50, 6)).shape == (50, 9)
    with pytest.raises(libhar.HarError, match="HAR_ERR_NO_NETWORK"):
        libhar.Stream(model)


def test_seal_mends_a_checksum(converted: Path, tmp_path: Path) -> None:
    model = flat.load(converted)
    data = bytearray(flat.encode(model))
    at = data.find(model.checksum.crc32.to_bytes(4, "little"))
    data[at] ^= 0x55
    path = tmp_path / "broken.har"
    path.write_bytes(bytes(data))
    with pytest.raises(libhar.HarError, match="CHECKSUM"):
        libhar.Model(path)
    assert libhar_command("seal", path).returncode == 0
    assert libhar.Model(path).name == "uci_har_cnn"


def test_mistakes_are_one_line(recipe: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "spec.toml"
    wrong.write_text("name = 3")
    result = libhar_command("convert", "--spec", wrong, "-o", tmp_path / "x.har")
    assert result.returncode == 1 and "spec.name is 3" in result.stderr
    assert not (tmp_path / "x.har").exists()
    wrong.write_text("name = ")
    assert "not TOML" in libhar_command("convert", "--spec", wrong, "-o", "x.har").stderr
    missing = libhar_command(
        "convert", tmp_path / "no.onnx", "--spec", recipe / "spec.toml", "-o", "x"
    )
    assert missing.returncode == 1 and "no.onnx" in missing.stderr
