"""The whole quantization."""

from __future__ import annotations

from libhar import schema
from libhar.quantize.calibrated import PERCENTILE, Accuracy, calibration
from libhar.quantize.report import LayerError
from libhar.reference.codes import Array


def quantize(
    model: schema.Model,
    windows: Array,
    percentile: float = PERCENTILE,
    accuracy: Accuracy | None = None,
) -> tuple[schema.Model, list[LayerError]]:
    """The INT8 form of an FP32 model, and the error of every layer.

    `windows` are float32 [windows, window, columns] after the signal steps, from people that
    training saw; some hundreds are enough. The card's measurements are left out, as they are not
    the integer network's; golden vectors are computed anew. Raises ValueError, AccuracyDrop where
    the network gets worse than `accuracy` allows, HarError.
    """
    return calibration(model, windows, percentile).quantized(accuracy)
