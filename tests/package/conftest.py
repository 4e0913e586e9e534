"""What the tests of packages share: what script/package makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import ROOT


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
