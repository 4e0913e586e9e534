"""What the tests of cohorts share."""

from __future__ import annotations

import os
from pathlib import Path

import cohorts
import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the recordings; tests that need it skip where it is not set."""
    folder = os.environ.get("HAR_DATA_DIR")
    if not folder:
        pytest.skip("HAR_DATA_DIR is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> cohorts.Cohort:
    home = tmp_path_factory.mktemp("cohort")
    return cohorts.make(home / "recordings", home / "plain")
