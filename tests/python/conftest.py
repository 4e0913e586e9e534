"""What the Python tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[2]

settings.register_profile(
    "libhar",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("libhar")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the recordings; tests that need it skip where it is not set."""
    folder = os.environ.get("HAR_DATA_DIR")
    if not folder:
        pytest.skip("HAR_DATA_DIR is not set")
    return Path(folder)
