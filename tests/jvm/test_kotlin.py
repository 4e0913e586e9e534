"""The Android example, in Kotlin, compiles against the archive's classes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_example_compiles(class_path: str, tmp_path: Path) -> None:
    compiler = os.environ.get("HAR_KOTLINC")
    if compiler is None:
        pytest.skip("HAR_KOTLINC is not set: ./script/test --all sets it")
    sources = sorted((ROOT / "examples/android").rglob("*.kt"))
    assert sources
    command = ["bash", compiler, "-Werror", "-cp", class_path, "-d", tmp_path / "out", *sources]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert (tmp_path / "out/org/libhar/example/MainActivity.class").is_file()
