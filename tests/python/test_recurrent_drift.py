"""The INT8 state of recurrent layers stays beside that of FP32.

A state that is quantized and fed back could drift: an error that is made again in each step must
not add up. Networks with a long memory (update and forget gates near 1) run over a minute, seven
minutes and the longest window there is, each once; the ends are the same signal, so what they have
forgotten is the same, and what INT8 gets wrong must be too. A stream begins each window with a
state of zeros; 24 hours of it must end as they began.
"""

from __future__ import annotations

import numpy as np
import pytest
from libhar import Model, Stream, flat, schema
from libhar.convert.builder import GraphBuilder
from numpy.typing import NDArray

RATE, CHANNELS, UNITS, CLASSES = 50, 3, 16, 4
MINUTE, LONGEST = 60 * RATE, 63_000
"""The file allows 65,536 samples."""
GATES = {schema.CellKind.RNN: 1, schema.CellKind.LSTM: 4, schema.CellKind.GRU: 3}
SLOW_GATE = {schema.CellKind.LSTM: (1, 4.0), schema.CellKind.GRU: (1, 4.0)}
"""The gate that keeps the state, and its bias: it keeps 98 % a step."""
F32, I16, I32, U8, I8 = (schema.DType[n] for n in ("F32", "I16", "I32", "U8", "I8"))
INPUT_SCALE, STATE_SCALE, STATE_ZERO = np.float32(4 / 32767), np.float32(1 / 127), 128


def walking_and_sitting(steps: int) -> NDArray[np.float32]:
    """Three channels of stretches of walking and of stillness, the last minute always the same."""
    time = np.arange(-steps, 0) / RATE
    moving = (np.sin(2 * np.pi * time / 37.0) > 0)[:, None]
    phase = 2 * np.pi * 1.9 * time[:, None] + np.arange(CHANNELS)
    rng = np.random.default_rng(5)
    noise = np.tile(rng.normal(0, 0.05, (MINUTE, CHANNELS)), (steps // MINUTE, 1))
    return np.asarray(moving * np.sin(phase) + noise, np.float32)


class Weights:
    """Integer weights; FP32 takes what they stand for, so that only activations differ."""

    def __init__(self, cell: schema.CellKind, seed: int) -> None:
        rng = np.random.default_rng(seed)
        outputs = GATES[cell] * UNITS
        self.cell = cell
        self.integers = [
            rng.integers(-63, 64, (outputs, CHANNELS)).astype(np.int8),
            rng.integers(-63, 64, (outputs, UNITS)).astype(np.int8),
            rng.integers(-63, 64, (CLASSES, UNITS)).astype(np.int8),
        ]
        self.scales = [
            np.float32(1.5 / 63 / np.sqrt(columns)) for columns in (CHANNELS, UNITS, UNITS / 16)
        ]
        bias = rng.normal(0, 0.3, outputs)
        if cell in SLOW_GATE:
            gate, value = SLOW_GATE[cell]
            bias[gate * UNITS : (gate + 1) * UNITS] += value
        self.bias = np.rint(bias / (INPUT_SCALE * self.scales[0])).astype(np.int32)

    def model(self, steps: int, is_int8: bool) -> Model:
        build = GraphBuilder()
        x = build.graph.input = build.computed("x", steps, CHANNELS)
        inputs, state = x, build.computed("h", 1, UNITS)
        if is_int8:
            inputs = build.computed("xq", steps, CHANNELS, I16, _codes(INPUT_SCALE))
            build.op("quantize", schema.Quantize(), [x], inputs)
            state = build.computed("hq", 1, UNITS, U8, _codes(STATE_SCALE, STATE_ZERO))
        layer = schema.Recurrent(self.cell, last=True)
        constants = [self._weight(build, i, is_int8) for i in range(3)]
        offsets = (
            build.constant("bias", self.bias, I32)
            if is_int8
            else build.constant("bias", (self.bias * INPUT_SCALE * self.scales[0]).astype("<f4"))
        )
        build.op("recurrent", layer, [inputs, *constants[:2], offsets], state)
        y = build.graph.output = build.computed("y", 1, CLASSES)
        build.op("dense", schema.Dense(), [state, constants[2]], y)
        channels = [schema.Channel(name=f"c{i}") for i in range(CHANNELS)]
        return Model(
            flat.encode(
                schema.Model(
                    name="drift",
                    signal=schema.Signal(channels, RATE, steps, steps),
                    graph=build.graph,
                    buffers=build.buffers,
                    labels=[str(i) for i in range(CLASSES)],
                    decision=schema.Decision(schema.ScoreKind.LOGITS),
                )
            )
        )

    def _weight(self, build: GraphBuilder, index: int, is_int8: bool) -> int:
        codes, scale = self.integers[index], self.scales[index]
        if is_int8:
            return build.constant(f"w{index}", codes, I8, _codes(scale))
        return build.constant(f"w{index}", codes.astype(np.float32) * scale)


def _codes(scale: np.float32, zero: int = 0) -> schema.Quantization:
    return schema.Quantization(np.array([scale], "<f4"), zero)


@pytest.mark.parametrize("cell", list(schema.CellKind))
def test_the_state_of_the_longest_window_is_as_good_as_that_of_a_minute(
    cell: schema.CellKind,
) -> None:
    weights = Weights(cell, seed=3)
    differences, scores = {}, {}
    for steps in (MINUTE, 7 * MINUTE, LONGEST):
        window = walking_and_sitting(steps)[None]
        fp32 = weights.model(steps, is_int8=False).classify(window)[0][0]
        int8 = weights.model(steps, is_int8=True).classify(window)[0][0]
        differences[steps] = float(np.abs(fp32 - int8).max())
        scores[steps] = fp32
    assert np.abs(scores[LONGEST] - scores[MINUTE]).max() < 1e-4, "the ends are not the same signal"
    assert scores[LONGEST].max() < 0.99, "saturated scores show no difference"
    assert differences[MINUTE] < 0.02
    assert differences[7 * MINUTE] < differences[MINUTE] + 1e-3, differences
    assert differences[LONGEST] < differences[MINUTE] + 1e-3, differences


@pytest.mark.parametrize("cell", [schema.CellKind.LSTM, schema.CellKind.GRU])
def test_24_hours_of_a_stream_end_as_they_began(cell: schema.CellKind) -> None:
    weights = Weights(cell, seed=4)
    window, hours = 128, 24
    signal = walking_and_sitting(3600 * RATE)
    scores = []
    for is_int8 in (False, True):
        stream = Stream(weights.model(window, is_int8))
        events = []
        for _ in range(hours):
            events += [event.scores for event in stream.feed(signal)]
        scores.append(np.array(events))
    per_hour = 3600 * RATE / window
    difference = np.abs(scores[0] - scores[1]).max(axis=1)
    first, last = difference[: int(per_hour)], difference[-int(per_hour) :]
    assert len(difference) == hours * 3600 * RATE // window
    assert last.max() < 0.02
    assert last.mean() < first.mean() * 1.01 + 1e-6
