"""What the tests of packages share: the build that script/package makes, and a compiler."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Compile = Callable[..., Path]


@pytest.fixture(scope="session")
def package() -> Path:
    """build/package, the build folder of what is packed."""
    folder = ROOT / "build/package"
    if not (folder / "libhar.a").is_file():
        pytest.fail(f"{folder}/libhar.a is not built: ./script/package")
    return folder


@pytest.fixture(scope="session")
def dist(package: Path) -> Path:
    """build/dist, the archives."""
    folder = package.parent / "dist"
    if not list(folder.glob("libhar-*.tar.gz")):
        pytest.fail(f"{folder} holds no archives: ./script/package")
    return folder


@pytest.fixture(scope="session")
def models() -> list[Path]:
    """Every model that ships."""
    return sorted((ROOT / "models").glob("*.har"))


def run(*words: object, **environment: str) -> str:
    """Standard output of a command that must succeed."""
    shown = subprocess.run(
        [str(word) for word in words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, f"{' '.join(map(str, words))}\n{shown.stdout}{shown.stderr}"
    return shown.stdout
