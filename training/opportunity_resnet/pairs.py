"""What fewer channels cost, every pair of people tested on in turn.

    python -m training.opportunity_resnet.pairs --out build/opportunity_pairs --seeds 0 1 2

As `libhar select-channels` for the test people 4 and 8: for each other pair the recipe is trained
on the other six people, the gradients of its first seed rank the channels on these six, and it is
trained from scratch on the best and on the worst. All are counted by the C library on the pair.
Called again, it goes on. Writes docs/results/opportunity_resnet_pairs.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from libhar import Model, datasets, flat, schema
from libhar.channels.choose import Choice, choices
from libhar.channels.measure import converted, measured
from libhar.channels.recipe import Recipe
from libhar.channels.report import report
from libhar.convert import convert
from libhar.datasets import Windows
from libhar.evaluate import labelled_windows
from libhar.saliency import saliency

from training.common.publish import ROOT
from training.common.seeds import SEEDS, seed_folder
from training.common.windows import join, split_people
from training.opportunity_resnet.forms import KEEP, MOST, PAIRS
from training.opportunity_resnet.train import SPEC

FORM = "contribution"
"""The form that forms.py chose."""
RECIPE = Recipe(ROOT, "training.opportunity_resnet.train", SPEC)
RESULTS = ROOT / "docs" / "results"
WHOLE = Choice("all", SPEC.stem, datasets.DSADS_CHANNELS)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write and resume in")
    parser.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--epochs", type=int, help="default: the recipe's")
    options = parser.parse_args()
    folder = datasets.data_folder(options.data_dir)
    found = [_pair(people, options, folder) for people in PAIRS]
    path = RESULTS / f"{SPEC.stem}_pairs.json"
    path.write_text(json.dumps(found, indent=1) + "\n")
    print(path)


def _pair(people: tuple[int, int], options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The report of one pair that is tested on."""
    out: Path = options.out / "_".join(map(str, people))
    more = ["--data-dir", str(folder), "--tested-on", ",".join(map(str, people))]
    more += [] if options.epochs is None else ["--epochs", str(options.epochs)]

    def networks(choice: Choice, spec: Path) -> list[Path]:
        places = [seed_folder(out / choice.kind, seed) for seed in options.seeds]
        return [
            RECIPE.train(choice, spec, seed, place, more)
            for seed, place in zip(options.seeds, places, strict=True)
        ]

    def split(model: Model) -> tuple[Windows, Windows]:
        parts = [labelled_windows(model, "dsads", folder, part) for part in datasets.SPLITS]
        return split_people(join(parts), people)

    described = convert(SPEC, networks(WHOLE, SPEC)[0])
    model = Model(flat.encode(described))
    found = saliency(model, described.signal, split(model)[0], most=MOST, form=FORM)
    trained = []
    for choice in choices(WHOLE.name, WHOLE.channels, found, KEEP):
        spec = _spec(choice, out)
        models: list[schema.Model] = [
            converted(described, choice, spec, network) for network in networks(choice, spec)
        ]
        trained.append(measured(choice, tuple(options.seeds), models, lambda one: split(one)[1]))
    ranking = [found.columns[i] for i in found.ranking]
    result = report(trained, {"people": list(people), "ranking": ranking})
    print(f"{people}: {result['differences']}", flush=True)
    return result


def _spec(choice: Choice, out: Path) -> Path:
    if choice.kind == "all":
        return SPEC
    path = out / f"{choice.name}.toml"
    choice.write_spec(SPEC, path, choice.name, "")
    return path


if __name__ == "__main__":
    main()
