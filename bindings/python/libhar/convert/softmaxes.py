"""Softmax over columns or over rows."""

from __future__ import annotations

import numpy as np
import onnx

from libhar import schema
from libhar.convert.importer import Importer
from libhar.convert.values import Computed


def softmax(
    importer: Importer, node: onnx.NodeProto, x: Computed, axes: tuple[int, ...]
) -> Computed:
    """Over the axes together."""
    kept = [i for i in range(len(x.shape)) if i not in axes]
    order = [*kept, *axes]
    size = int(np.prod([x.shape[a] for a in axes]))
    wanted = x.elements.transpose(order).reshape(-1, size)
    axis = importer.table.cheapest((wanted.T, wanted), free=True)
    plane = wanted if axis else wanted.T
    tensor, rows, columns = importer.rows(node, plane, True, True)
    after = importer.emit(node, schema.Softmax(axis), [tensor], importer.builder.shape(tensor))
    result = np.empty_like(after)
    result[np.ix_(rows, columns)] = after
    result = result if axis else result.T
    shaped = result.reshape([x.shape[i] for i in order])
    return Computed(shaped.transpose(np.argsort(order)))
