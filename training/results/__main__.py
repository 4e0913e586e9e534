"""Recomputes docs/results.md.

    python -m training.results [--data-dir FOLDER]

Reads models/, docs/results/NAME.json, which a recipe's publish step wrote, and the recordings;
writes docs/results.md, docs/results/shipped.json and streams.json, a picture for each network and
one of them all.
"""

from __future__ import annotations

import json

from libhar import datasets
from libhar.plot import canvas
from libhar.plot.confusion import confusion_matrices
from libhar.plot.zoo import read_results, zoo

from training.results.command import told
from training.results.events import streamed
from training.results.frameworks import with_keras
from training.results.measure import KINDS, shipped
from training.results.page import page
from training.results.saliency import CHANNELS, CHECKED, PAIRS


def main() -> None:
    options = told(__doc__)
    folder = datasets.data_folder(options.data_dir)
    networks, imported = shipped(options.root, folder), with_keras(folder)
    heard = streamed(networks, options.root, folder)
    results = options.root / "docs" / "results"
    for network in networks:
        title = f"{network.name} on {network.recorded['data']}"
        found = {kind.upper(): network.evaluations[kind] for kind in KINDS}
        canvas.save(confusion_matrices(title, found), results / f"{network.name}.png")
    figures = {network.name: network.as_dict() for network in networks}
    (results / "shipped.json").write_text(json.dumps(figures, indent=1) + "\n")
    canvas.save(zoo(read_results(results)), results / "zoo.png")
    streams = {f"{s.name} {s.kind}": s.as_dict() for s in heard}
    (results / "streams.json").write_text(json.dumps(streams, indent=1) + "\n")
    recorded = [json.loads((results / name).read_text()) for name in (CHECKED, CHANNELS, PAIRS)]
    (options.root / "docs" / "results.md").write_text(page(networks, imported, heard, *recorded))
    print(f"docs/results.md: {len(networks)} networks")


if __name__ == "__main__":
    main()
