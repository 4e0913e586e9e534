"""What comes with the package: models and a recording.

model = libhar.Model(shipped.model("uci_har_cnn_int8"))

A wheel carries the INT8 models; in a checkout every file of models/ is found.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def model(name: str) -> Path:
    """The file of a model by its name. Raises ValueError with the names that there are."""
    path = _folder("models") / f"{name}.har"
    if name not in models():
        raise ValueError(f"no model {name!r} comes with libhar; there are {', '.join(models())}")
    return path


def models() -> tuple[str, ...]:
    """The names of the models, in their order."""
    return tuple(sorted(path.stem for path in _folder("models").glob("*.har")))


def recording() -> Path:
    """A simulated recording, CSV (docs/csv-format.md): 50 Hz, a phone on the waist, with true
    labels; for the models of UCI HAR and HAPT."""
    return _folder("recordings") / "simulated.csv"


def _folder(name: str) -> Path:
    """Inside of an installed package, else in the checkout that the package lies in."""
    inside = _PACKAGE / name
    if inside.is_dir():
        return inside
    checkout = _PACKAGE.parents[2]
    return checkout / "models" if name == "models" else checkout / "examples" / name
