"""The card of a model: what it was trained on, how good it is and on whom, whether it holds here.

`card_of` reads it from an opened model, `as_text`, `as_markdown` and `dataclasses.asdict` show it;
`with_figures` writes measured figures to a model that is being made, `check_claims` refuses those
that do not say on whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from libhar import schema
from libhar.decision import Decision
from libhar.evaluate import Evaluation
from libhar.model import MeasurementInfo, Model
from libhar.reliability import BINNING

F1 = "f1/"
"""Begins the metric of one class."""
ECE = f"ece, {BINNING}"


class ClaimError(ValueError):
    """A figure that does not say what it was counted on."""


@dataclass(frozen=True)
class Card:
    """What is said of a model, and of what this machine makes of its golden vectors."""

    name: str
    version: str
    description: str
    training_data: str
    split: str
    devices: str
    placements: tuple[str, ...]
    """For each place the sensors with their units: "waist: accelerometer (g)"."""
    rate_hz: float
    window: int
    hop: int
    licence: str
    source: str
    numeric: str
    parameters: int
    file_bytes: int
    labels: tuple[str, ...]
    temperature: float
    golden_count: int
    golden_reproduced: int
    measurements: tuple[MeasurementInfo, ...]


def card_of(model: Model) -> Card:
    """The card of an opened model; runs its golden vectors. Raises HarError."""
    info, texts = model.info, model.texts
    return Card(
        name=texts["name"],
        version=texts["version"],
        description=texts["description"],
        training_data=texts["training_data"],
        split=texts["split"],
        devices=texts["devices"],
        placements=_placements(model),
        rate_hz=info.rate_hz,
        window=info.window,
        hop=info.hop,
        licence=texts["licence"],
        source=texts["source"],
        numeric=("FP32", "INT8")[info.numeric],
        parameters=info.parameters,
        file_bytes=info.file_bytes,
        labels=model.labels,
        temperature=Decision.of(model).temperature if model.labels else 1.0,
        golden_count=info.golden_count,
        golden_reproduced=model.selftest().checked if info.golden_count else 0,
        measurements=model.measurements,
    )


def _placements(model: Model) -> tuple[str, ...]:
    sensors: dict[str, dict[str, None]] = {}
    for channel in model.channels:
        sensor = f"{channel.kind.replace('_', ' ')} ({channel.unit})"
        sensors.setdefault(channel.placement.replace("_", " "), {})[sensor] = None
    return tuple(f"{place}: {', '.join(found)}" for place, found in sensors.items())


def check_claims(card: schema.Card | None) -> None:
    """Raises ClaimError where a measurement has no metric, or no split to have been counted on."""
    for index, found in enumerate(card.measurements if card else []):
        where = f"card.measurements[{index}]"
        if not found.metric.strip():
            raise ClaimError(f"{where}.metric is {found.metric!r}, must say what was measured")
        if not found.split.strip():
            raise ClaimError(
                f"{where}.split is {found.split!r}, must name the people or windows on which "
                f"{found.metric} {found.value:g} was counted"
            )


def measurements_of(found: Evaluation, split: str) -> list[schema.Measurement]:
    """Accuracy, macro F1 and F1 of every class with what other people would give; the calibration
    error. `split` says in words what was tested on."""
    spans = found.intervals()
    kind = spans.kind
    figures = [
        schema.Measurement("accuracy", split, found.accuracy, *spans.accuracy, kind),
        schema.Measurement("macro_f1", split, found.macro_f1, *spans.macro_f1, kind),
    ]
    occurring = found.confusion.sum(axis=1) + sum(t[:, -1] for t in found.tallies.values())
    for i, name in enumerate(found.names):
        if occurring[i]:
            low, high = map(float, spans.f1[i])
            figures.append(
                schema.Measurement(F1 + name, split, float(found.f1[i]), low, high, kind)
            )
    if found.calibration_error is not None:
        figures.append(schema.Measurement(ECE, split, found.calibration_error))
    return figures


def with_figures(
    model: schema.Model, figures: Iterable[schema.Measurement], devices: str = ""
) -> schema.Model:
    """The model with these figures in place of its own. Figures of other metrics, as the mean of
    several seeds, stay behind them; `devices` replaces the card's where it is given."""
    card = model.card or schema.Card()
    new = list(figures)
    taken = {figure.metric for figure in new}
    new += [figure for figure in card.measurements if figure.metric not in taken]
    return replace(model, card=replace(card, measurements=new, devices=devices or card.devices))


