"""Small models for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from libhar import schema
from libhar.convert.spec import model_of

WINDOW = 16


def spec(columns: int = 3, window: int = WINDOW, hop: int = 4, **signal: Any) -> dict[str, Any]:
    """A spec with `columns` sensor channels and no signal steps, as parsed TOML."""
    channels = [{"name": f"s{i}", "kind": "other"} for i in range(columns)]
    return {
        "name": "test",
        "signal": {"rate_hz": 50, "window": window, "hop": hop, "channels": channels, **signal},
    }


def front(steps: Sequence[dict[str, Any]], columns: int = 3, **signal: Any) -> schema.Model:
    """A model of signal steps alone."""
    return model_of(spec(columns, steps=list(steps), **signal))


def with_network(graph: schema.Graph, buffers: list[schema.Buffer], **signal: Any) -> schema.Model:
    """A model without signal steps around a network whose input says window and columns."""
    window, columns = (int(n) for n in graph.tensors[graph.input].shape)
    model = model_of(spec(columns, window, **signal))
    model.graph, model.buffers = graph, buffers
    classes = int(graph.tensors[graph.output].shape[-1])
    model.labels = [f"class{i}" for i in range(classes)]
    return model


def noise(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Samples as a sensor might give them: an offset, slow motion, noise and rare peaks."""
    time = np.arange(rows)[:, None] / 50
    slow = np.sin(2 * np.pi * rng.uniform(0.2, 4, columns) * time + rng.uniform(0, 6, columns))
    peaks = rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < 0.01) * 5
    mixed = rng.normal(size=columns) + slow + 0.1 * rng.normal(size=(rows, columns)) + peaks
    return mixed.astype(np.float32)
