"""The wheels: what is in them, and that one alone gives labels where there is no compiler."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import libhar
import numpy as np
import pytest
from conftest import ROOT, Fresh
from libhar import shipped

PAGE = ROOT / "docs/platforms/python.md"
MOST_BYTES = 2_000_000


def first_example() -> str:
    """The lines that the page begins with."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_five_lines_give_the_labels_of_the_library_built_here(fresh: Fresh) -> None:
    lines = first_example()
    assert len(lines.splitlines()) <= 6
    done = fresh("python", "-c", lines)
    assert done.returncode == 0, done.stderr
    columns = range(6)
    recording = np.loadtxt(shipped.recording(), delimiter=",", skiprows=2, usecols=columns)
    model = libhar.Model(ROOT / "models/uci_har_cnn_int8.har")
    events = list(libhar.Stream(model).run(recording))
    assert len({event.name for event in events}) >= 6
    assert done.stdout.splitlines() == [f"{e.name} {e.confidence}" for e in events]


def test_the_library_is_the_one_inside_the_package(fresh: Fresh) -> None:
    said = fresh("python", "-c", "from libhar import _capi; print(_capi.lib._name)")
    assert said.returncode == 0, said.stderr
    assert "site-packages/libhar/libhar" in said.stdout


def test_libhar_library_names_another(fresh: Fresh, tmp_path: Path) -> None:
    inside = fresh("python", "-c", "from libhar import _capi; print(_capi.lib._name)").stdout
    other = tmp_path / "other.so"
    shutil.copy(inside.strip(), other)
    words = ("-c", "from libhar import _capi; print(_capi.lib._name)")
    assert fresh("python", *words, LIBHAR_LIBRARY=str(other)).stdout.strip() == str(other)
    missing = fresh("python", *words, LIBHAR_LIBRARY=str(tmp_path / "none.so"))
    assert missing.returncode != 0
    assert "none.so" in missing.stderr


def test_every_model_reproduces_its_golden_vectors(fresh: Fresh) -> None:
    lines = """
import libhar
from libhar import shipped
for name in shipped.models():
    report = libhar.Model(shipped.model(name)).selftest()
    print(name, report.passed, report.checked > 0)
"""
    done = fresh("python", "-c", lines)
    assert done.returncode == 0, done.stderr
    names = {Path(file).stem for file in listed_models()}
    assert set(done.stdout.splitlines()) == {f"{name} True True" for name in names}


def listed_models() -> list[str]:
    """The INT8 files of the models that README.md lists."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Models")[1]
    names = []
    for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        first, *others = re.findall(r"`(\w+)`", row)
        names += [first, *(first + o if o.startswith("_") else o for o in others)]
    return [f"{name}_int8.har" for name in names]


def test_what_a_wheel_holds(built: Path) -> None:
    for wheel in built.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
            told = f"libhar-{libhar.__version__}.dist-info"
            tags = archive.read(f"{told}/WHEEL").decode()
            about = archive.read(f"{told}/METADATA").decode()
        assert wheel.stat().st_size < MOST_BYTES
        assert {f"libhar/models/{name}" for name in listed_models()} == {
            name for name in names if name.startswith("libhar/models/") and name.endswith(".har")
        }
        assert {n for n in names if ".so" in n} == {"libhar/libhar.so"}, "another library"
        assert "libhar/py.typed" in names
        assert {"LICENSE", "NOTICE"} <= {n.rsplit("/", 1)[1] for n in names if "licenses/" in n}
        assert re.findall(r"Tag: (py3-none-manylinux_2_17_\w+)", tags)
        extras = set(re.findall(r"^Provides-Extra: (.*)", about, re.MULTILINE))
        assert extras >= {"convert", "train", "plot", "cohort", "dask", "spark"}


def test_what_the_source_archive_holds(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"LICENSE", "NOTICE", "CMakeLists.txt", "lib/api/open.c", "include/har/har.h"} <= names
    folders = {name.split("/")[0] for name in names if "/" in name}
    assert not folders & {".ci", "bench", "build", "docs", "tests", "training"}
    assert path.stat().st_size < MOST_BYTES


def test_auditwheel_finds_glibc_alone(wheel: Path) -> None:
    auditwheel = ROOT / "build/venv-wheel/bin/auditwheel"
    shown = subprocess.run(
        [auditwheel, "show", wheel], capture_output=True, text=True, check=True
    ).stdout
    text = " ".join(shown.split())
    assert re.search(r'consistent with the following platform tag: "manylinux_2_17_', text), shown
    libraries = set(re.findall(r"\blib[\w+-]*\.so[.\d]*", text))
    assert libraries <= {"libc.so.6", "libm.so.6"}


def test_the_command_runs_with_what_the_wheel_asks_for(fresh: Fresh) -> None:
    said = fresh("python", "-c", "from libhar import shipped; print(shipped.recording().parent)")
    models = Path(said.stdout.strip()).parent / "models"
    card = fresh("libhar", "card", models / "uci_har_student_int8.har")
    assert card.returncode == 0, card.stderr
    assert "WALKING" in card.stdout
    drawn = fresh("libhar", "plot", "timeline", models / "hapt_gru_int8.har", "none.csv")
    assert drawn.returncode == 1
    assert "pip install 'libhar[plot]'" in drawn.stderr


@pytest.mark.parametrize(
    ("line", "fits"), [("label: str = event.name", True), ("label: int = event.name", False)]
)
def test_users_see_its_types(fresh: Fresh, tmp_path: Path, line: str, fits: bool) -> None:
    lines = (
        "import libhar",
        "def name_of(stream: libhar.Stream) -> None:",
        "    for event in stream.run([[0.0] * 6]):",
        f"        {line}",
        "        print(label)",
    )
    (tmp_path / "user.py").write_text("\n".join(lines) + "\n")
    python = fresh("python", "-c", "import sys; print(sys.executable)").stdout.strip()
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "user.py"]
    checked = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True)
    assert (checked.returncode == 0) == fits, checked.stdout
    assert fits or "Incompatible types in assignment" in checked.stdout


def test_the_aarch64_library_gives_the_label_of_this_machine(built: Path, tmp_path: Path) -> None:
    compiler, emulator = "aarch64-linux-gnu-gcc", "qemu-aarch64-static"
    if not (shutil.which(compiler) and shutil.which(emulator)):
        pytest.skip(f"{compiler} or {emulator} is not there")
    (path,) = built.glob("*_aarch64.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    inside = tmp_path / "libhar"
    program = tmp_path / "first_label"
    source = ROOT / "examples/first_label.c"
    include = f"-I{ROOT / 'include'}"
    subprocess.run([compiler, source, include, inside / "libhar.so", "-o", program], check=True)
    model = inside / "models/uci_har_cnn_int8.har"
    command = [emulator, "-L", "/usr/aarch64-linux-gnu", "-E", f"LD_LIBRARY_PATH={inside}"]
    there = subprocess.run(
        [*command, program, model], capture_output=True, text=True, check=True
    ).stdout
    stream = libhar.Stream(libhar.Model(model))
    still = np.tile(np.array([[1, 0, 0, 0, 0, 0]], np.float32), (1000, 1))
    event = next(e for e in stream.run(still) if e.class_index >= 0)
    assert there == f"{event.name}, {event.confidence * 100:.0f} % sure\n"
