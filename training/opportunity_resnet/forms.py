"""Tries the forms of saliency on training people that are held out: which one ranks channels best.

    python -m training.opportunity_resnet.forms --out build/opportunity_forms

For every pair of training people the recipe is trained on the others; its gradients rank the
channels; it is trained again on the best and on the worst, and all are measured on the pair. Called
again, it goes on. Writes forms.json below --out. No test person is read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from libhar import Model, datasets, flat
from libhar.channels.choose import Choice, choices
from libhar.channels.recipe import Recipe
from libhar.convert import convert
from libhar.datasets import Windows
from libhar.saliency import saliency
from libhar.saliency.maps import FORMS

from training.common.publish import ROOT
from training.common.signal import signal_steps
from training.common.windows import split_people
from training.opportunity_resnet import data
from training.opportunity_resnet.train import SPEC

PAIRS = ((1, 2), (3, 5), (6, 7))
"""Of training people."""
KEEP = 20
MOST = 500
"""Windows of a class that a map is made of."""
RECIPE = Recipe(ROOT, "training.opportunity_resnet.train", SPEC)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write and resume in")
    parser.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = datasets.data_folder(options.data_dir)
    windows = data.training_windows(folder, "dsads", signal_steps(SPEC))
    found = [_fold(windows, people, options, folder) for people in PAIRS]
    means = {name: float(np.mean([fold[name] for fold in found])) for name in found[0]}
    people = [list(fold) for fold in PAIRS]
    figures = {"seed": options.seed, "keep": KEEP, "people": people, "folds": found, "mean": means}
    (options.out / "forms.json").write_text(json.dumps(figures, indent=1) + "\n")
    for name, accuracy in means.items():
        print(f"{name:22} {100 * accuracy:.2f}")


def _fold(
    windows: Windows, people: tuple[int, ...], options: argparse.Namespace, folder: Path
) -> dict[str, float]:
    """Accuracy on `people` of all channels, and of the best and worst by each form."""
    out = options.out / "_".join(map(str, people))
    more = ["--data-dir", str(folder), "--holdout", ",".join(map(str, people))]
    names = datasets.DSADS_CHANNELS
    whole = Choice("all", SPEC.stem, names)
    described = convert(SPEC, RECIPE.train(whole, SPEC, options.seed, out / "all", more))
    model, rest = Model(flat.encode(described)), split_people(windows, people)[0]
    found = {"all": _accuracy(out / "all")}
    for form in FORMS:
        ranked = saliency(model, described.signal, rest, most=MOST, form=form)
        for choice in choices(SPEC.stem, names, ranked, KEEP)[1:]:
            place = out / form / choice.kind
            place.mkdir(parents=True, exist_ok=True)
            spec = place / "spec.toml"
            choice.write_spec(SPEC, spec, form, "")
            RECIPE.train(choice, spec, options.seed, place, more)
            found[f"{form} {choice.kind}"] = _accuracy(place)
    print(f"held out {people}: {found}", flush=True)
    return found


def _accuracy(run: Path) -> float:
    return float(json.loads((run / "metrics.json").read_text())["holdout_accuracy"])


if __name__ == "__main__":
    main()
