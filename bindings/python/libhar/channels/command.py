"""`libhar select-channels`: ranks channels, trains the recipe on the best, says what it cost."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from libhar import datasets, files, flat, schema
from libhar.card import measurements_of, with_figures
from libhar.channels.choose import ChannelsError, Choice, check_keep, choices
from libhar.channels.measure import Trained, converted, measured
from libhar.channels.recipe import Recipe, recipe_of
from libhar.channels.report import as_text, report
from libhar.evaluate import labelled_windows
from libhar.model import Model
from libhar.progress import tell
from libhar.saliency.command import add_map_options
from libhar.saliency.maps import Saliency, saliency

KEEP = 20
Commands = Any
"""What argparse keeps its commands in."""


def add_to(commands: Commands) -> None:
    """Adds the command to those of `libhar`."""
    made = commands.add_parser(
        "select-channels",
        help="keep the channels that a network looks at, and train its recipe on them",
    )
    made.add_argument("model", type=Path, help="an FP32 .har file whose card names its recipe")
    made.add_argument("--data", choices=[*datasets.SETS], required=True)
    made.add_argument("--keep", type=int, default=KEEP, help=f"channels, default {KEEP}")
    made.add_argument(
        "--seeds", type=int, nargs="+", default=[0], help="of the training; the first is written"
    )
    made.add_argument("--epochs", type=int, help="default: the recipe's")
    made.add_argument("--choose-only", action="store_true", help="stop before the training")
    add_map_options(made)
    made.add_argument(
        "-o", "--output", type=Path, default=Path("channels"), help="folder to write and resume in"
    )
    made.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Chooses, trains, measures; what is in the folder from an earlier call is not done again."""
    described, model = flat.load(options.model), Model(options.model)
    names = tuple(channel.name for channel in model.channels)
    check_keep(options.keep, len(names))
    if len(set(options.seeds)) < len(options.seeds) or min(options.seeds) < 0:
        raise ChannelsError(f"--seeds is {options.seeds}, must be 0 or more, each once")
    recipe = recipe_of(described)
    folder = datasets.data_folder(options.data_dir)
    windows = labelled_windows(model, options.data, folder, datasets.SPLITS[0])
    found = saliency(
        model, described.signal, windows, most=options.most, form=options.form, report=tell
    )
    chosen = choices(described.name, names, found, options.keep)
    options.output.mkdir(parents=True, exist_ok=True)
    specs = {one.name: _spec(recipe, described, one, options.output) for one in chosen}
    for one in chosen[1:]:
        tell(f"{one.kind} {len(one.channels)}: {', '.join(one.channels)}")
    if options.choose_only:
        print("\n".join(str(specs[one.name]) for one in chosen[1:]))
        return
    trained = [_trained(options, recipe, described, one, specs[one.name], folder) for one in chosen]
    text = as_text(_written(options, described, found, trained))
    files.write_text(options.output / "report.txt", text + "\n")
    print(text)
    print(f"\n{_ship(options, trained[1])}")


def _spec(recipe: Recipe, described: schema.Model, choice: Choice, out: Path) -> Path:
    """The recipe's own, or that of the choice, written below `out`."""
    if choice.kind == "all":
        return recipe.spec
    whole = len(described.signal.channels)
    which = {"top": "most", "bottom": "least"}[choice.kind]
    kept = f"the {len(choice.channels)} of {whole} channels that it looks at {which}"
    path = out / f"{choice.name}.toml"
    choice.write_spec(
        recipe.spec.resolve(),
        path,
        f"{described.name} on {kept} (saliency on training people)",
        f"{recipe.module.removesuffix('.train').replace('.', '/')}, on {kept}",
    )
    return path


def _trained(
    options: argparse.Namespace,
    recipe: Recipe,
    described: schema.Model,
    choice: Choice,
    spec: Path,
    folder: Path,
) -> Trained:
    """All seeds of a choice, trained one after another and counted."""
    more = ["--data-dir", str(folder)]
    more += [] if options.epochs is None else ["--epochs", str(options.epochs)]
    models = []
    for place, seed in enumerate(options.seeds, 1):
        tell(f"{choice.name}, seed {seed} ({place} of {len(options.seeds)})")
        out = options.output / choice.kind / f"seed{seed}"
        network = recipe.train(choice, spec, seed, out, more)
        models.append(converted(described, choice, spec, network))
    return measured(
        choice,
        tuple(options.seeds),
        models,
        lambda model: labelled_windows(model, options.data, folder, datasets.SPLITS[1]),
    )


def _written(
    options: argparse.Namespace,
    described: schema.Model,
    found: Saliency,
    trained: list[Trained],
) -> dict[str, Any]:
    """report.json."""
    about = {
        "model": described.name,
        "data": options.data,
        "split": datasets.SETS[options.data].split,
        "keep": options.keep,
        "form": found.form,
        "windows": int(found.windows.sum()),
        "ranking": [found.columns[i] for i in found.ranking],
        "saliency": {found.columns[i]: float(f"{found.whole[i]:.6g}") for i in found.ranking},
    }
    result = report(trained, about)
    files.write_json(options.output / "report.json", result)
    return result


def _ship(options: argparse.Namespace, top: Trained) -> Path:
    """The smaller model, of the first seed, with its figures on its card."""
    split = datasets.SETS[options.data].split
    figures = measurements_of(top.evaluations[0], split)
    path: Path = options.output / f"{top.choice.name}.har"
    flat.save(with_figures(top.models[0], figures), path)
    return path
