"""Makes the small models that the C tests open; tests/python/test_golden.py holds it to that.

PYTHONPATH=bindings/python python tests/golden/make.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import sequences
from libhar import flat, schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.spec import model_of
from libhar.golden import add_golden
from libhar.quantize import quantize
from libhar.reference import Network

HERE = Path(__file__).resolve().parent
WINDOW, HOP, CLASSES = 32, 8, 4
NAMES = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]
GATE = {
    columns: {"tolerance": [0.75] * columns, "still_below": [3.0] * columns, "confident": 0.25}
    for columns in (6, sequences.COLUMNS)
}
SPEC = {
    "name": "tiny",
    "version": "1",
    "labels": ["still", "walking", "running", "stairs"],
    "card": {
        "description": "a network of random weights, for tests",
        "licence": "Apache-2.0",
        "measurements": [
            {
                "metric": "accuracy",
                "split": "nobody",
                "value": 0.5,
                "low": 0.25,
                "high": 0.625,
                "interval": "for tests",
            },
        ],
    },
    "decision": {"smoothing": 0.25, "abstain_below": 0.2},
    "gate": GATE[6],
    "signal": {
        "rate_hz": 50,
        "window": WINDOW,
        "hop": HOP,
        "channels": [{"name": name, "kind": "other", "axis": name[-1]} for name in NAMES],
        "steps": [
            {"type": "median"},
            {"type": "lowpass", "order": 5, "cutoff_hz": 15},
            {"type": "gravity_split", "order": 3, "cutoff_hz": 0.3, "channels": NAMES[:3]},
            {"type": "highpass", "order": 2, "cutoff_hz": 0.5, "channels": NAMES[3:]},
            {"type": "scale", "scale": 2.0, "offset": 0.125, "channels": NAMES[:3]},
            {"type": "select", "channels": ["acc_x", "acc_x.body", "acc_y.body", *NAMES[3:]]},
        ],
    },
}


def network(rng: np.random.Generator, columns: int) -> GraphBuilder:
    """Affine, convolutions, clamps, pools, a residual sum, curves, concat, dense."""
    build = GraphBuilder()

    def weight(name: str, *shape: int) -> int:
        fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else 1
        return build.constant(name, (rng.normal(size=shape) / np.sqrt(fan_in)).astype("<f4"))

    def op(name: str, params: schema.OpParams, inputs: list[int], rows: int, width: int) -> int:
        return build.op(name, params, inputs, build.computed(name, rows, width))

    same = schema.Conv1d(padding=schema.Padding.SAME)
    relu = schema.Activation(schema.ActivationKind.RELU)
    x = build.graph.input = build.computed("input", WINDOW, columns)
    norm = [weight("norm.scale", columns), weight("norm.offset", columns)]
    x = op("norm", schema.Affine(), [x, *norm], 32, columns)
    x = op("conv1", same, [x, weight("w1", 8, 5, columns), weight("b1", 8)], 32, 8)
    x = op("bn1", schema.Affine(), [x, weight("bn1.s", 8), weight("bn1.o", 8)], 32, 8)
    x = op("relu1", relu, [x], 32, 8)
    x = op("pool1", schema.Pool(schema.PoolKind.MAX, 2, 2), [x], 16, 8)
    y = op("conv2", same, [x, weight("w2", 8, 3, 8)], 16, 8)
    y = op("tanh", schema.Activation(schema.ActivationKind.TANH), [y], 16, 8)
    x = op("add", schema.Add(), [x, y], 16, 8)
    relu6 = schema.Activation(schema.ActivationKind.RELU6)
    x = op("relu6", relu6, [x], 16, 8)
    depthwise = schema.Conv1d(2, 2, 8, schema.Padding.EXPLICIT, 1, 2)
    y = op("conv3", depthwise, [x, weight("w3", 8, 3, 1), weight("b3", 8)], 8, 8)
    y = op("sigmoid", schema.Activation(schema.ActivationKind.SIGMOID), [y], 8, 8)
    average = schema.Pool(schema.PoolKind.AVERAGE, 3, 2, schema.Padding.SAME)
    x = op("average", average, [x], 8, 8)
    x = op("concat", schema.Concat(1), [x, y], 8, 16)
    x = op("adaptive", schema.AdaptivePool(3), [x], 3, 16)
    x = op("flatten", schema.Flatten(), [x], 1, 48)
    x = op("dense", schema.Dense(), [x, weight("wd", CLASSES, 48), weight("bd", CLASSES)], 1, 4)
    build.graph.output = x
    return build


def recording(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Six channels: gravity on the first, motion of a few hertz, noise."""
    time = np.arange(rows)[:, None] / 50
    motion = 0.3 * np.sin(2 * np.pi * rng.uniform(0.5, 5, 6) * time)
    steady = np.array([1.0, 0, 0, 0, 0, 0])
    return (steady + motion + 0.02 * rng.normal(size=(rows, 6))).astype(np.float32)


def sequence_model(name: str, build: GraphBuilder, rng: np.random.Generator) -> schema.Model:
    """A model of raw samples around one of the networks of sequences.py."""
    channels = SPEC["signal"]["channels"][: sequences.COLUMNS]
    signal = {"rate_hz": 50, "window": sequences.ROWS, "hop": HOP, "channels": channels}
    model = model_of({**SPEC, "name": name, "signal": signal, "gate": GATE[sequences.COLUMNS]})
    model.graph, model.buffers = build.graph, build.buffers
    raw = recording(rng, 2 * sequences.ROWS)[:, : sequences.COLUMNS]
    add_golden(model, {"one": raw}, Network(build.graph, build.buffers).run, exact=False)
    return model


def of_sequences() -> dict[str, schema.Model]:
    """FP32 and INT8 of the networks of sequences.py."""
    models = {}
    for seed, grow in enumerate((sequences.recurrent, sequences.attention)):
        rng = np.random.default_rng(seed)
        model = sequence_model(f"tiny_{grow.__name__}", grow(rng), rng)
        windows = rng.normal(size=(64, sequences.ROWS, sequences.COLUMNS)).astype(np.float32)
        integer, _ = quantize(model, windows)
        models |= {f"{model.name}_f32": model, f"{model.name}_int8": integer}
    return models


def make() -> dict[str, schema.Model]:
    """The models by file name."""
    rng = np.random.default_rng(20)
    front = model_of({**SPEC, "name": "tiny_front", "labels": []})
    model = model_of(SPEC)
    build = network(rng, 6)
    model.graph, model.buffers = build.graph, build.buffers
    golden = {"one": recording(rng, 3 * WINDOW), "two": recording(rng, WINDOW)}
    add_golden(model, golden, Network(build.graph, build.buffers).run, exact=False)
    windows = rng.normal(size=(64, WINDOW, 6)).astype(np.float32)
    integer, _ = quantize(model, windows)
    return {"tiny_front": front, "tiny_f32": model, "tiny_int8": integer, **of_sequences()}


if __name__ == "__main__":
    for name, model in make().items():
        flat.save(model, HERE / f"{name}.har")
        print(f"{name}.har: {(HERE / f'{name}.har').stat().st_size} bytes")
