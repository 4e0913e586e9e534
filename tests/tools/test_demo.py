"""script/demo: which recording it takes, what it installs, and that it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_model
from test_recordings import make_archive, write_packed

ROOT = tiny_model.ROOT
TOOLS = ["bash", "cat", "cp", "cut", "dirname", "grep", "head", "mkdir", "sed", "sort"]
"""What every Debian has and the script calls."""

FAKES = {
    "cmake": """case $1 in
    --version) echo "cmake version ${CMAKE_VERSION:-3.25.1}" ;;
    --preset) mkdir -p build/release ;;
    --build) cp "$BUILT_HAR" build/release/har ;;
    esac""",
    "ninja": "exit 0",
    "cc": "exit 0",
    "id": "echo ${FAKE_UID:-0}",
    "dpkg-query": "exit 1",
    "apt-get": """echo "apt-get $*" >>"$CALLS"
    [[ " $* " != *" cmake "* ]] || cp "$SPARE_CMAKE" "${CALLS%/*}/bin/cmake" """,
}

Demo = Callable[..., subprocess.CompletedProcess[str]]


def fake(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with what the script needs, and a model for phones in the place of the trained one."""
    tree = tmp_path / "tree"
    for folder in ("script", "training/recordings"):
        shutil.copytree(ROOT / folder, tree / folder)
    for folder in ("examples/recordings", "models"):
        (tree / folder).mkdir(parents=True)
    rows = "".join(f"1,0.{row:02},0,0,0,0,STANDING\n" for row in range(20))
    header = "acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z,label\n"
    (tree / "examples" / "recordings" / "simulated.csv").write_text(header + rows)
    content = tiny_model.on_six_channels()
    tiny_model.write_model(content, tree / "models" / "uci_har_cnn.har")
    return tree


