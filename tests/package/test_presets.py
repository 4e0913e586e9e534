"""Presets whose toolchain is not here fail with one sentence that says what is missing."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path

import pytest
from command import ROOT

PRESETS = json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]
ANDROID = [p["name"] for p in PRESETS if p.get("inherits") == "android"]


def configure(preset: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["cmake", "--preset", preset, "-S", str(ROOT), "-B", str(folder)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )


def test_android_has_every_abi() -> None:
    abis = {name.removeprefix("android-") for name in ANDROID}
    assert abis == {"arm64-v8a", "armeabi-v7a", "x86_64", "x86"}


@pytest.mark.parametrize("preset", ANDROID)
def test_android_without_an_ndk(preset: str, tmp_path: Path) -> None:
    shown = configure(preset, tmp_path / "b")
    assert shown.returncode != 0
    assert "ANDROID_NDK_HOME is not set" in shown.stderr


@pytest.mark.skipif(platform.system() == "Darwin", reason="a Mac can build them")
@pytest.mark.parametrize("preset", ["macos", "ios"])
def test_apple_elsewhere(preset: str, tmp_path: Path) -> None:
    shown = configure(preset, tmp_path / "b")
    assert shown.returncode != 0
    assert "run this on a Mac" in shown.stderr
