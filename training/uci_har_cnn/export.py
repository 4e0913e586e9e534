"""The trained network as one ONNX file, checked against PyTorch."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from training.uci_har_cnn.network import CHANNELS, WINDOW, UciHarCnn

TOLERANCE = 1e-5
"""Largest difference of a logit between ONNX Runtime and PyTorch."""


def export_onnx(network: UciHarCnn, path: Path) -> None:
    """Writes `network` to `path`: "input" float32 [1, 9, 128] -> "logits" float32 [1, 6].

    The initializers bear the names of `network.state_dict()`, batch norms included. Raises
    RuntimeError where the file would not hold every weight, or computes something else.

    The TorchScript exporter with TrainingMode.PRESERVE writes one node a layer and leaves the
    batch norms alone. The newer one (dynamo=True) folds them into the convolutions, and with
    optimize=False spreads Shape, Expand and CastLike nodes over the graph;
    TrainingMode.EVAL of the older one folds them when constants are folded.
    """
    network = network.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (torch.zeros(1, CHANNELS, WINDOW),),
            str(path),
            input_names=["input"],
            output_names=["logits"],
            opset_version=17,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
    _check_weights(network, path)
    _check_outputs(network, path)


def _check_weights(network: UciHarCnn, path: Path) -> None:
    stored = {weight.name for weight in onnx.load(path).graph.initializer}
    weights = {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}
    if stored != weights:
        raise RuntimeError(f"{path}: initializers differ from the network: {stored ^ weights}")


def _check_outputs(network: UciHarCnn, path: Path) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for _ in range(32):
        signal = rng.normal(size=(1, CHANNELS, WINDOW)).astype(np.float32)
        with torch.inference_mode():
            expected = network(torch.from_numpy(signal)).numpy()
        (got,) = session.run(["logits"], {"input": signal})
        difference = float(np.abs(got - expected).max())
        if difference > TOLERANCE:
            raise RuntimeError(f"{path}: a logit differs from PyTorch by {difference:.2g}")
