"""The same sequence models in Keras, trained on the training people of HAPT.

    python -m training.hapt_sequence.train_keras --network gru --seed 0 --out build/hapt_gru_keras

Needs keras, tensorflow and tf2onnx instead of PyTorch. Writes hapt_gru_keras.onnx, the weights, and
metrics.json below --out; called again, it goes on from the last epoch. No test person is read.
The TensorFlow backend is meant: that of PyTorch exports every time step as nodes of its own.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from libhar.datasets import HAPT_LABELS
from libhar.evaluate import count
from numpy.typing import NDArray

from training.common.signal import signal_steps
from training.common.windows import split_people
from training.hapt_sequence import data

UNITS = 64
EPOCHS = 8
BATCH = 64
LEARNING_RATES = {"rnn": 2e-3, "lstm": 4e-3, "gru": 4e-3}
LAYERS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def sequence_net(kind: str) -> keras.Model:
    """As `network.SequenceNet`: float32 [N, 128, 6] to logits [N, 12]."""
    return keras.Sequential(
        [
            keras.Input((data.WINDOW, 6), name="input"),
            keras.layers.BatchNormalization(),
            LAYERS[kind](UNITS, return_sequences=True),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(len(HAPT_LABELS), name="logits"),
        ]
    )


def main() -> None:
    options = _parse()
    keras.utils.set_random_seed(options.seed)
    name = f"hapt_{options.network}"
    steps = signal_steps(Path(__file__).with_name(f"{name}.toml"))
    windows = data.training_windows(options.data_dir, steps)
    trained_on, held_out = split_people(windows, options.holdout)
    network = sequence_net(options.network)
    batches = len(trained_on) // BATCH
    if batches == 0:
        raise SystemExit(f"{len(trained_on)} windows do not fill one batch of {BATCH}")
    network.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                LEARNING_RATES[options.network], options.epochs * batches
            ),
            weight_decay=1e-2,
            clipnorm=1.0,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    network.fit(
        trained_on.signal,
        trained_on.labels,
        batch_size=BATCH,
        epochs=options.epochs,
        verbose=2,
        callbacks=[keras.callbacks.BackupAndRestore(str(options.out / "backup"))],
    )
    network.save_weights(str(options.out / f"{name}_keras.weights.h5"))
    network.export(str(options.out / f"{name}_keras.onnx"), format="onnx", verbose=False)
    metrics = {"seed": options.seed, "epochs": options.epochs, "keras": keras.__version__}
    if len(held_out):
        found = count(held_out, _classes(network, held_out.signal))
        metrics |= {"holdout_accuracy": found.accuracy, "holdout_macro_f1": found.macro_f1}
    (options.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")


def _classes(network: keras.Model, signal: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.asarray(network.predict(signal, batch_size=256, verbose=0).argmax(axis=1))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--network", choices=sorted(LAYERS), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write and resume in")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("HAR_DATA_DIR"))
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument(
        "--holdout",
        type=lambda text: [int(person) for person in text.split(",")],
        default=[],
        help="training people to leave out and to measure on, as 1,3,5",
    )
    options = parser.parse_args()
    if options.data_dir is None:
        parser.error("--data-dir or HAR_DATA_DIR must name the folder of the data")
    options.data_dir = Path(options.data_dir)
    options.out.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    main()
