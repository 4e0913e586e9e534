"""har.c and har.h build with a compiler alone, without a warning, and give the library's bits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from command import ROOT, run

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
X86 = ["avx2", "avxvnni", "avx512", "avx512vnni"]


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with har.c and har.h, and nothing of the tree."""
    folder = tmp_path_factory.mktemp("single")
    run(ROOT / "script/amalgamate", folder)
    (folder / "app.c").write_bytes((ROOT / "tests/package/label_hash.c").read_bytes())
    return folder


@pytest.fixture(scope="module")
def library(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same program with the library as CMake builds it."""
    program = tmp_path_factory.mktemp("library") / "label_hash"
    source, include = ROOT / "tests/package/label_hash.c", ROOT / "include"
    how = ["-O2", '-DHAR_H="har/har.h"', f"-I{include}"]
    run("cc", *how, source, package / "libhar.a", "-lm", "-o", program)
    return program


def flags_of(source: Path) -> list[str]:
    """The flags that the first lines of an instruction set's file name."""
    found = re.search(r"^ \* Flags: (.*)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, source
    return found[1].split() if found[1].startswith("-") else []


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_one_file_has_the_bits_of_the_library(
    single: Path, library: Path, models: list[Path], compiler: str
) -> None:
    program = single / compiler
    how = ["-O2", '-DHAR_H="har.h"', *WARNINGS]
    run(compiler, *how, single / "app.c", single / "har.c", "-lm", "-o", program)
    found = run(program, *models)
    assert found.count("\n") == len(models)
    assert found == run(library, *models, HAR_CPU="ref")


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="asks /proc/cpuinfo")
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_instruction_sets_beside_it(
    single: Path, library: Path, models: list[Path], compiler: str
) -> None:
    if "avx2" not in Path("/proc/cpuinfo").read_text(encoding="utf-8").split():
        pytest.skip("this processor has no AVX2")
    objects = []
    for name in X86:
        source, made = single / f"har_{name}.c", single / f"{name}_{compiler}.o"
        run(compiler, "-O2", *WARNINGS, *flags_of(source), "-c", source, "-o", made)
        objects.append(made)
    program = single / f"{compiler}_x86"
    how = ["-O2", '-DHAR_H="har.h"', "-DHARK_X86", *WARNINGS]
    run(compiler, *how, single / "app.c", single / "har.c", *objects, "-lm", "-o", program)
    for name in ("ref", *X86):
        found = run(program, *models, HAR_CPU=name)
        assert found == run(library, *models, HAR_CPU=name), name


def test_arm_files_compile(single: Path) -> None:
    compiler = "aarch64-linux-gnu-gcc"
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    for name in ("neon", "neondot"):
        source = single / f"har_{name}.c"
        run(compiler, "-O2", *WARNINGS, *flags_of(source), "-c", source, "-o", single / "arm.o")
    whole = ["-DHARK_NEON", "-DHARK_NEONDOT", "-c", single / "har.c"]
    run(compiler, "-O2", *WARNINGS, *whole, "-o", single / "arm.o")


def test_two_libraries_do_not_meet(single: Path) -> None:
    """Every symbol is har_*, hari_* or hark_*."""
    run("cc", "-O2", "-c", single / "har.c", "-o", single / "har.o")
    defined = run("nm", "-g", "--defined-only", "--format=posix", single / "har.o")
    names = {line.split()[0] for line in defined.splitlines()}
    assert "har_model_open_file" in names
    assert {name for name in names if not re.match(r"har[ik]?_", name)} == set()
