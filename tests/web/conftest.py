"""What the tests of bindings/web and examples/web share: the built page, a server, a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "live")]

from page_fixtures import browser as browser  # noqa: E402
from page_fixtures import har_program as har_program  # noqa: E402

BUILD_HINT = (
    "cmake -S examples/web -B build/web-page --toolchain $PWD/cmake/toolchains/wasm32.cmake"
)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class Server:
    """A folder on a port of this machine, until `end`."""

    def __init__(self, folder: Path) -> None:
        handler = partial(QuietHandler, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self._runs = True

    def end(self) -> None:
        if self._runs:
            self._server.shutdown()
            self._server.server_close()
        self._runs = False


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
