"""Writes what a spec says of decisions, its [decision] and [gate], into the model files that ship.

    python -m training.common.redecide training/hapt_sequence/hapt_gru.toml

The network stays as it was published; the golden vectors' scores and labels are brought along. The
calibration error on the card goes with another temperature: `training.results.cards` counts it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from libhar import Model, flat
from libhar.calibrate import with_decision
from libhar.convert.spec import load_spec

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("", "_int8")


def redecide(spec: Path, root: Path = ROOT) -> list[Path]:
    """The files below `root`/models, FP32 and INT8, that were written. Raises RuntimeError where
    one does not reproduce its golden vectors; then it is left as it was."""
    wanted = load_spec(spec)
    written = []
    for kind in KINDS:
        path = root / "models" / f"{wanted.name}{kind}.har"
        changed = with_decision(flat.load(path), wanted.decision, wanted.gate)
        if not Model(flat.encode(changed)).selftest().passed:
            raise RuntimeError(f"{path}: the golden vectors are not reproduced")
        flat.save(changed, path)
        written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("spec", type=Path, nargs="+")
    for spec in parser.parse_args().spec:
        for path in redecide(spec):
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
