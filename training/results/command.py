"""What the commands of this package are told."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.results.measure import ROOT


def told(documentation: str | None) -> argparse.Namespace:
    """The words of the command line: `data_dir`, None where it is not said, and `root`."""
    parser = argparse.ArgumentParser(description=(documentation or "").split("\n\n")[0])
    parser.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    parser.add_argument("--root", type=Path, default=ROOT, help="of the project")
    return parser.parse_args()
