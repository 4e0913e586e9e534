"""The spec of a model: everything of a `.har` file that is not the network, in TOML.

docs/convert.md describes the keys. Columns have names: those of the sensor channels, and after a
gravity split `<name>.gravity` and `<name>.body`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal as scipy_signal

from libhar import schema
from libhar.card import check_claims
from libhar.convert.errors import ConvertError
from libhar.convert.spec_base import read_table

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
CARD_TEXTS = ("description", "training_data", "split", "licence", "source", "devices")


def load_spec(path: str | Path) -> schema.Model:
    """A model without graph and golden vectors. Raises OSError, ConvertError."""
    return model_of(read_table(Path(path)))


def model_of(table: Mapping[str, Any]) -> schema.Model:
    """As `load_spec`, from the parsed TOML."""
    _only(table, {"name", "version", "card", "signal", "labels", "decision", "gate"}, "spec")
    return schema.Model(
        name=_need(table, "name", str, "spec"),
        model_version=table.get("version", ""),
        card=_card(table.get("card", {})),
        signal=_signal(_need(table, "signal", dict, "spec")),
        labels=list(table.get("labels", [])),
        decision=_decision(table.get("decision", {})),
        gate=_gate(table["gate"]) if "gate" in table else None,
    )


def _card(table: Mapping[str, Any]) -> schema.Card:
    _only(table, {*CARD_TEXTS, "measurements"}, "card")
    figures = [_measurement(f, i) for i, f in enumerate(table.get("measurements", []))]
    card = schema.Card(**{name: table.get(name, "") for name in CARD_TEXTS}, measurements=figures)
    check_claims(card)
    return card


def _measurement(table: Mapping[str, Any], index: int) -> schema.Measurement:
    where = f"card.measurements[{index}]"
    _only(table, {"metric", "split", "value", "low", "high", "interval"}, where)
    numbers = ("value", "low", "high") if "interval" in table else ("value",)
    values = {name: float(_need(table, name, (int, float), where)) for name in numbers}
    return schema.Measurement(
        table.get("metric", ""),
        table.get("split", ""),
        values["value"],
        values.get("low", 0.0),
        values.get("high", 0.0),
        table.get("interval", ""),
    )


def _decision(table: Mapping[str, Any]) -> schema.Decision:
    _only(table, {field.name for field in fields(schema.Decision)} - {"output"}, "decision")
    return schema.Decision(**table)


def _gate(table: Mapping[str, Any]) -> schema.Gate:
    _only(table, {field.name for field in fields(schema.Gate)}, "gate")
    vectors = {
        name: np.asarray(_need(table, name, list, "gate"), "<f4")
        for name in ("tolerance", "still_below")
    }
    return schema.Gate(**{**table, **vectors})


def _signal(table: Mapping[str, Any]) -> schema.Signal:
    _only(table, {"rate_hz", "window", "hop", "channels", "steps"}, "signal")
    channels = [_channel(c, i) for i, c in enumerate(_need(table, "channels", list, "signal"))]
    rate = float(_need(table, "rate_hz", (int, float), "signal"))
    columns = [channel.name for channel in channels]
    steps = []
    for index, step in enumerate(table.get("steps", [])):
        params, columns = _step(step, columns, rate, f"signal.steps[{index}]")
        steps.append(schema.SignalStep(params))
    window = _need(table, "window", int, "signal")
    return schema.Signal(channels, rate, window, table.get("hop", window // 2), steps)


def _channel(table: Mapping[str, Any], index: int) -> schema.Channel:
    where = f"signal.channels[{index}]"
    _only(table, {"name", "kind", "axis", "unit", "placement"}, where)
    return schema.Channel(
        name=_need(table, "name", str, where),
        kind=_choice(table, "kind", KINDS, where),
        axis=_choice(table, "axis", AXES, where),
        unit=_choice(table, "unit", UNITS, where),
        placement=_choice(table, "placement", PLACEMENTS, where),
    )


def _step(
    table: Mapping[str, Any], columns: list[str], rate: float, where: str
) -> tuple[schema.SignalParams, list[str]]:
    """One signal step and the columns after it."""
    kind = _need(table, "type", str, where)
    named = table.get("channels", columns)
    missing = [name for name in named if name not in columns]
    if missing:
        raise ConvertError(f"{where}.channels names {missing}, the columns there are {columns}")
    indices = np.array([columns.index(name) for name in named], "<u2")
    if kind == "median":
        _only(table, {"type", "channels"}, where)
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
        _only(table, {"type", "channels", "scale", "offset"}, where)
        scale = np.broadcast_to(np.asarray(table.get("scale", 1.0), "<f8"), indices.shape)
        offset = np.broadcast_to(np.asarray(table.get("offset", 0.0), "<f8"), indices.shape)
        return schema.Scale(indices, scale, offset), columns
    if kind == "select":
        _only(table, {"type", "channels"}, where)
        return schema.Select(indices), list(named)
    raise ConvertError(
        f"{where}.type is {kind!r}, must be one of median, lowpass, highpass, gravity_split, "
        "scale, select"
    )


def _butterworth(
    table: Mapping[str, Any], kind: str, rate: float, where: str
) -> tuple[int, float, list[schema.Section]]:
    """Order, cutoff and sections of a digital Butterworth filter (bilinear transform)."""
    _only(table, {"type", "channels", "order", "cutoff_hz"}, where)
    order = _need(table, "order", int, where)
    cutoff = float(_need(table, "cutoff_hz", (int, float), where))
    if not 1 <= order <= 64:
        raise ConvertError(f"{where}.order is {order}, must be 1 to 64")
    if not 0 < cutoff < rate / 2:
        raise ConvertError(f"{where}.cutoff_hz is {cutoff}, must be above 0 and below {rate / 2}")
    rows = scipy_signal.butter(order, cutoff, kind, fs=rate, output="sos")
    return order, cutoff, [schema.Section(*map(float, (*r[:3], *r[4:]))) for r in rows]


def _need(table: Mapping[str, Any], key: str, types: Any, where: str) -> Any:
    if key not in table:
        raise ConvertError(f"{where}.{key} is missing")
    if not isinstance(table[key], types) or isinstance(table[key], bool):
        raise ConvertError(f"{where}.{key} is {table[key]!r}, must be {types}")
    return table[key]


def _choice(table: Mapping[str, Any], key: str, choices: Mapping[str, Any], where: str) -> Any:
    value = table.get(key, next(iter(choices)))
    if value not in choices:
        raise ConvertError(f"{where}.{key} is {value!r}, must be one of {', '.join(choices)}")
    return choices[value]


def _only(table: Mapping[str, Any], known: Sequence[str] | set[str], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ConvertError(f"{where} has unknown keys {unknown}; it takes {sorted(known)}")