# ---------------------------------------------------------------- showing


def as_text(card: Card) -> str:
    """For people, at a terminal."""
    lines = [f"{card.name} {card.version}".rstrip(), *filter(None, [card.description]), ""]
    lines += [f"{head.lower():14} {text}" for head, text in _facts(card)]
    for split, figures in _by_split(card.measurements):
        lines += ["", f"measured on {split}"]
        rows = [_row(figure) for figure in figures]
        width = max(len(row[0]) for row in rows)
        lines += [f"  {row[0]:{width}}  {row[1]:>8}  {row[2]}".rstrip() for row in rows]
    lines += [f"\nintervals: {kind}" for kind in _kinds(card.measurements)]
    return "\n".join(lines)


def as_markdown(card: Card) -> str:
    """For a page: a heading, a table of facts, a table of figures for every split."""
    lines = [f"## {card.name}", "", card.description, "", "| | |", "|---|---|"]
    lines += [f"| {head} | {_cell(text)} |" for head, text in _facts(card)]
    for split, figures in _by_split(card.measurements):
        lines += ["", f"| measured on {_cell(split)} | | interval |", "|---|---:|---|"]
        lines += ["| " + " | ".join(map(_cell, _row(figure))) + " |" for figure in figures]
    lines += [f"\nIntervals: {kind}." for kind in _kinds(card.measurements)]
    return "\n".join(lines)


def _facts(card: Card) -> Sequence[tuple[str, str]]:
    """The rows above the figures; those that the file says nothing of are left out."""
    rate = card.rate_hz
    facts = [
        ("Training data", card.training_data),
        ("Split", card.split),
        ("Devices", card.devices),
        ("Placement", "; ".join(card.placements)),
        (
            "Window",
            f"{card.window} samples ({card.window / rate:.3g} s) every {card.hop} "
            f"({card.hop / rate:.3g} s), {rate:g} Hz",
        ),
        ("Classes", ", ".join(card.labels)),
        ("Network", f"{card.numeric}, {card.parameters:,} parameters, {card.file_bytes:,} bytes"),
        ("Calibration", _calibration(card) if card.labels else ""),
        ("Parity", _parity(card)),
        ("Licence", card.licence),
        ("Source", card.source),
    ]
    return [(head, text) for head, text in facts if text]


def _calibration(card: Card) -> str:
    known = {figure.metric: figure.value for figure in card.measurements}
    error = f"expected calibration error {known[ECE]:.4f}" if ECE in known else "error not measured"
    return f"temperature {card.temperature:g}, {error}"


def _parity(card: Card) -> str:
    if card.golden_count == 0:
        return "no golden vectors"
    return (
        f"{card.golden_reproduced} of {card.golden_count} golden vectors reproduced on this machine"
    )


def _by_split(
    measurements: Iterable[MeasurementInfo],
) -> Iterable[tuple[str, list[MeasurementInfo]]]:
    groups: dict[str, list[MeasurementInfo]] = {}
    for figure in measurements:
        groups.setdefault(figure.split or "a split that is not named", []).append(figure)
    return groups.items()


def _kinds(measurements: Iterable[MeasurementInfo]) -> list[str]:
    return list(dict.fromkeys(figure.interval for figure in measurements if figure.interval))


def _row(figure: MeasurementInfo) -> tuple[str, str, str]:
    """Name, value, interval; shares as percentages, others as they are."""
    name = figure.metric.replace(F1, "F1 of ", 1).replace("macro_f1", "macro F1")
    if not name.startswith(("accuracy", "macro F1", "F1 of ")):
        return name, f"{figure.value:.4g}", ""
    span = f"{100 * figure.low:.2f} to {100 * figure.high:.2f} %" if figure.interval else ""
    return name, f"{100 * figure.value:.2f} %", span


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
