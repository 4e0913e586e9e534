"""`libhar saliency`: the maps of a model on a set, as pictures, CSV and JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from libhar import datasets, files, flat, schema
from libhar.datasets import Windows
from libhar.evaluate import labelled_windows
from libhar.model import Model
from libhar.progress import tell
from libhar.saliency.checks import checks
from libhar.saliency.maps import FORMS, Saliency, saliency
from libhar.saliency.tables import write_csv, write_json

MOST = 500
Commands = Any
"""What argparse keeps its commands in."""


def add_to(commands: Commands) -> None:
    """Adds the command to those of `libhar`."""
    made = commands.add_parser(
        "saliency", help="which channels a network looks at: pictures, CSV, JSON"
    )
    made.add_argument("model", type=Path)
    made.add_argument("--data", choices=["uci_har", *datasets.SETS], required=True)
    made.add_argument(
        "--split",
        choices=datasets.SPLITS,
        default="train",
        help="whose windows, default train: nothing is then learnt of who is tested on",
    )
    add_map_options(made)
    made.add_argument("--class", dest="labels", nargs="+", metavar="LABEL", help="default: all")
    made.add_argument(
        "--check",
        action="store_true",
        help="also the deletion test on test people, and how alike the map is to those of "
        "untrained networks",
    )
    made.add_argument("-o", "--output", type=Path, default=Path("saliency"), help="a folder")
    made.set_defaults(run=run)


def add_map_options(made: argparse.ArgumentParser) -> None:
    """How a map is made."""
    made.add_argument(
        "--most", type=int, default=MOST, help=f"windows of a class, 0: all; default {MOST}"
    )
    made.add_argument(
        "--form",
        choices=FORMS,
        default="contribution",
        help="; ".join(f"{name}: {formula}" for name, formula in FORMS.items()),
    )
    made.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")


def run(options: argparse.Namespace) -> None:
    """Writes the files of the map, and of its checks where they are asked for."""
    from libhar.plot.canvas import FORMATS, save
    from libhar.plot.saliency import over_channels, over_time

    described, model = flat.load(options.model), Model(options.model)
    folder = datasets.data_folder(options.data_dir)
    windows = _of_labels(labelled_windows(model, options.data, folder, options.split), options)
    found = saliency(
        model, described.signal, windows, most=options.most, form=options.form, report=tell
    )
    options.output.mkdir(parents=True, exist_ok=True)
    title = f"{model.name} on {options.data}, {options.split} people"
    for kind in FORMATS:
        save(over_channels(title, found), options.output / f"channels.{kind}")
        save(over_time(title, found), options.output / f"time.{kind}")
    write_csv(found, options.output / "saliency.csv")
    about = {"model": model.name, "data": options.data, "split": options.split}
    write_json(found, about, options.output / "saliency.json")
    print("\n".join(_lines(found)))
    if options.check:
        _check(options, model, described, found, windows)
    print(options.output)


def _of_labels(windows: Windows, options: argparse.Namespace) -> Windows:
    """The windows of the classes asked for."""
    wanted = options.labels or list(windows.names)
    strangers = [name for name in wanted if name not in windows.names]
    if strangers:
        raise ValueError(f"--class is {strangers}, must be of {', '.join(windows.names)}")
    return windows[np.isin(windows.labels, [windows.names.index(name) for name in wanted])]


def _lines(found: Saliency, most: int = 10) -> list[str]:
    """The most salient channels, for people."""
    whole, shown = found.whole, found.ranking[:most]
    width = max(len(found.columns[i]) for i in shown)
    return [
        f"{rank:3d}  {found.columns[i]:{width}}  {whole[i]:.4g}" for rank, i in enumerate(shown, 1)
    ]


def _check(
    options: argparse.Namespace,
    model: Model,
    described: schema.Model,
    found: Saliency,
    windows: Windows,
) -> None:
    """checks.json, and the picture of the deletion test."""
    from libhar.plot.canvas import FORMATS, save
    from libhar.plot.saliency import deletion_curves

    folder = datasets.data_folder(options.data_dir)
    test = _of_labels(labelled_windows(model, options.data, folder, "test"), options)
    result = checks(model, described, found, windows, test, options.most, tell)
    title = f"{model.name} on {options.data}"
    picture = deletion_curves(title, result.deletion, len(found.columns))
    for kind in FORMATS:
        save(picture, options.output / f"deletion.{kind}")
    files.write_json(options.output / "checks.json", result.as_dict())
    print(result.as_text())
