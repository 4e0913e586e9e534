"""The spec of a model: everything of a `.har` file that is not the network, in TOML.

docs/convert.md describes the keys. Columns have names: those of the sensor channels, and after a
gravity split `<name>.gravity` and `<name>.body`.
"""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal as scipy_signal

from libhar import schema
from libhar.card import check_claims
from libhar.convert import spec_read as read
from libhar.convert.errors import ConvertError
from libhar.convert.spec_base import read_table
from libhar.convert.spec_read import Table

KINDS = {kind.name.lower(): kind for kind in schema.SensorKind}
AXES = {axis.name.lower(): axis for axis in schema.Axis}
PLACEMENTS = {placement.name.lower(): placement for placement in schema.Placement}
UNITS = {
    "none": schema.Unit.NONE,
    "m/s^2": schema.Unit.METRE_PER_SECOND_SQUARED,
    "g": schema.Unit.STANDARD_GRAVITY,
    "rad/s": schema.Unit.RADIAN_PER_SECOND,
    "deg/s": schema.Unit.DEGREE_PER_SECOND,
    "uT": schema.Unit.MICROTESLA,
    "earth_field": schema.Unit.EARTH_FIELD,
    "hPa": schema.Unit.HECTOPASCAL,
    "beats/min": schema.Unit.BEAT_PER_MINUTE,
}
DECISION = {
    "temperature": read.POSITIVE,
    "smoothing": read.BELOW_ONE,
    "abstain_below": read.SHARE,
    "enter_above": read.SHARE,
    "exit_below": read.SHARE,
}
MOST_VOTES = 63
LONGEST_MS = 3_600_000
MOST_SKIPPED = 65_535
MOST_SAMPLES = 65_536
"""The longest window."""
RATES = read.Span("from 0.001 to 100000", 1e-3, 1e5)
CARD_TEXTS = ("description", "training_data", "split", "licence", "source", "devices")


def load_spec(path: str | Path) -> schema.Model:
    """A model without graph and golden vectors. Raises OSError, ConvertError."""
    return model_of(read_table(Path(path)))


def model_of(table: Table) -> schema.Model:
    """As `load_spec`, from the parsed TOML."""
    read.only(table, {"name", "version", "card", "signal", "labels", "decision", "gate"}, "spec")
    return schema.Model(
        name=read.text(table, "name", "spec"),
        model_version=read.text(table, "version", "spec", ""),
        card=_card(read.subtable(table, "card", "spec", {})),
        signal=_signal(read.subtable(table, "signal", "spec")),
        labels=read.names(table, "labels", "spec", []),
        decision=_decision(read.subtable(table, "decision", "spec", {})),
        gate=_gate(read.subtable(table, "gate", "spec")) if "gate" in table else None,
    )


def _card(table: Table) -> schema.Card:
    read.only(table, {*CARD_TEXTS, "measurements"}, "card")
    measured = read.subtables(table, "measurements", "card", [])
    card = schema.Card(
        **{name: read.text(table, name, "card", "") for name in CARD_TEXTS},
        measurements=[_measurement(f, i) for i, f in enumerate(measured)],
    )
    check_claims(card)
    return card


def _measurement(table: Table, index: int) -> schema.Measurement:
    where = f"card.measurements[{index}]"
    ends = ("low", "high")
    read.only(table, {"metric", "split", "value", *ends, "interval"}, where)
    value = read.number(table, "value", where, read.FINITE)
    metric, split = (read.text(table, key, where, "") for key in ("metric", "split"))
    if "interval" in table:
        low, high = (read.number(table, key, where, read.FINITE) for key in ends)
        interval = read.text(table, "interval", where)
        return schema.Measurement(metric, split, value, low, high, interval)
    for key in ends:
        if key in table:
            raise ConvertError(f"{where}.{key} needs {where}.interval, which says of what kind")
    return schema.Measurement(metric, split, value)


def _decision(table: Table) -> schema.Decision:
    wholes = {"majority": MOST_VOTES, "min_duration_ms": LONGEST_MS}
    read.only(table, {*DECISION, *wholes}, "decision")
    given: dict[str, Any] = {}
    for key in table:
        if key in wholes:
            given[key] = read.whole(table, key, "decision", 0, wholes[key])
        else:
            given[key] = read.number(table, key, "decision", DECISION[key])
    return schema.Decision(**given)


