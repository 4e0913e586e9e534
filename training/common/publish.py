"""From trained seeds to model files with their figures, counted by the C library.

A recipe's publish.py says what is published; `publish` converts and quantizes every seed, measures
both forms on the test windows, writes the first seed's to models/ with the figures on the card,
its ONNX file to the recipe's folder, and every seed's figures to docs/results/.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from libhar import Model, contract_axes, datasets, flat, schema
from libhar.contract import contract
from libhar.convert import convert
from libhar.convert.spec import load_spec
from libhar.datasets import Recording, Windows
from libhar.evaluate import Evaluation, evaluate
from libhar.quantize import table
from libhar.quantize.calibrated import PERCENTILE
from numpy.typing import NDArray

from training.common.figures import on_card, summary
from training.common.integers import Gate, Integers, integers, quantization
from training.common.seeds import SEEDS, seed_folder
from training.common.windows import evenly

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("fp32", "int8")


@dataclass(frozen=True)
class Publication:
    """One network of a recipe."""

    spec: Path
    """The spec of its model file; the network's files bear the spec's name, and the ONNX file
    that ships lies beside it."""
    data: str
    """The set that was tested on."""
    split: str
    """In words, who or what was tested on."""
    test: Windows
    calibration: NDArray[np.float32]
    """Training windows [N, window, columns] that the quantizer takes ranges from."""
    golden: Mapping[str, NDArray[np.float32]]
    """Raw recordings [rows, channels] of training people, at least a window long."""
    gate: Gate | None = None
    """What the INT8 form may lose on training people; without one it may lose anything."""
    percentiles: tuple[float, ...] = (PERCENTILE,)
    """Percentiles of activations whose ranges are tried for INT8: for every seed the one is taken
    that leaves the smallest squared error of a probability on the calibration windows."""
    recordings: Sequence[Recording] = ()
    """Raw recordings of training people in the model's channels, for the file's contract; none: the
    file has none."""
    contract_units: int = contract_axes.UNITS
    """Of the contract's network, 65 bytes of the file each: fewer where the file is bounded."""
    nameless: bool = False
    """The INT8 file leaves out the names of its tensors and ops, which only messages and reports
    show: in the smallest networks they are a fourteenth of the file."""


@dataclass(frozen=True)
class Measured:
    """The models and figures of some seeds, FP32 and INT8."""

    seeds: tuple[int, ...]
    models: dict[str, list[schema.Model]]
    evaluations: dict[str, list[Evaluation]]
    integers: Integers

    def as_dict(self) -> dict[str, Any]:
        figures: dict[str, Any] = {
            kind: [
                {"seed": seed, **e.as_dict()} for seed, e in zip(self.seeds, self.evaluations[kind])
            ]
            for kind in KINDS
        }
        if len(self.seeds) < 2:
            return figures
        means = {kind: summary(self.evaluations[kind]) for kind in KINDS}
        figures["mean_accuracy"] = {kind: means[kind]["accuracy"] for kind in KINDS}
        return {**figures, "mean_of_seeds": means}


def parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of a publish.py: the folder of runs, and that of the data."""
    made = argparse.ArgumentParser(description=(description or "").split("\n\n")[0])
    made.add_argument("--runs", type=Path, required=True, help="holds seed0, seed1, seed2")
    made.add_argument("--data-dir", type=Path, default=os.environ.get("HAR_DATA_DIR"))
    return made


def parser_with_random_split(description: str | None) -> argparse.ArgumentParser:
    """As `parser`, of a recipe that is trained on the papers' split too."""
    made = parser(description)
    made.add_argument("--random-runs", type=Path, help="holds seed0, trained with --random-split")
    return made


def parse(made: argparse.ArgumentParser) -> argparse.Namespace:
    """The options given; raises DataError where there is no folder of data."""
    options = made.parse_args()
    options.data_dir = datasets.data_folder(options.data_dir)
    return options


def publish(
    publication: Publication,
    runs: Path,
    random_split: tuple[Publication, Path] | None = None,
    root: Path = ROOT,
) -> Measured:
    """Writes model files, ONNX file and figures of the seeds trained below `runs`.

    `random_split` is the same network trained and tested on windows split at random, as papers
    do: the figures of its first seed are written under that name, and no model of it ships.
    """
    measured = measure(publication, runs)
    name = measured.models["fp32"][0].name
    for kind in KINDS:
        evaluations = measured.evaluations[kind]
        model = on_card(measured.models[kind][0], evaluations[0], evaluations, publication.split)
        flat.save(model, root / "models" / f"{model.name}.har")
    shipped = publication.spec.with_name(f"{name}.onnx")
    shutil.copyfile(seed_folder(runs, SEEDS[0]) / shipped.name, shipped)
    figures = _figures(publication, measured)
    if random_split is not None:
        other, other_runs = random_split
        figures["random_split"] = _figures(other, measure(other, other_runs, SEEDS[:1]))
    results = root / "docs" / "results" / f"{name}.json"
    results.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"{name}, mean of {len(SEEDS)} seeds: {figures['mean_accuracy']}", flush=True)
    return measured


def at_random(
    publication: Publication, trained_on: Windows, tested_on: Windows, split: str
) -> Publication:
    """The same network on windows split at random; `split` says how, in words."""
    calibration = evenly(trained_on, len(publication.calibration))
    return replace(publication, split=split, test=tested_on, calibration=calibration, gate=None)


def measure(publication: Publication, runs: Path, seeds: tuple[int, ...] = SEEDS) -> Measured:
    """Converts, quantizes and evaluates some seeds; writes nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        golden = Path(scratch) / "golden.npz"
        np.savez(golden, allow_pickle=False, **publication.golden)
        fp32 = [convert(publication.spec, _network(publication, runs, s), golden) for s in seeds]
    contracts = _contracts(publication)
    for model in fp32:
        model.signal.contracts = contracts
    folders = [seed_folder(runs, seed) / "tuned" for seed in seeds]
    made = integers(
        fp32,
        publication.calibration,
        publication.gate,
        seeds,
        folders,
        publication.percentiles,
    )
    measured = Measured(seeds, {kind: [] for kind in KINDS}, {kind: [] for kind in KINDS}, made)
    for seed, model, (int8, errors) in zip(seeds, fp32, made.models):
        print(f"seed {seed}\n{table(errors)}", flush=True)
        if publication.nameless:
            _without_names(int8)
        for kind, described in zip(KINDS, (model, int8)):
            result = evaluate(Model(flat.encode(described)), publication.test)
            measured.models[kind].append(described)
            measured.evaluations[kind].append(result)
            print(f"{kind}: accuracy {result.accuracy:.4f}, macro F1 {result.macro_f1:.4f}")
    return measured


def _contracts(publication: Publication) -> list[schema.Contract]:
    recordings = [(r.person, r.worn) for r in publication.recordings]
    if not recordings:
        return []
    return contract(load_spec(publication.spec).signal, recordings, publication.contract_units)


def _without_names(model: schema.Model) -> None:
    assert model.graph is not None
    model.graph.tensors = [replace(tensor, name="") for tensor in model.graph.tensors]
    model.graph.ops = [replace(op, name="") for op in model.graph.ops]


def _network(publication: Publication, runs: Path, seed: int) -> Path:
    return seed_folder(runs, seed) / f"{load_spec(publication.spec).name}.onnx"


def _figures(publication: Publication, measured: Measured) -> dict[str, Any]:
    figures = {"data": publication.data, "split": publication.split, **measured.as_dict()}
    if publication.gate is not None:
        figures["quantization"] = quantization(publication.gate, measured.integers)
    return figures
