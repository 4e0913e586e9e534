"""What the tests of bindings/web and examples/web share: the built page, a server, a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "live")]

from page_fixtures import browser as browser  # noqa: E402
from page_fixtures import har_program as har_program  # noqa: E402
from page_server import Server  # noqa: E402

BUILD_HINT = (
    "cmake -S examples/web -B build/web-page --toolchain $PWD/cmake/toolchains/wasm32.cmake"
)


@pytest.fixture(scope="session")
def page_folder() -> Path:
    """HAR_WEB_PAGE, by default build/web-page/page."""
    folder = Path(os.environ.get("HAR_WEB_PAGE", ROOT / "build" / "web-page" / "page"))
    if not (folder / "har.wasm").is_file():
        pytest.fail(f"{folder} is not built: {BUILD_HINT}")
    return folder


@pytest.fixture
def server(page_folder: Path) -> Iterator[Server]:
    served = Server(page_folder)
    yield served
    served.end()