def _gate(table: Table) -> schema.Gate:
    read.only(table, {field.name for field in fields(schema.Gate)}, "gate")
    tolerance, still_below = (
        np.asarray(read.numbers(table, key, "gate", read.NOT_NEGATIVE), "<f4")
        for key in ("tolerance", "still_below")
    )
    gate = schema.Gate(tolerance, still_below)
    gate.most_skipped = read.whole(
        table, "most_skipped", "gate", 1, MOST_SKIPPED, gate.most_skipped
    )
    if "confident" in table:
        gate.confident = read.number(table, "confident", "gate", read.SHARE)
    return gate


def _signal(table: Table) -> schema.Signal:
    read.only(table, {"rate_hz", "window", "hop", "channels", "steps"}, "signal")
    described = read.subtables(table, "channels", "signal")
    channels = [_channel(c, i) for i, c in enumerate(described)]
    columns = [channel.name for channel in channels]
    read.once(columns, "signal.channels[{}].name")
    rate = read.number(table, "rate_hz", "signal", RATES)
    steps = []
    for index, step in enumerate(read.subtables(table, "steps", "signal", [])):
        params, columns = _step(step, columns, rate, f"signal.steps[{index}]")
        steps.append(schema.SignalStep(params))
    window = read.whole(table, "window", "signal", 1, MOST_SAMPLES)
    hop = read.whole(table, "hop", "signal", 1, window, window // 2)
    return schema.Signal(channels, rate, window, hop, steps)


def _channel(table: Table, index: int) -> schema.Channel:
    where = f"signal.channels[{index}]"
    read.only(table, {"name", "kind", "axis", "unit", "placement"}, where)
    return schema.Channel(
        name=read.text(table, "name", where),
        kind=read.choice(table, "kind", KINDS, where),
        axis=read.choice(table, "axis", AXES, where),
        unit=read.choice(table, "unit", UNITS, where),
        placement=read.choice(table, "placement", PLACEMENTS, where),
    )


def _step(
    table: Table, columns: list[str], rate: float, where: str
) -> tuple[schema.SignalParams, list[str]]:
    """One signal step and the columns after it."""
    kind = read.text(table, "type", where)
    named = read.names(table, "channels", where, columns)
    missing = [name for name in named if name not in columns]
    if missing:
        raise ConvertError(f"{where}.channels names {missing}, the columns there are {columns}")
    indices = np.array([columns.index(name) for name in named], "<u2")
    if kind == "median":
        read.only(table, {"type", "channels"}, where)
        return schema.Median(indices), columns
    if kind in ("lowpass", "highpass"):
        filter_kind = schema.FilterKind[kind.upper()]
        order, cutoff, sections = _butterworth(table, kind, rate, where)
        return schema.Filter(indices, filter_kind, order, cutoff, sections), columns
    if kind == "gravity_split":
        order, cutoff, sections = _butterworth(table, "lowpass", rate, where)
        appended = [f"{name}.{part}" for part in ("gravity", "body") for name in named]
        return schema.GravitySplit(indices, order, cutoff, sections), columns + appended
    if kind == "scale":
        read.only(table, {"type", "channels", "scale", "offset"}, where)
        scale = _per_channel(table, "scale", where, len(named), 1.0)
        offset = _per_channel(table, "offset", where, len(named), 0.0)
        return schema.Scale(indices, scale, offset), columns
    if kind == "select":
        read.only(table, {"type", "channels"}, where)
        return schema.Select(indices), list(named)
    raise ConvertError(
        f"{where}.type is {kind!r}, must be one of median, lowpass, highpass, gravity_split, "
        "scale, select"
    )


def _per_channel(
    table: Table, key: str, where: str, count: int, default: float
) -> NDArray[np.float64]:
    """One number for all channels, or a list of one for each."""
    if key not in table:
        return np.full(count, default, "<f8")
    if not isinstance(table[key], list):
        return np.full(count, read.number(table, key, where, read.FINITE), "<f8")
    found = read.numbers(table, key, where, read.FINITE)
    if len(found) != count:
        raise ConvertError(
            f"{where}.{key} is {found}, must be one number, or one for each of {count} channels"
        )
    return np.array(found, "<f8")


def _butterworth(
    table: Table, kind: str, rate: float, where: str
) -> tuple[int, float, list[schema.Section]]:
    """Order, cutoff and sections of a digital Butterworth filter (bilinear transform)."""
    read.only(table, {"type", "channels", "order", "cutoff_hz"}, where)
    order = read.whole(table, "order", where, 1, 64)
    nyquist = read.Span(
        f"above 0 and below {rate / 2:g}", math.ulp(0.0), math.nextafter(rate / 2, 0)
    )
    cutoff = read.number(table, "cutoff_hz", where, nyquist)
    rows = scipy_signal.butter(order, cutoff, kind, fs=rate, output="sos")
    return order, cutoff, [schema.Section(*map(float, (*r[:3], *r[4:]))) for r in rows]
