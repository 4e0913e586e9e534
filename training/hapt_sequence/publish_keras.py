"""Puts a network that train_keras.py trained beside the recipe, and what Keras computes with it.

    python -m training.hapt_sequence.publish_keras --network gru --runs build/hapt_gru_keras

Needs what train_keras.py needs. Writes hapt_gru_keras.onnx, Keras' own file, and
hapt_gru_keras.npz, Keras' probabilities of every test window; imports the file, runs the C library
on the same windows, and stops where a probability differs by more than 1e-5.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
from libhar import Model, flat
from libhar.convert import convert
from libhar.golden import SCORE_TOLERANCE

from training.common import publish
from training.common.seeds import SEEDS, seed_folder
from training.common.signal import signal_steps
from training.hapt_sequence import data
from training.hapt_sequence.keras_scores import KerasScores, save
from training.hapt_sequence.train_keras import LAYERS, sequence_net

RECIPE = Path(__file__).resolve().parent


def main() -> None:
    parser = publish.parser(__doc__)
    parser.add_argument("--network", choices=sorted(LAYERS), required=True)
    options = publish.parse(parser)
    spec = RECIPE / f"hapt_{options.network}.toml"
    windows = data.test_windows(options.data_dir, signal_steps(spec))
    trained = seed_folder(options.runs, SEEDS[0]) / f"{spec.stem}_keras"
    network = sequence_net(options.network)
    network.load_weights(str(trained.with_suffix(".weights.h5")))
    logits = network.predict(windows.signal, batch_size=256, verbose=0).astype(np.float64)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    wanted = exponents / exponents.sum(axis=1, keepdims=True)
    model = Model(flat.encode(convert(spec, trained.with_suffix(".onnx"))))
    found, labels = model.classify(windows.signal)
    largest = float(np.abs(found - wanted).max())
    print(f"{trained.name}: {len(found)} test windows, largest difference {largest:.2g}")
    print(f"accuracy: Keras {np.mean(wanted.argmax(axis=1) == windows.labels):.4f}", end=", ")
    print(f"C library {np.mean(labels == windows.labels):.4f}")
    if largest > SCORE_TOLERANCE:
        raise SystemExit(f"a probability differs by {largest:.3g}, at most {SCORE_TOLERANCE:g}")
    version = f"Keras {keras.__version__}, {keras.backend.backend()}"
    save(RECIPE / f"{trained.name}.npz", KerasScores(wanted, version))
    shutil.copyfile(trained.with_suffix(".onnx"), RECIPE / f"{trained.name}.onnx")


if __name__ == "__main__":
    main()
