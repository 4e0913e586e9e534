"""Which channels a network looks at, by class, and whether such a map can be believed.

`maps` averages the gradients of `libhar.explain` over the windows of a set; `deletion` and `sanity`
test what comes out; `tables` writes it, `libhar.plot.saliency` draws it.
"""

from libhar.saliency.maps import Saliency, column_names, saliency

__all__ = ["Saliency", "column_names", "saliency"]
