"""The decision, the still gate and stretching: streams against the reference, event by event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import libhar
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from libhar import flat, schema
from libhar.convert.builder import GraphBuilder
from libhar.reference import Decided, Decider, Pace, StillGate, probabilities
from makers import with_network

CLASSES, WINDOW, HOP, PERIOD_NS = 4, 4, 2, 20_000_000
NS_PER_MS = 1_000_000


def source(decision: schema.Decision, gate: schema.Gate | None = None) -> schema.Model:
    """A model whose logits are the means of its columns over a window."""
    build = GraphBuilder()
    x = build.graph.input = build.computed("input", WINDOW, CLASSES)
    build.graph.output = build.computed("logits", 1, CLASSES)
    build.op("mean", schema.GlobalPool(schema.PoolKind.AVERAGE), [x], build.graph.output)
    model = with_network(build.graph, build.buffers, hop=HOP)
    model.decision, model.gate = decision, gate
    return model


def held(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Logits [rows, classes] that stay for a while, some clear, some between two classes."""
    lengths = rng.integers(1, 24, rows)
    levels = rng.normal(size=(rows, CLASSES)) * rng.choice([0.3, 1, 4], (rows, 1))
    signal = np.repeat(levels, lengths, axis=0)[:rows]
    noisy = rng.random() < 0.5
    return (signal + noisy * 0.3 * rng.normal(size=signal.shape)).astype(np.float32)


@st.composite
def decisions(draw: st.DrawFn) -> schema.Decision:
    share = st.one_of(st.just(0.0), st.floats(0, 1, width=32))
    abstain, enter = draw(share), draw(share)
    stay = draw(st.one_of(st.just(0.0), st.floats(0, max(abstain, enter), width=32)))
    return schema.Decision(
        temperature=draw(st.floats(0.25, 4, width=32)),
        smoothing=draw(st.one_of(st.just(0.0), st.floats(0, 0.984375, width=32))),
        abstain_below=abstain,
        majority=draw(st.sampled_from([0, 1, 3, 5, 63])),
        enter_above=enter,
        exit_below=stay,
        min_duration_ms=draw(st.sampled_from([0, 1, 40, 80, 200, 1000])),
    )


def expected(
    model: schema.Model, samples: np.ndarray, times: np.ndarray, gate: bool, stretch: int
) -> Iterator[tuple[Decided, int, int]]:
    """What the reference decides, with the window's first sample and its flags."""
    assert model.decision is not None and model.graph is not None
    decider = Decider(model.decision)
    still = StillGate(model.gate or schema.Gate())
    pace = Pace(model.gate.confident if model.gate else 0.9, stretch)
    alone = libhar.Stream(libhar.Model(flat.encode(model)))
    edges = np.flatnonzero(np.diff(times) > 10 * PERIOD_NS) + 1
    after_gap = False
    for first, end in zip([0, *edges], [*edges, len(samples)], strict=True):
        to_pass = 0
        for start in range(first, end - WINDOW + 1, HOP):
            if to_pass:
                to_pass -= 1
                continue
            window = samples[start : start + WINDOW]
            repeats = gate and still.skips(window)
            if not repeats:
                own = alone.classify(window).scores
                still.trust(float(own.max()))
            decided = decider.step(own, int(times[start]), int(times[start + WINDOW - 1]))
            to_pass = pace.step(decided)
            flags = libhar.UNKNOWN * (decided.class_index < 0) | libhar.AFTER_GAP * after_gap
            flags |= libhar.ENTER * decided.enters | libhar.EXIT * (decided.left_index >= 0)
            yield decided, start, flags | libhar.REPEATED * repeats
            after_gap = False
        decider.gap()
        still.reset()
        pace.reset()
        after_gap = True


def facts(decided: Decided) -> tuple[object, ...]:
    return (
        decided.class_index,
        decided.raw_index,
        decided.left_index,
        decided.since_ns,
        decided.confidence,
        decided.scores.tobytes(),
    )


def facts_of_event(event: libhar.Event) -> tuple[object, ...]:
    return (
        event.class_index,
        event.raw_index,
        event.left_index,
        event.since_ns,
        event.confidence,
        event.scores.tobytes(),
    )


