"""From an FP32 model to an INT8 one, by the rules of docs/design/numbers.md."""

from libhar.quantize.calibrated import Accuracy, Calibrated, calibration
from libhar.quantize.gate import AccuracyDrop
from libhar.quantize.quantize import quantize
from libhar.quantize.report import LayerError, table

__all__ = [
    "Accuracy",
    "AccuracyDrop",
    "Calibrated",
    "LayerError",
    "calibration",
    "quantize",
    "table",
]
