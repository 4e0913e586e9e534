"""What ./script/wheel has built, and an environment that holds nothing but its wheel."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Fresh = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a program of the fresh environment with the words given."""


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the wheels."""
    folder = ROOT / "build" / "wheels"
    if not list(folder.glob("*.whl")):
        pytest.fail("build/wheels holds no wheel: run ./script/wheel")
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    """The wheel of this machine."""
    (found,) = built.glob(f"*_{platform.machine()}.whl")
    return found


@pytest.fixture(scope="session")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """A new environment with the wheel and what that asks for, and no other program on PATH."""
    folder = tmp_path_factory.mktemp("fresh")
    home = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    programs = home / "bin"
    dropped = ("LIBHAR_", "HAR_", "PYTHON")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    kept["PATH"] = str(programs)

    def run(program: str, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(programs / program), *map(str, words)]
        return subprocess.run(
            command, cwd=folder, env={**kept, **more}, capture_output=True, text=True
        )

    words = ("install", "--disable-pip-version-check", "--only-binary", ":all:", wheel)
    installed = run("pip", *words)
    assert installed.returncode == 0, installed.stderr
    return run