def in_pieces(stream: libhar.Stream, samples: np.ndarray, times: np.ndarray, cuts: list[int]):
    at = turn = 0
    while at < len(samples):
        end = at + cuts[turn % len(cuts)]
        yield from stream.feed(samples[at:end], times[at:end])
        at, turn = end, turn + 1
    yield from stream.run(samples[:0])


GATES = st.builds(
    lambda tolerance, still, most, confident: schema.Gate(
        np.full(CLASSES, tolerance, "<f4"), np.full(CLASSES, still, "<f4"), most, confident
    ),
    st.sampled_from([0.0, 0.1, 1.0]),
    st.sampled_from([0.0, 0.2, 2.0]),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.5, 0.9]),
)


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 240),
    decision=decisions(),
    gate=GATES,
    gated=st.booleans(),
    stretch=st.sampled_from([0, 1, 2, 3, 4, 64]),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=4),
)
def test_events_are_the_references(
    seed: int,
    rows: int,
    decision: schema.Decision,
    gate: schema.Gate,
    gated: bool,
    stretch: int,
    cuts: list[int],
) -> None:
    rng = np.random.default_rng(seed)
    samples = held(rng, rows)
    steps = rng.choice(
        [PERIOD_NS, PERIOD_NS + 1_000_000, 45 * PERIOD_NS], rows, p=[0.5, 0.47, 0.03]
    )
    times = np.cumsum(steps)
    model = source(decision, gate)
    stream = libhar.Stream(
        libhar.Model(flat.encode(model)), still_gate=gated, max_stretch=stretch, queue=7
    )
    events = list(in_pieces(stream, samples, times, cuts))
    wanted = list(expected(model, samples, times, gated, stretch))
    decided = [(e.first_sample, e.flags & ~libhar.CONTRACT) for e in events]  # many gaps: "rate"
    assert decided == [(s, f) for _, s, f in wanted]
    assert [facts_of_event(e) for e in events] == [facts(d) for d, _, _ in wanted]
    counters = stream.counters()
    assert counters.windows == len(events)
    assert counters.windows_skipped == sum(bool(e.flags & libhar.REPEATED) for e in events)
    assert counters.samples == rows
    edges = [0, *(np.flatnonzero(np.diff(times) > 10 * PERIOD_NS) + 1), rows]
    due = sum(max(0, (b - a - WINDOW) // HOP + 1) for a, b in pairwise(edges))
    assert counters.windows + counters.windows_stretched == due
    stream.reset()
    fresh = stream.counters()
    assert fresh.windows == fresh.samples == fresh.gaps == 0
    again = list(in_pieces(stream, samples, times, [rows or 1]))
    assert [facts_of_event(e) for e in again] == [facts_of_event(e) for e in events]


@given(
    output=st.lists(st.floats(-30, 30, width=32), min_size=CLASSES, max_size=CLASSES),
    temperature=st.floats(0.25, 4, width=32),
)
@example(output=[0.0, 0.0, 0.0, 0.0], temperature=1.0)
def test_probabilities_are_the_references(output: list[float], temperature: float) -> None:
    decision = schema.Decision(temperature=temperature)
    window = np.tile(np.array(output, np.float32), (1, WINDOW, 1))
    found, _ = libhar.Model(flat.encode(source(decision))).classify(window)
    assert found.tobytes() == probabilities(decision, np.array([output], np.float32)).tobytes()


def run(decision: schema.Decision, classes: list[int], **settings: object) -> list[libhar.Event]:
    """The events of one window after the other, WINDOW samples each, clearly of these classes."""
    model = source(decision)
    model.signal.hop = WINDOW
    samples = np.repeat(8 * np.eye(CLASSES, dtype=np.float32)[classes], WINDOW, axis=0)
    return list(libhar.Stream(libhar.Model(flat.encode(model)), **settings).run(samples))


def test_a_short_activity_is_not_decided() -> None:
    three_windows = schema.Decision(min_duration_ms=2 * WINDOW * PERIOD_NS // NS_PER_MS)
    events = run(three_windows, [0, 0, 1, 1, 0, 2, 2, 2, 2])
    assert [e.class_index for e in events] == [0] * 7 + [2, 2]
    assert [e.raw_index for e in events] == [0, 0, 1, 1, 0, 2, 2, 2, 2]
    entered = events[7]
    assert entered.flags == libhar.ENTER | libhar.EXIT
    assert (entered.left_index, entered.since_ns) == (0, 5 * WINDOW * PERIOD_NS)
    assert [e.flags for e in events[1:7]] == [0] * 6


def test_a_majority_outvotes_one_window() -> None:
    events = run(schema.Decision(majority=3), [0, 0, 1, 0, 1, 1, 1])
    assert [e.class_index for e in events] == [0, 0, 0, 0, 1, 1, 1]


def test_a_stream_may_decide_otherwise_than_its_model() -> None:
    model = libhar.Model(flat.encode(source(schema.Decision(smoothing=0.5, abstain_below=0.25))))
    own = libhar.Decision.of(model)
    assert own == libhar.Decision(smoothing=0.5, abstain_below=0.25)
    samples = held(np.random.default_rng(3), 200)
    times = np.arange(200) * PERIOD_NS
    plain = list(libhar.Stream(model).run(samples, times))
    same = list(libhar.Stream(model, decision=own).run(samples, times))
    assert [facts_of_event(e) for e in same] == [facts_of_event(e) for e in plain]
    other = replace(own, temperature=2.0, smoothing=0.0, majority=5, min_duration_ns=10**8)
    events = list(libhar.Stream(model, decision=other).run(samples, times))
    file = schema.Decision(temperature=2.0, abstain_below=0.25, majority=5, min_duration_ms=100)
    wanted = [d for d, _, _ in expected(source(file), samples, times, False, 1)]
    assert [facts_of_event(e) for e in events] == [facts(d) for d in wanted]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"smoothing": 1.0}, "smoothing"),
        ({"majority": 2}, "majority"),
        ({"majority": 65}, "majority"),
        ({"enter_above": 1.5}, "enter_above"),
        ({"exit_below": 0.1}, "exit_below"),
        ({"enter_above": 0.5, "exit_below": 0.6}, "exit_below"),
        ({"abstain_below": -0.5}, "abstain_below"),
        ({"min_duration_ns": -1}, "min_duration"),
        ({"min_duration_ns": 3_600_000_000_001}, "min_duration"),
    ],
)
def test_decisions_outside_their_bounds_are_refused(changes: dict[str, float], field: str) -> None:
    model = libhar.Model(flat.encode(source(schema.Decision())))
    with pytest.raises(libhar.HarError) as caught:
        libhar.Stream(model, decision=libhar.Decision(**changes))  # type: ignore[arg-type]
    assert (caught.value.name, caught.value.field) == ("HAR_ERR_VALUE", f"config.decision.{field}")


def test_a_gate_that_the_file_lacks_and_too_long_a_stretch_are_refused() -> None:
    model = libhar.Model(flat.encode(source(schema.Decision())))
    for settings, field in [
        ({"still_gate": True}, "config.still_gate"),
        ({"still_gate": 2}, "config.still_gate"),
        ({"max_stretch": 65}, "config.max_stretch"),
    ]:
        with pytest.raises(libhar.HarError) as caught:
            libhar.Stream(model, **settings)  # type: ignore[arg-type]
        assert (caught.value.name, caught.value.field) == ("HAR_ERR_VALUE", field)


def test_a_window_alone_is_not_touched_by_the_decision() -> None:
    strict = schema.Decision(
        smoothing=0.5, majority=5, enter_above=0.99, exit_below=0.9, min_duration_ms=9000
    )
    stream = libhar.Stream(libhar.Model(flat.encode(source(strict))))
    window = np.tile(np.array([0.0, 0.5, 0.0, 0.0], np.float32), (WINDOW, 1))
    event = stream.classify(window)
    assert (event.class_index, event.raw_index, event.left_index) == (1, 1, -1)
    assert (event.flags, event.since_ns) == (0, 0)
    assert next(stream.run(window)).class_index == -1
