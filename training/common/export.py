"""A trained network as one ONNX file, checked against PyTorch."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

TOLERANCE = 1e-5
"""Largest difference of a logit between ONNX Runtime and PyTorch, over the largest logit or 1."""


def export_onnx(network: nn.Module, path: Path, channels: int, window: int) -> None:
    """Writes `network` to `path`: "input" float32 [1, channels, window] -> "logits" [1, classes].

    The initializers are those of `network.state_dict()`, under its names but where two are alike,
    batch norms included; recurrent layers are packed otherwise. Raises RuntimeError where the file
    does not hold every weight, or computes something else.

    The TorchScript exporter with TrainingMode.PRESERVE writes one node a layer and leaves the
    batch norms alone. The newer one (dynamo=True) folds them into the convolutions, and with
    optimize=False spreads Shape, Expand and CastLike nodes over the graph;
    TrainingMode.EVAL of the older one folds them when constants are folded.
    """
    network = network.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, channels, window),),
            str(path),
            input_names=["input"],
            output_names=["logits"],
            opset_version=17,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
    if not any(isinstance(layer, nn.RNNBase) for layer in network.modules()):
        _check_weights(network, path)
    _check_outputs(network, path, channels, window)


def _check_weights(network: nn.Module, path: Path) -> None:
    stored = {numpy_helper.to_array(w).tobytes() for w in onnx.load(path).graph.initializer}
    lacking = [
        name
        for name, weight in network.state_dict().items()
        if not name.endswith("num_batches_tracked") and weight.numpy().tobytes() not in stored
    ]
    if lacking:
        raise RuntimeError(f"{path} lacks weights of the network: {lacking}")


def _check_outputs(network: nn.Module, path: Path, channels: int, window: int) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for _ in range(32):
        signal = rng.normal(size=(1, channels, window)).astype(np.float32)
        with torch.inference_mode():
            expected = network(torch.from_numpy(signal)).numpy()
        (got,) = session.run(["logits"], {"input": signal})
        difference = float(np.abs(got - expected).max())
        if difference > TOLERANCE * max(1.0, float(np.abs(expected).max())):
            raise RuntimeError(f"{path}: a logit differs from PyTorch by {difference:.2g}")
