"""Small Keras networks in ONNX, each with eight windows and what Keras makes of them.

The files beside this one were made with Keras 3.15.1, TensorFlow 2.21.0 and tf2onnx 1.17.0:

    KERAS_BACKEND=tensorflow python tests/python/keras/make.py tests/python/keras

The batch is 1, which makes loops of recurrent layers, or left open ("any"), which makes nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

WINDOW, COLUMNS, CLASSES = 20, 6, 5
Tensor = Any


def _attention(x: Tensor) -> Tensor:
    h = layers.Dense(16)(x)
    attended = layers.MultiHeadAttention(4, 4)(h, h)
    h = layers.LayerNormalization()(layers.Add()([h, attended]))
    return layers.GlobalAveragePooling1D()(h)


def _additive(x: Tensor) -> Tensor:
    h = layers.GRU(8, return_sequences=True)(x)
    score = layers.Dense(1, use_bias=False)(layers.Dense(6, activation="tanh")(h))
    return layers.Flatten()(layers.Dot(axes=1)([layers.Softmax(axis=1)(score), h]))


def _gates(x: Tensor) -> Tensor:
    y = layers.Conv1D(16, 3, padding="same", activation="relu")(x)
    first, second = layers.Dense(4, activation="relu"), layers.Dense(16)
    pooled = (layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D)
    parts = [second(first(pool(keepdims=True)(y))) for pool in pooled]
    y = layers.Multiply()([y, layers.Activation("sigmoid")(layers.Add()(parts))])
    maps = [f(y, -1, keepdims=True) for f in (keras.ops.mean, keras.ops.max)]
    gate = layers.Conv1D(1, 7, padding="same", activation="sigmoid", use_bias=False)
    y = layers.Multiply()([y, gate(layers.Concatenate()(maps))])
    return layers.GlobalAveragePooling1D()(y)


def _chain(*parts: Any) -> Callable[[Tensor], Tensor]:
    def run(x: Tensor) -> Tensor:
        for part in parts:
            x = part(x)
        return x

    return run


def networks() -> dict[str, Callable[[Tensor], Tensor]]:
    """What stands between the input and the last dense layer."""
    mean = layers.GlobalAveragePooling1D
    return {
        "simple_rnn_relu": _chain(layers.SimpleRNN(8, activation="relu")),
        "lstm": _chain(layers.LSTM(8)),
        "lstm_backwards": _chain(layers.LSTM(8, go_backwards=True)),
        "lstm_unrolled": _chain(layers.LSTM(8, unroll=True)),
        "lstm_stacked_any": _chain(
            layers.BatchNormalization(), layers.LSTM(8, return_sequences=True), layers.LSTM(8)
        ),
        "lstm_bidirectional_any": _chain(
            layers.Bidirectional(layers.LSTM(8, return_sequences=True)), mean()
        ),
        "gru_reset_after": _chain(layers.GRU(8)),
        "gru_reset_after_bidirectional": _chain(
            layers.Bidirectional(layers.GRU(8, return_sequences=True)), mean()
        ),
        "gru_reset_before_stacked": _chain(
            layers.GRU(8, reset_after=False, return_sequences=True),
            layers.GRU(8, reset_after=False),
        ),
        "conv_lstm": _chain(
            layers.Conv1D(12, 3, padding="causal"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.LSTM(8),
        ),
        "hard_silu": _chain(layers.Conv1D(8, 3, padding="same", activation="hard_silu"), mean()),
        "multi_head_attention": _attention,
        "additive_attention": _additive,
        "gates": _gates,
    }


def _save(name: str, body: Callable[[Tensor], Tensor], folder: Path) -> None:
    keras.utils.set_random_seed(1)
    x = keras.Input((WINDOW, COLUMNS), name="input")
    network = keras.Model(x, layers.Dense(CLASSES, name="logits")(body(x)))
    rng = np.random.default_rng(2)
    network.set_weights(
        [
            np.abs(rng.normal(1, 0.3, w.shape)) if "variance" in v.path else w + noise
            for v, w in zip(network.weights, network.get_weights(), strict=True)
            for noise in [rng.normal(0, 0.2, w.shape)]
        ]
    )
    windows = rng.normal(size=(8, WINDOW, COLUMNS)).astype(np.float32)
    outputs = [keras.ops.convert_to_numpy(network(w[None], training=False)) for w in windows]
    np.savez(folder / f"{name}.npz", windows=windows, outputs=np.concatenate(outputs))
    shape = (None if name.endswith("_any") else 1, WINDOW, COLUMNS)
    signature = [keras.InputSpec(shape=shape, dtype="float32", name="input")]
    path = str(folder / f"{name}.onnx")
    network.export(path, format="onnx", verbose=False, input_signature=signature)


if __name__ == "__main__":
    for network_name, network_body in networks().items():
        _save(network_name, network_body, Path(sys.argv[1]))
