"""Writes what is measured to the cards of the models that ship.

    python -m training.results.cards [--data-dir FOLDER]

Every model with a record in docs/results is counted anew by the C library on the people that the
record names: accuracy, F1 of every class with intervals over people, calibration error. Its devices
come from its recipe's spec. Nothing else in the file changes, and running it again changes nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from libhar import Model, datasets, flat, schema
from libhar.card import measurements_of, with_figures
from libhar.convert.spec import load_spec
from libhar.evaluate import Evaluation, labelled_windows

from training.results.measure import KINDS, ROOT, counted, file_of, records_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    parser.add_argument("--root", type=Path, default=ROOT, help="of the project")
    options = parser.parse_args()
    folder, devices = datasets.data_folder(options.data_dir), devices_of(options.root)
    for name, record in records_of(options.root).items():
        for kind in KINDS:
            path = file_of(options.root, name, kind)
            model = Model(path)
            windows = labelled_windows(model, record["data"], folder, "test")
            found = counted(name, kind, model, windows, record)
            write(path, found, record["split"], devices[name])
            print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)


def devices_of(root: Path) -> dict[str, str]:
    """What the data of every recipe were recorded with, by the name of its model."""
    specs = [load_spec(path) for path in sorted((root / "training").glob("*/*.toml"))]
    return {spec.name: spec.card.devices if spec.card else "" for spec in specs}


def write(path: Path, found: Evaluation, split: str, devices: str) -> None:
    """The file with these figures on its card. Raises ValueError where anything else changed, or
    where its golden vectors are not reproduced."""
    before = flat.load(path)
    data = flat.encode(with_figures(before, measurements_of(found, split), devices))
    if _without_card(flat.decode(data)) != _without_card(before):
        raise ValueError(f"{path}: more than the card would change")
    if not Model(data).selftest().passed:
        raise ValueError(f"{path}: the golden vectors are not reproduced")
    flat.save(flat.decode(data), path)


def _without_card(model: schema.Model) -> bytes:
    return flat.encode(replace(model, card=None))


if __name__ == "__main__":
    main()
