"""Makes the model files of this recipe from trained seeds, and measures them.

    python training/uci_har_cnn/publish.py --runs build/uci_har_cnn

The first seed is the one that ships, whatever its score. Writes models/uci_har_cnn.har and
models/uci_har_cnn_int8.har with their cards, the ONNX file that they come from beside this
script, and docs/results/uci_har_cnn.json with the figures of every seed, counted by the C library
on the test people.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from libhar import Model, datasets, flat, schema
from libhar.convert import convert
from libhar.evaluate import Evaluation, evaluate
from libhar.quantize import quantize, table

from training.uci_har_cnn.data import signal_steps, training_windows

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = "uci_har_cnn"
SEEDS = (0, 1, 2)
CALIBRATION_WINDOWS = 512
TEST_PEOPLE = "test people 2 4 9 10 12 13 18 20 24, 2947 official windows"

GOLDEN = {"walking": (1, 7500), "standing": (1, 260), "laying": (1, 3700)}
"""Name to experiment and first row in the raw recordings; experiment 1 is of a training person."""
GOLDEN_ROWS = 448
"""Nine seconds: the slowest filter has settled before the last window."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=Path, required=True, help="holds seed0, seed1, seed2")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("HAR_DATA_DIR"))
    options = parser.parse_args()
    folder = datasets.data_folder(options.data_dir)
    test = datasets.uci_har(folder, "test")
    calibration = calibration_windows(folder)
    figures: dict[str, Any] = {"data": "uci_har", "split": TEST_PEOPLE, "fp32": [], "int8": []}
    shipped = []
    for seed in SEEDS:
        network = options.runs / f"seed{seed}" / f"{NAME}.onnx"
        fp32 = convert(HERE / "spec.toml", network, golden_file(folder))
        int8, errors = quantize(fp32, calibration)
        print(f"seed {seed}\n{table(errors)}", flush=True)
        for kind, model in (("fp32", fp32), ("int8", int8)):
            result = evaluate(Model(flat.encode(model)), test)
            figures[kind].append({"seed": seed, **result.as_dict()})
            print(f"{kind}: accuracy {result.accuracy:.4f}, macro F1 {result.macro_f1:.4f}")
            if seed == SEEDS[0]:
                shipped.append((model, result))
    means = {kind: _mean(figures[kind]) for kind in ("fp32", "int8")}
    for model, result in shipped:
        kind = "int8" if model.name.endswith("int8") else "fp32"
        flat.save(with_figures(model, result, means[kind]), ROOT / "models" / f"{model.name}.har")
    shutil.copyfile(options.runs / f"seed{SEEDS[0]}" / f"{NAME}.onnx", HERE / f"{NAME}.onnx")
    results = ROOT / "docs" / "results" / f"{NAME}.json"
    results.write_text(json.dumps({**figures, "mean_accuracy": means}, indent=1) + "\n")
    print(f"mean accuracy of {len(SEEDS)} seeds: {means}")


def calibration_windows(folder: Path) -> NDArray[np.float32]:
    """Training windows, evenly taken over all training people and labels."""
    signal = training_windows(folder, signal_steps(HERE / "spec.toml")).signal
    chosen = np.linspace(0, len(signal) - 1, CALIBRATION_WINDOWS).astype(int)
    return np.asarray(signal[chosen])


def golden_file(folder: Path) -> Path:
    """An .npz of the raw golden recordings."""
    recordings = datasets.hapt_recordings(folder)
    path = Path(tempfile.gettempdir()) / f"{NAME}_golden.npz"
    pieces = {name: recordings[e][at : at + GOLDEN_ROWS] for name, (e, at) in GOLDEN.items()}
    np.savez(path, allow_pickle=False, **pieces)
    return path


def with_figures(model: schema.Model, result: Evaluation, mean: float) -> schema.Model:
    """The model with its measured figures on the card."""
    assert model.card is not None
    measurements = [
        schema.Measurement("accuracy", TEST_PEOPLE, result.accuracy),
        schema.Measurement("macro_f1", TEST_PEOPLE, result.macro_f1),
        schema.Measurement("accuracy, mean of seeds 0 1 2", TEST_PEOPLE, mean),
    ]
    return replace(model, card=replace(model.card, measurements=measurements))


def _mean(figures: list[dict[str, Any]]) -> float:
    return float(np.mean([figure["accuracy"] for figure in figures]))


if __name__ == "__main__":
    main()
