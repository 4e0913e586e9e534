"""What the tests of examples/live share: the built program, the served example, a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import libhar
import pytest
from chromium import browser as browser
from live_server import ROOT, LiveServer

sys.path.insert(0, str(ROOT))

MODEL = ROOT / "models" / "hapt_gru.har"


@pytest.fixture(scope="session")
def har_program() -> Path:
    """HAR_BUILD_DIR, by default build/release, has `har`."""
    path = Path(os.environ.get("HAR_BUILD_DIR", ROOT / "build" / "release")) / "har"
    if not path.is_file():
        pytest.fail(f"{path} is not built: cmake --preset release, then cmake --build")
    return path


@pytest.fixture(scope="session")
def model() -> libhar.Model:
    return libhar.Model(MODEL)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[LiveServer]:
    """The example, not yet started; it is ended with the test."""
    server = LiveServer(tmp_path)
    yield server
    server.end()
