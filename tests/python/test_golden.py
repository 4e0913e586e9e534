"""The small models of the C tests are what tests/golden/make.py makes."""

from __future__ import annotations

import runpy
from pathlib import Path

import libhar
from libhar import flat


def test_the_small_models_are_made_byte_for_byte(root: Path) -> None:
    made = runpy.run_path(str(root / "tests/golden/make.py"))["make"]()
    assert made
    for name, model in made.items():
        assert flat.encode(model) == (root / f"tests/golden/{name}.har").read_bytes(), name


def test_their_golden_vectors_pass(root: Path) -> None:
    for name in ("tiny_f32", "tiny_int8"):
        report = libhar.Model(root / f"tests/golden/{name}.har").selftest()
        assert report.passed and report.checked == 2
