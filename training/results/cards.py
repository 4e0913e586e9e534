"""Writes what is measured to the cards of the models that ship.

    python -m training.results.cards [--data-dir FOLDER]

Every model with a record in docs/results is counted anew by the C library on the people that the
record names: accuracy, F1 of every class with intervals over people, calibration error. The texts
are those of its recipe's spec. Nothing else is changed, and running it again changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from libhar import Model, datasets, flat, schema
from libhar.card import measurements_of, with_figures
from libhar.convert.spec import load_spec
from libhar.evaluate import Evaluation, labelled_windows

from training.results.command import told
from training.results.measure import KINDS, counted, file_of, records_of


def main() -> None:
    options = told(__doc__)
    folder, texts = datasets.data_folder(options.data_dir), texts_of(options.root)
    for name, record in records_of(options.root).items():
        for kind in KINDS:
            path = file_of(options.root, name, kind)
            model = Model(path)
            windows = labelled_windows(model, record["data"], folder, "test")
            found = counted(name, kind, model, windows, record)
            write(path, found, record["split"], texts[name])
            print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)


def texts_of(root: Path) -> dict[str, schema.Card]:
    """The card in the spec of every recipe, by the name of its model."""
    specs = [load_spec(path) for path in sorted((root / "training").glob("*/*.toml"))]
    return {spec.name: spec.card or schema.Card() for spec in specs}


def write(path: Path, found: Evaluation, split: str, texts: schema.Card) -> None:
    """The file with these figures and texts on its card. Raises ValueError where anything else
    would change, or where its golden vectors are not reproduced."""
    before = flat.load(path)
    data = flat.encode(with_figures(before, measurements_of(found, split), texts))
    if _without_card(flat.decode(data)) != _without_card(before):
        raise ValueError(f"{path}: more than the card would change")
    if not Model(data).selftest().passed:
        raise ValueError(f"{path}: the golden vectors are not reproduced")
    flat.save(flat.decode(data), path)


def _without_card(model: schema.Model) -> bytes:
    return flat.encode(replace(model, card=None))


if __name__ == "__main__":
    main()
