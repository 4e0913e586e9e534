"""The Android archive as made for this machine, and programs on its classes and libraries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JVM = ROOT / "tests" / "jvm"
sys.path.append(str(ROOT / "tests" / "tools"))  # tiny_model

Java = Callable[..., subprocess.CompletedProcess[str]]


def archive_of() -> Path:
    """HAR_AAR, by default the one that `script/build-aar --linux` made."""
    found = sorted((ROOT / "build" / "aar").glob("har-*-linux.aar"))
    path = Path(os.environ["HAR_AAR"]) if "HAR_AAR" in os.environ else found[-1] if found else None
    if path is None or not path.is_file():
        pytest.fail("no archive: ./script/build-aar --linux --abi x86_64, or HAR_AAR")
    return path


@pytest.fixture(scope="session")
def aar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, unpacked."""
    folder = tmp_path_factory.mktemp("aar")
    with zipfile.ZipFile(archive_of()) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def class_path(aar: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The archive's classes, the stand-ins for Android's, and the test programs."""
    stubs = tmp_path_factory.mktemp("stubs")
    programs = tmp_path_factory.mktemp("programs")
    compiler = ["javac", "--release", "8", "-Xlint:all", "-Werror", "-d"]
    subprocess.run([*compiler, stubs, *JVM.glob("stubs/**/*.java")], check=True)
    path = os.pathsep.join(map(str, [aar / "classes.jar", stubs]))
    subprocess.run([*compiler, programs, "-cp", path, *JVM.glob("programs/*.java")], check=True)
    return os.pathsep.join([path, str(programs)])


@pytest.fixture(scope="session")
def java(aar: Path, class_path: str) -> Java:
    """Runs a test program on this machine's JVM, with every check of JNI calls."""
    libraries = aar / "jni" / "x86_64"
    if not libraries.is_dir():
        pytest.skip("the archive has no x86_64")

    def run(name: str, *words: object) -> subprocess.CompletedProcess[str]:
        program = shutil.which("java") or "java"
        return subprocess.run(
            [program, "-Xcheck:jni", f"-Djava.library.path={libraries}", "-cp", class_path, name]
            + [str(word) for word in words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "HAR_BACKEND": "native"},
        )

    return run