@pytest.fixture
def demo(tree: Path, tmp_path: Path, build_folder: Path) -> Demo:
    """Runs the script with a PATH of its own. `without` names commands that are not there."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in TOOLS:
        (commands / name).symlink_to(str(shutil.which(name)))
    fake(commands / "python3", f'exec {sys.executable} "$@"')  # a link would leave its environment
    for name, body in FAKES.items():
        fake(commands / name, body)
    surroundings = {
        "PATH": str(commands),
        "CALLS": str(tmp_path / "calls"),
        "BUILT_HAR": str(build_folder / "har"),
        "SPARE_CMAKE": str(fake(tmp_path / "spare-cmake", FAKES["cmake"])),
    }

    def run(
        *words: object, without: tuple[str, ...] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        for name in without:
            (commands / name).unlink()
        return subprocess.run(
            [str(tree / "script" / "demo"), *map(str, words)],
            env={**surroundings, **variables},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


def installed(tmp_path: Path) -> str:
    calls = tmp_path / "calls"
    return calls.read_text() if calls.exists() else ""


def test_the_simulated_recording_is_the_last_resort(demo: Demo, tmp_path: Path) -> None:
    shown = demo()
    assert shown.returncode == 0, shown.stderr
    assert "recording: simulated (examples/recordings/simulated.csv)" in shown.stdout
    assert "4 labels from 20 samples" in shown.stdout
    assert "STANDING" in shown.stdout
    assert installed(tmp_path) == ""


def test_a_named_recording_comes_first(demo: Demo, tmp_path: Path) -> None:
    mine = "acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z\n" + "1,0,0,0,0,0\n" * 8
    (tmp_path / "mine.csv").write_text(mine)
    write_packed(tmp_path / "hapt.npz")
    shown = demo("mine.csv", "--download", HAR_DATA_DIR=str(tmp_path))
    assert shown.returncode == 0, shown.stderr
    assert f"recording: {tmp_path}/mine.csv" in shown.stdout
    assert "1 labels from 8 samples" in shown.stdout


@pytest.mark.parametrize("folder", [".", "absolute"])
def test_har_data_dir_comes_next(demo: Demo, tmp_path: Path, folder: str) -> None:
    write_packed(tmp_path / "hapt.npz")
    shown = demo("--download", HAR_DATA_DIR=str(tmp_path) if folder == "absolute" else folder)
    assert shown.returncode == 0, shown.stderr
    assert "recording: a person the model was not trained on, from HAR_DATA_DIR" in shown.stdout
    assert "0 labels from 3 samples" in shown.stdout


def test_a_data_folder_without_the_recordings_is_told(demo: Demo, tmp_path: Path) -> None:
    shown = demo(HAR_DATA_DIR=str(tmp_path))
    assert f"HAR_DATA_DIR ({tmp_path}) holds no hapt.npz" in shown.stdout
    assert "recording: simulated" in shown.stdout


def test_an_archive_may_be_named(demo: Demo, tmp_path: Path) -> None:
    make_archive(tmp_path / "hapt.zip")
    shown = demo("--archive", "hapt.zip")
    assert shown.returncode == 0, shown.stderr
    assert f"from {tmp_path}/hapt.zip" in shown.stdout
    assert "experiment 2, person 4, 3 samples" in shown.stderr


def test_an_archive_that_is_there_is_not_fetched_again(
    demo: Demo, tree: Path, tmp_path: Path
) -> None:
    (tree / "build" / "demo").mkdir(parents=True)
    make_archive(tree / "build" / "demo" / "hapt.zip")
    shown = demo("--download")
    assert shown.returncode == 0, shown.stderr
    assert "from the public archive of HAPT" in shown.stdout
    assert "downloading" not in shown.stderr


def test_a_broken_archive_ends_the_demo(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "hapt.zip").write_text("not a zip")
    shown = demo("--archive", "hapt.zip")
    assert shown.returncode == 1
    assert "hapt.zip" in shown.stderr


def test_what_is_missing_is_installed(demo: Demo, tmp_path: Path) -> None:
    shown = demo(without=("cmake", "cc"))
    assert shown.returncode == 0, shown.stderr
    assert "install -y -q --no-install-recommends cmake\n" in installed(tmp_path)
    assert "install -y -q --no-install-recommends gcc libc6-dev\n" in installed(tmp_path)
    assert "ninja" not in installed(tmp_path)


def test_who_may_not_install_is_told_what_to(demo: Demo, tmp_path: Path) -> None:
    shown = demo(without=("cmake",), FAKE_UID="1000")
    assert shown.returncode == 1
    assert "please install as root: apt-get install cmake" in shown.stderr
    assert installed(tmp_path) == ""


def test_sudo_is_used_where_it_is_there(demo: Demo, tmp_path: Path) -> None:
    fake(tmp_path / "bin" / "sudo", 'echo "sudo $*" >>"$CALLS"; exec "$@"')
    shown = demo(without=("cmake",), FAKE_UID="1000")
    assert shown.returncode == 0, shown.stderr
    assert "sudo apt-get install -y -q --no-install-recommends cmake\n" in installed(tmp_path)


def test_an_old_cmake_is_not_used(demo: Demo, tmp_path: Path) -> None:
    """Where the system's CMake is too old, one from PyPI is asked for; here pip is a fake."""
    python = tmp_path / "bin" / "python3"
    python.unlink()
    fake(
        python,
        f"""[ "$1 $2" = "-m venv" ] || exec {sys.executable} "$@"
        mkdir -p "$3/bin"
        printf '#!/bin/bash\\necho "pip $*" >>"$CALLS"\\n' >"$3/bin/pip"
        sed 's/3.25.1/3.31.0/' "$SPARE_CMAKE" >"$3/bin/cmake"
        {shutil.which("chmod")} +x "$3/bin/pip" "$3/bin/cmake" """,
    )
    shown = demo(CMAKE_VERSION="3.22.1")
    assert shown.returncode == 0, shown.stderr
    assert "pip install -q --disable-pip-version-check cmake>=3.25\n" in installed(tmp_path)
    assert "4 labels from 20 samples" in shown.stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--fast",), "script/demo: --fast: no such option"),
        (("--archive",), "script/demo: --archive: a file is missing"),
        (("a.csv", "b.csv"), "script/demo: b.csv: one recording is enough"),
    ],
)
def test_wrong_words_are_named(demo: Demo, words: tuple[str, ...], problem: str) -> None:
    shown = demo(*words)
    assert shown.returncode == 2
    assert problem in shown.stderr


def test_help_is_the_head_of_the_script(demo: Demo) -> None:
    shown = demo("--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("Installs what it needs, builds, and streams a recording")
    assert "./script/demo [RECORDING.csv | --archive HAPT.zip | --download]" in shown.stdout


def test_the_demo_runs_in_this_tree() -> None:
    """The real one: the release build, the trained model, the simulated recording."""
    variables = {name: value for name, value in os.environ.items() if name != "HAR_DATA_DIR"}
    shown = subprocess.run(
        [ROOT / "script" / "demo"], env=variables, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert "recording: simulated" in shown.stdout
    found = re.search(
        r"; (\d+) of the (\d+) whose true class is known agree .*; each window by itself: (\d+)",
        shown.stdout,
    )
    assert found is not None
    decided, known, alone = map(int, found.groups())
    assert alone > 0.75 * known
    assert decided > 0.70 * known, "what is decided is later by a window or two, 12 times"
