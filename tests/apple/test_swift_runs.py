"""The Swift package compiles, and its own tests pass, with the Swift compiler of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    shutil.which("swift") is None or sys.platform != "linux",
    reason="no Swift compiler for Linux: Debian 13's package swiftlang, or swift.org",
)


def run(*command: str | Path, **more: str) -> str:
    shown = subprocess.run(
        list(map(str, command)), env=os.environ | more, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stdout[-4000:] + shown.stderr[-4000:]
    return shown.stdout + shown.stderr


def test_the_package_on_the_installed_library(tmp_path: Path) -> None:
    """As an app on Linux has it: libhar is installed, the package finds it by har.pc."""
    build, prefix = tmp_path / "build", tmp_path / "prefix"
    native = ("-DCMAKE_BUILD_TYPE=Release", "-DHAR_XNNPACK=OFF", "-DHAR_TOOLS=OFF")
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", *native)
    run("cmake", "--build", build)
    run("cmake", "--install", build, "--prefix", prefix)
    (found,) = prefix.rglob("har.pc")
    scratch = ("--scratch-path", tmp_path / "swift")
    shown = run(
        *("swift", "test", "--package-path", ROOT, *scratch, "-Xswiftc", "-warnings-as-errors"),
        PKG_CONFIG_PATH=str(found.parent),
        LD_LIBRARY_PATH=str(found.parent.parent),
    )
    assert "with 0 failures" in shown
    assert "testDeviceMotion' passed" in shown
