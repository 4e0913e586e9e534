"""What the tests of examples/live share: the built program, the served example, a browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import libhar
import pytest
from live_server import ROOT, LiveServer
from page_fixtures import browser as browser
from page_fixtures import har_program as har_program

sys.path.insert(0, str(ROOT))

MODEL = ROOT / "models" / "hapt_gru.har"


@pytest.fixture(scope="session")
def model() -> libhar.Model:
    return libhar.Model(MODEL)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[LiveServer]:
    """The example, not yet started; it is ended with the test."""
    server = LiveServer(tmp_path)
    yield server
    server.end()
