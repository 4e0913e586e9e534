"""Instruction set and backend, chosen when a model is opened in Python."""

from __future__ import annotations

from pathlib import Path

import libhar
import pytest

TINY = Path(__file__).resolve().parents[1] / "golden" / "tiny_int8.har"
REF, NATIVE = 1 << 30, 1


def test_plain_c_alone() -> None:
    model = libhar.Model(TINY, cpu_allowed=REF, backend=NATIVE)
    assert {step.kernel for step in model.plan if step.macs > 0} == {"ref"}
    assert model.selftest().passed
    from_bytes = libhar.Model(TINY.read_bytes(), cpu_allowed=REF, backend=NATIVE)
    assert from_bytes.plan == model.plan


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(libhar.HarError, match=r"backend.* is 77"):
        libhar.Model(TINY, backend=77)


def test_every_step_says_why() -> None:
    for step in libhar.Model(TINY, backend=NATIVE).plan:
        assert (step.reason != "") == (step.macs > 0)
