"""The fixtures of every test of a page: the built program, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from live_server import ROOT

NO_CHROMIUM = "no Chromium: apt-get install chromium, or name one in HAR_CHROMIUM"


@pytest.fixture(scope="session")
def har_program() -> Path:
    """HAR_BUILD_DIR, by default build/release, has `har`."""
    path = Path(os.environ.get("HAR_BUILD_DIR", ROOT / "build" / "release")) / "har"
    if not path.is_file():
        pytest.fail(f"{path} is not built: cmake --preset release, then cmake --build")
    return path


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """Headless Chromium. Without one the test is skipped, in CI it fails."""
    named = os.environ.get("HAR_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    opened = Browser(found, tmp_path / "browser")
    yield opened
    opened.end()
