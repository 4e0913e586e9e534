"""`libhar plot`: which picture, of what, into which file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from libhar import datasets
from libhar.evaluate import evaluate, labelled_windows
from libhar.model import Model

Commands = Any
"""What argparse keeps its commands in."""


def add_plot(commands: Commands) -> None:
    """The command with one kind of picture each. matplotlib is imported only when one is drawn."""
    plot = commands.add_parser("plot", help="pictures of a model or a recording, PNG or SVG")
    kinds = plot.add_subparsers(dest="picture", required=True)
    _add_timeline(kinds)
    for name, text in (
        ("confusion", "which class was taken for which"),
        ("reliability", "whether confidence says how often a label is right"),
        ("f1", "F1 of every class, with intervals over people"),
    ):
        counted = kinds.add_parser(name, help=text)
        counted.add_argument("model", type=Path)
        counted.add_argument("--data", choices=["uci_har", *datasets.SETS], required=True)
        counted.add_argument("--split", choices=datasets.SPLITS, default="test")
        counted.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    zoo = kinds.add_parser("zoo", help="size against accuracy against time of what ships")
    zoo.add_argument(
        "--results", type=Path, default=Path("docs/results"), help="default: docs/results"
    )
    for name, kind in kinds.choices.items():
        kind.add_argument("-o", "--output", type=Path, help=f".png or .svg; default: {name}.png")
    plot.set_defaults(run=_plot)


def _add_timeline(kinds: Commands) -> None:
    timeline = kinds.add_parser("timeline", help="signal, labels, confidence and truth over time")
    timeline.add_argument("model", type=Path)
    timeline.add_argument("recording", type=Path, nargs="?", help="CSV, docs/csv-format.md")
    timeline.add_argument("--ignore-extra", action="store_true", help="pass over other columns")
    timeline.add_argument("--data", choices=[*datasets.SETS], help="in place of a CSV")
    timeline.add_argument("--person", type=int, help="of --data")
    timeline.add_argument("--number", type=int, help="of the person's, default 0")
    timeline.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    timeline.add_argument("--begin", type=float, default=0.0, help="s, default 0")
    timeline.add_argument("--end", type=float, help="s, default: the end of the recording")


def _plot(options: argparse.Namespace) -> None:
    from libhar.plot import canvas

    draw = {"timeline": _timeline, "zoo": _zoo}.get(options.picture, _counted)
    path = options.output or Path(f"{options.picture}.png")
    canvas.check_name(path)
    canvas.save(draw(options), path)
    print(path)


def _timeline(options: argparse.Namespace) -> Any:
    from libhar.plot.recording import of_set
    from libhar.plot.timeline import timeline
    from libhar.recording import read_csv

    model = Model(options.model)
    if (options.recording is None) == (options.data is None):
        raise ValueError("give one recording: a CSV file, or --data and --person")
    _check_used(options)
    if options.data is None:
        recording = read_csv(model, options.recording, options.ignore_extra)
    elif options.person is None:
        raise ValueError(f"--data {options.data} needs --person")
    else:
        folder = datasets.data_folder(options.data_dir)
        recording = of_set(model, options.data, folder, options.person, options.number or 0)
    return timeline(model, recording, options.begin, options.end)


def _check_used(options: argparse.Namespace) -> None:
    """Raises ValueError for an option that the recording makes nothing of."""
    if options.data is None:
        given = {"--person": options.person, "--number": options.number}
        unused = [name for name, value in given.items() if value is not None]
    else:
        unused = ["--ignore-extra"] if options.ignore_extra else []
    if unused:
        other = "--data" if options.data is None else "a CSV file"
        raise ValueError(f"{unused[0]} is of {other}, which is not given")


def _counted(options: argparse.Namespace) -> Any:
    from libhar.plot.calibration import reliability_diagram
    from libhar.plot.confusion import confusion_matrices
    from libhar.plot.f1 import f1_by_class

    model = Model(options.model)
    folder = datasets.data_folder(options.data_dir)
    found = evaluate(model, labelled_windows(model, options.data, folder, options.split))
    title = f"{model.name} on {options.data}, {options.split} people"
    if options.picture == "confusion":
        return confusion_matrices(title, {("FP32", "INT8")[model.info.numeric]: found})
    if options.picture == "f1":
        print(f"intervals: {found.intervals().kind}")
        return f1_by_class(title, found)
    return reliability_diagram(title, found.bins)


def _zoo(options: argparse.Namespace) -> Any:
    from libhar.plot.zoo import read_results, zoo

    return zoo(read_results(options.results))
