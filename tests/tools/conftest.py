"""The program `har` as built by the release preset, and small models for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import tiny_model
from har_program import Har


@pytest.fixture(scope="session")
def build_folder() -> Path:
    """HAR_BUILD_DIR, by default build/release."""
    folder = Path(os.environ.get("HAR_BUILD_DIR", tiny_model.ROOT / "build" / "release"))
    if not (folder / "har").is_file():
        pytest.fail(f"{folder}/har is not built: cmake --preset release, then cmake --build")
    return folder


@pytest.fixture(scope="session")
def har(build_folder: Path) -> Har:
    """Runs `har` with the words given; `stdin` is text for its standard input."""

    def run(
        *words: object, stdin: str = "", **settings: object
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(build_folder / "har"), *map(str, words)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            **settings,
        )

    return run


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a file."""
    folder = tmp_path_factory.mktemp("tiny")
    return tiny_model.write_model(tiny_model.description(), folder / "tiny.har")
