"""The C library beside the framework that trained a network, on every test window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
from libhar import Model
from libhar.calibrate import undecided
from libhar.convert import convert
from libhar.datasets import Windows
from libhar.evaluate import labelled_windows
from libhar.golden import SCORE_TOLERANCE
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from training.hapt_sequence import keras_scores
from training.hapt_sequence.network import LAYERS, SequenceNet
from training.mhealth_cnn_lstm_attention.network import ConvLstmAttention
from training.opportunity_resnet.network import OpportunityResNet
from training.uci_har_cnn.network import UciHarCnn
from training.uci_har_student.network import PaperStudent, SmallStudent
from training.wisdm_rabkd.distil import FORMS
from training.wisdm_rabkd.network import STUDENT_WIDTHS, TEACHER_WIDTHS, WatchNet

RECIPES = Path(__file__).resolve().parents[1]
SENSORS = {"": 12, "_arm": 6, "_leg": 6}
"""Channels of mhealth_cnn_lstm_attention."""
DSADS_CLASSES = 19
BUILDERS: dict[str, Callable[[], nn.Module]] = {
    "uci_har_cnn": UciHarCnn,
    "uci_har_student": SmallStudent,
    "uci_har_student_paper": PaperStudent,
    "opportunity_resnet": partial(OpportunityResNet, 45, DSADS_CLASSES),
    "wisdm_teacher": partial(WatchNet, TEACHER_WIDTHS, True),
    **{f"hapt_{kind}": partial(SequenceNet, kind) for kind in LAYERS},
    **{
        f"mhealth_cnn_lstm_attention{sensors}": partial(ConvLstmAttention, channels, DSADS_CLASSES)
        for sensors, channels in SENSORS.items()
    },
    **{
        f"wisdm_{name}": partial(WatchNet, STUDENT_WIDTHS, form.attention)
        for name, form in FORMS.items()
    },
}
"""The PyTorch networks that ship, by the names of their model files."""
MOST_WINDOWS = 512
"""Windows that PyTorch takes at once."""


@dataclass(frozen=True)
class Agreement:
    """The FP32 C library and a framework on the same windows."""

    network: str
    framework: str
    windows: int
    largest: float
    """Difference of a probability."""
    framework_accuracy: float
    accuracy: float


def with_pytorch(name: str, model: Model, windows: Windows) -> Agreement:
    """PyTorch computes with the weights of the ONNX file that training left beside the recipe.

    Raises ValueError where a probability differs by more than 1e-5.
    """
    (path,) = RECIPES.glob(f"*/{name}.onnx")
    wanted = probabilities(restored(BUILDERS[name](), path), windows)
    return _compared(name, f"PyTorch {torch.__version__.split('+')[0]}", model, windows, wanted)


def with_keras(folder: Path) -> list[Agreement]:
    """Every network of train_keras.py as it is imported, with what Keras computed.

    Raises ValueError where a probability differs by more than 1e-5.
    """
    found = []
    for path in sorted(RECIPES.glob("*/*_keras.onnx")):
        spec = path.with_name(path.stem.removesuffix("_keras") + ".toml")
        model = undecided(convert(spec, path))
        windows = labelled_windows(model, path.stem.split("_")[0], folder, "test")
        kept = keras_scores.load(path.with_suffix(".npz"))
        found.append(_compared(path.stem, kept.version, model, windows, kept.probabilities))
    return found


def restored(network: nn.Module, path: Path) -> nn.Module:
    """`network` in evaluation mode with the weights of what `export_onnx` wrote of it.

    Raises ValueError where one is not there.
    """
    stored = {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}
    weights = {name: torch.from_numpy(array.copy()) for name, array in stored.items()}
    missing, _ = network.load_state_dict(weights, strict=False)
    lacking = [name for name in missing if not name.endswith("num_batches_tracked")]
    if lacking:
        raise ValueError(f"{path} lacks weights of the network: {lacking}")
    return network.eval()


def probabilities(network: nn.Module, windows: Windows) -> NDArray[np.float64]:
    """[windows, classes], the softmax in binary64 of the network's logits."""
    signal = torch.from_numpy(windows.signal).transpose(1, 2)
    with torch.inference_mode():
        parts = [
            torch.softmax(network(part).double(), 1) for part in torch.split(signal, MOST_WINDOWS)
        ]
    return np.asarray(torch.cat(parts).numpy())


def _compared(
    name: str, framework: str, model: Model, windows: Windows, wanted: NDArray[np.float64]
) -> Agreement:
    found, labels = model.classify(windows.signal)
    largest = float(np.abs(found - wanted).max())
    if not largest <= SCORE_TOLERANCE:
        raise ValueError(
            f"{name}: a probability differs from that of {framework} by {largest:.3g}, "
            f"must be at most {SCORE_TOLERANCE:g}"
        )
    return Agreement(
        name,
        framework,
        len(windows.labels),
        largest,
        float(np.mean(wanted.argmax(axis=1) == windows.labels)),
        float(np.mean(labels == windows.labels)),
    )
