"""From an FP32 model to an INT8 one, by the rules of docs/design/numbers.md."""

from libhar.quantize.quantize import quantize
from libhar.quantize.report import LayerError, table

__all__ = ["LayerError", "quantize", "table"]
