"""Recomputes docs/results.md.

    python -m training.results [--data-dir FOLDER]

Reads models/, docs/results/NAME.json, which a recipe's publish step wrote, and the recordings;
writes docs/results.md, docs/results/shipped.json and streams.json, and a picture for each network.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from libhar import datasets

from training.results.events import streamed
from training.results.frameworks import with_keras
from training.results.measure import shipped
from training.results.page import page
from training.results.picture import confusion_matrices

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    parser.add_argument("--root", type=Path, default=ROOT, help="of the project")
    options = parser.parse_args()
    folder = datasets.data_folder(options.data_dir)
    networks, imported = shipped(options.root, folder), with_keras(folder)
    heard = streamed(networks, options.root, folder)
    results = options.root / "docs" / "results"
    for network in networks:
        title = f"{network.name} on {network.recorded['data']}"
        confusion_matrices(results / f"{network.name}.png", title, network.evaluations)
    figures = {network.name: network.as_dict() for network in networks}
    (results / "shipped.json").write_text(json.dumps(figures, indent=1) + "\n")
    streams = {f"{s.name} {s.kind}": s.as_dict() for s in heard}
    (results / "streams.json").write_text(json.dumps(streams, indent=1) + "\n")
    (options.root / "docs" / "results.md").write_text(page(networks, imported, heard))
    print(f"docs/results.md: {len(networks)} networks")


if __name__ == "__main__":
    main()
