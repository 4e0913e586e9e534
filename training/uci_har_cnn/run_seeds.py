"""Trains the seeds of this recipe one after another, each in its own folder.

    python training/uci_har_cnn/run_seeds.py --out build/uci_har_cnn

Called again it goes on where it was interrupted. Options it does not know go to train.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SEEDS = (0, 1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="holds a folder for each seed")
    options, for_train = parser.parse_known_args()
    for number, seed in enumerate(SEEDS, 1):
        folder = options.out / f"seed{seed}"
        print(f"seed {seed} ({number} of {len(SEEDS)}) -> {folder}", flush=True)
        train = Path(__file__).with_name("train.py")
        command = [sys.executable, str(train), "--seed", str(seed), "--out", str(folder)]
        status = subprocess.run(command + for_train, check=False).returncode
        if status != 0:
            sys.exit(status)


if __name__ == "__main__":
    main()
