"""Writes a simulated recording as CSV: `python -m training.simulator --seed 1 --out FILE.csv`."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.recordings.layout import write_csv
from training.simulator.scenario import TWO_MINUTES, simulate


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    simulation = simulate(TWO_MINUTES, options.seed)
    comment = (
        f"simulated, seed {options.seed}: phone on the waist, 50 Hz, acceleration in g, "
        f"angular rate in rad/s (training/simulator)"
    )
    rows = [[f"{value:.5f}" for value in row] for row in simulation.samples]
    with options.out.open("w", encoding="utf-8", newline="\n") as file:
        write_csv(file, comment, rows, simulation.labels)


if __name__ == "__main__":
    main()
