"""`libhar calibrate`: fits a model's temperature and gate, and writes them into its file."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from libhar import datasets, flat, schema
from libhar.calibrate.folds import Fold, check_folds, labelled, together, walks
from libhar.calibrate.gate import GateFit, fit_gate
from libhar.calibrate.rewrite import with_decision
from libhar.calibrate.temperature import Reliability, fit_temperature, reliability
from libhar.reliability import BINNING, BINS

DIGITS = 3
"""Of a temperature, so that a spec can state it."""
MOST_SKIPPED = 15
"""Windows in a row that a gate repeats, unless it is told otherwise."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of `libhar`."""
    calibrate = commands.add_parser(
        "calibrate", help="fit confidence, and on demand the still gate, on training people"
    )
    calibrate.add_argument("model", type=Path)
    calibrate.add_argument("--data", choices=["uci_har", *datasets.SETS], required=True)
    calibrate.add_argument(
        "--people",
        type=int,
        nargs="+",
        default=[],
        help="training people that the model was not trained on; default: all training people",
    )
    calibrate.add_argument(
        "--fold",
        type=_fold,
        action="append",
        default=[],
        metavar="FILE=PERSON,...",
        help="fit on this model of the same recipe and people it was not trained on instead; "
        "several are fitted together",
    )
    calibrate.add_argument("--gate", action="store_true", help="fit the still gate too")
    calibrate.add_argument(
        "--most-skipped",
        type=int,
        help=f"windows in a row that the gate of --gate skips, default {MOST_SKIPPED}",
    )
    calibrate.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    calibrate.add_argument("--json", action="store_true")
    calibrate.add_argument("-o", "--output", type=Path, required=True, help="the .har file")
    calibrate.set_defaults(run=run)


def _fold(text: str) -> Fold:
    """Of --fold; argparse shows the message of no other error."""
    try:
        return Fold.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def run(options: argparse.Namespace) -> None:
    """Fits, writes the file, shows what was found."""
    if options.fold and options.people:
        raise ValueError("--people and --fold exclude each other: a fold names its people")
    most_skipped = MOST_SKIPPED if options.most_skipped is None else options.most_skipped
    if not 1 <= most_skipped <= 65535:
        raise ValueError(f"--most-skipped is {most_skipped}, must be 1 to 65535")
    if options.most_skipped is not None and not options.gate:
        raise ValueError("--most-skipped is of the gate that --gate fits, which is not given")
    folds = options.fold or [Fold(options.model, tuple(options.people))]
    check_folds(options.model, folds)
    folder = datasets.data_folder(options.data_dir)
    logits, labels = together([labelled(fold, options.data, folder) for fold in folds])
    temperature = float(f"{fit_temperature(logits, labels):.{DIGITS}g}")
    before, after = (reliability(logits, labels, t) for t in (1.0, temperature))
    model = flat.load(options.model)
    decision = replace(model.decision or schema.Decision(), temperature=temperature)
    fit = None
    if options.gate:
        found = [walks(fold, options.data, folder) for fold in folds]
        fit = fit_gate(found, temperature, most_skipped)
    gate = fit.gate if fit else model.gate
    flat.save(with_decision(model, decision, gate), options.output)
    if options.json:
        print(json.dumps(_figures(len(labels), temperature, before, after, fit)))
    else:
        print(_text(len(labels), temperature, before, after, fit))
        print(f"{options.output}: {options.output.stat().st_size} bytes")


def _figures(
    windows: int, temperature: float, before: Reliability, after: Reliability, fit: GateFit | None
) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "windows": windows,
        "temperature": temperature,
        "bins": BINS,
        "at_temperature_1": asdict(before),
        "calibrated": asdict(after),
    }
    if fit is not None:
        figures["gate"] = {
            "tolerance": [float(str(v)) for v in fit.gate.tolerance],
            "still_below": [float(str(v)) for v in fit.gate.still_below],
            "most_skipped": fit.gate.most_skipped,
            "confident": fit.gate.confident,
            "windows": fit.windows,
            "skipped": fit.skipped,
            "agreement": fit.agreement,
        }
    return figures


def _text(
    windows: int, temperature: float, before: Reliability, after: Reliability, fit: GateFit | None
) -> str:
    """For people, and for a spec."""
    lines = [
        f"fitted on {windows} windows; calibration error over {BINNING}",
        f"temperature 1          error {before.error:.4f}  log loss {before.log_loss:.4f}",
        f"temperature {temperature:<9g}  error {after.error:.4f}  log loss {after.log_loss:.4f}",
    ]
    if fit is not None:
        gate = fit.gate
        lines += [
            "",
            f"the gate skips {fit.skipped} of {fit.windows} windows in a row; "
            f"{fit.agreement:.4%} of them have the label that is repeated",
            "[gate]",
            f"tolerance = [{', '.join(map(str, gate.tolerance))}]",
            f"still_below = [{', '.join(map(str, gate.still_below))}]",
            f"most_skipped = {gate.most_skipped}",
            f"confident = {gate.confident}",
        ]
    return "\n".join(lines)
