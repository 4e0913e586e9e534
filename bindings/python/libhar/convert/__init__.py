"""From an ONNX network and a spec to a model file."""

from libhar.convert.convert import convert
from libhar.convert.errors import ConvertError, UnsupportedOp

__all__ = ["ConvertError", "UnsupportedOp", "convert"]
