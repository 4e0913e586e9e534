"""Trains the seeds of a recipe one after another, each in its own folder.

    python -m training.common.seeds uci_har_cnn --out build/uci_har_cnn

Called again it goes on where it was interrupted. Options it does not know go to the recipe's
train.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SEEDS = (0, 1, 2)
"""The first is the one that ships, whatever its score."""


def seed_folder(runs: Path, seed: int) -> Path:
    """Where a seed of a recipe is trained."""
    return runs / f"seed{seed}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("recipe", help="a folder of training/, as uci_har_cnn")
    parser.add_argument("--out", type=Path, required=True, help="holds a folder for each seed")
    options, for_train = parser.parse_known_args()
    for number, seed in enumerate(SEEDS, 1):
        folder = seed_folder(options.out, seed)
        print(f"seed {seed} ({number} of {len(SEEDS)}) -> {folder}", flush=True)
        module = f"training.{options.recipe}.train"
        command = [sys.executable, "-m", module, "--seed", str(seed), "--out", str(folder)]
        status = subprocess.run(command + for_train, check=False).returncode
        if status != 0:
            sys.exit(status)


if __name__ == "__main__":
    main()
