"""The small models of the C tests are what tests/golden/make.py makes."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import get_args

import libhar
import pytest
from libhar import flat, schema


def test_the_small_models_are_made_byte_for_byte(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "tests/golden"))
    made = runpy.run_path(str(root / "tests/golden/make.py"))["make"]()
    assert made
    for name, model in made.items():
        assert flat.encode(model) == (root / f"tests/golden/{name}.har").read_bytes(), name


def test_their_golden_vectors_pass(root: Path) -> None:
    files = [f for f in (root / "tests/golden").glob("*.har") if f.stem != "tiny_front"]
    assert len(files) == 6
    for file in files:
        report = libhar.Model(file).selftest()
        assert report.passed and report.checked > 0, file.name


def test_together_they_hold_every_op(root: Path) -> None:
    """So that what runs them all, damaged or on other processors, runs every op in both types."""
    found: dict[bool, list[schema.OpParams]] = {False: [], True: []}
    for file in (root / "tests/golden").glob("*.har"):
        graph = flat.load(file).graph
        for op in graph.ops if graph else []:
            of_codes = graph.tensors[int(op.inputs[0])].dtype is not schema.DType.F32
            found[of_codes].append(op.params)
    every = set(get_args(schema.OpParams))
    assert {type(p) for p in found[False]} == every - {schema.Dequantize}
    assert {type(p) for p in found[True]} == every - {schema.Quantize, schema.Softmax}
    for params in found.values():
        kinds = {p.kind for p in params if isinstance(p, schema.Activation)}
        assert kinds == set(schema.ActivationKind) - {schema.ActivationKind.NONE}
        layers = [p for p in params if isinstance(p, schema.Recurrent)]
        assert len({(p.cell, p.activation, p.reset_after) for p in layers}) == 5
        assert {(p.reverse, p.last) for p in layers} >= {(True, False), (False, True), (True, True)}
