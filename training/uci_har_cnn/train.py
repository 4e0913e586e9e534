"""Trains the network of this recipe on the official training people of UCI HAR.

    python training/uci_har_cnn/train.py --seed 0 --out build/uci_har_cnn/seed0

Writes checkpoint.pt, uci_har_cnn.onnx and metrics.json below --out; called again, it goes on
from the checkpoint. No test person is read here: `data` can load none.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.uci_har_cnn.augment import Augmentation
from training.uci_har_cnn.data import LABELS, Windows, signal_steps, training_windows
from training.uci_har_cnn.export import export_onnx
from training.uci_har_cnn.fit import Progress, Result, Settings, fit, predict

SETTINGS = Settings(
    epochs=80,
    batch=128,
    learning_rate=3e-3,
    weight_decay=3e-2,
    label_smoothing=0.05,
    averaging=0.995,
    augmentation=Augmentation(rotation_deg=20.0, time_scale=0.1, amplitude=0.15, mixup=0.1),
)
"""Chosen on held-out training people; README.md shows how."""

CHECKPOINT_EVERY = 5
SPEC = Path(__file__).with_name("spec.toml")


def main() -> None:
    options = _parse()
    torch.set_num_threads(options.threads)
    windows = training_windows(options.data_dir, signal_steps(SPEC))
    trained_on, held_out = windows.split_people(options.holdout)
    settings = replace(
        SETTINGS,
        epochs=options.epochs,
        augmentation=replace(
            SETTINGS.augmentation, rotation_deg=options.rotation_deg, mixup=options.mixup
        ),
    )
    options.out.mkdir(parents=True, exist_ok=True)
    result = fit(
        trained_on, settings, options.seed, options.out / "checkpoint.pt", CHECKPOINT_EVERY, _print
    )
    export_onnx(result.network, options.out / "uci_har_cnn.onnx")
    metrics = _metrics(result, settings, options.seed, trained_on, held_out)
    (options.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    if "holdout_accuracy" in metrics:
        print(f"accuracy on people {options.holdout}: {metrics['holdout_accuracy']:.4f}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write and resume in")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=os.environ.get("HAR_DATA_DIR"),
        help="folder of uci_har.npz or of the original archive (default: $HAR_DATA_DIR)",
    )
    parser.add_argument("--epochs", type=int, default=SETTINGS.epochs)
    parser.add_argument("--rotation-deg", type=float, default=SETTINGS.augmentation.rotation_deg)
    parser.add_argument("--mixup", type=float, default=SETTINGS.augmentation.mixup)
    parser.add_argument(
        "--holdout",
        type=lambda text: [int(person) for person in text.split(",")],
        default=[],
        help="training people to leave out and to measure on, as 1,3,5",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="1 gives the same bits on any number of cores"
    )
    options = parser.parse_args()
    if options.data_dir is None:
        parser.error("--data-dir or HAR_DATA_DIR must name the folder of the data")
    return options


def _print(progress: Progress) -> None:
    left = progress.seconds * (progress.epochs - progress.epoch)
    print(
        f"epoch {progress.epoch:3d}/{progress.epochs}  loss {progress.loss:.4f}  "
        f"{progress.seconds:.1f} s  {left / 60:.1f} min left",
        flush=True,
    )


def _metrics(
    result: Result, settings: Settings, seed: int, trained_on: Windows, held_out: Windows
) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "seed": seed,
        "settings": asdict(settings),
        "trained_on": sorted(set(trained_on.subjects.tolist())),
        "training_loss": result.losses,
        "torch": torch.__version__,
    }
    if len(held_out):
        right = predict(result.network, held_out) == held_out.labels
        metrics["holdout_accuracy"] = float(right.mean())
        metrics["holdout_accuracy_by_person"] = {
            str(person): float(right[held_out.subjects == person].mean())
            for person in sorted(set(held_out.subjects.tolist()))
        }
        metrics["holdout_accuracy_by_label"] = {
            name: float(right[held_out.labels == label].mean())
            for label, name in enumerate(LABELS)
            if np.any(held_out.labels == label)
        }
    return metrics


if __name__ == "__main__":
    main()
