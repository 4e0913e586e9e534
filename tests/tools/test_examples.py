"""The examples: built with a C compiler, the static library and what har.pc names beside it."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_model
from libhar import flat

Example = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def example(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Compiles and runs an example with the words given."""
    folder = tmp_path_factory.mktemp("examples")

    def run(name: str, *words: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        program = folder / name
        if not program.exists():
            source = tiny_model.ROOT / "examples" / f"{name}.c"
            flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
            include = ["-I", tiny_model.ROOT / "include"]
            package = (build_folder / "har.pc").read_text(encoding="utf-8")
            beside = re.findall(r"^Libs.private:(.*)$", package, re.MULTILINE)[0].split()
            libraries = [build_folder / "libhar.a", *beside]
            subprocess.run(["cc", *flags, *include, source, "-o", program, *libraries], check=True)
        return subprocess.run(
            [program, *map(str, words)], input=stdin, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model behind the six channels of a phone."""
    path = tmp_path_factory.mktemp("phone") / "phone.har"
    return tiny_model.write_model(tiny_model.on_six_channels(), path)


def test_first_label(example: Example, phone: Path) -> None:
    shown = example("first_label", phone)
    upright = np.tile(np.float32([1.0, 0.0]), (tiny_model.WINDOW, 1))
    scores = tiny_model.scores_of(upright)
    name = tiny_model.CLASSES[int(scores.argmax())]
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == f"{name}, {100 * scores.max():.0f} % sure\n"


def test_two_sensors(example: Example) -> None:
    """A phone at the waist lies flat while its wearer lies."""
    shown = example("two_sensors", tiny_model.ROOT / "models/hapt_gru.har")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.fullmatch(r"LAYING, \d+ % sure\n", shown.stdout)


def test_caller_arena(example: Example, phone: Path) -> None:
    shown = example("caller_arena", phone)
    assert (shown.returncode, shown.stderr) == (0, "")
    found = re.match(r"a stream takes (\d+) bytes, 1048576 are set aside\n", shown.stdout)
    assert found is not None
    assert 0 < int(found[1]) < 1 << 20


def test_an_arena_too_small_is_an_error(example: Example, tmp_path: Path) -> None:
    content = tiny_model.description()
    content["signal"].update(window=65536, hop=65536)
    content["graph"]["tensors"][0]["shape"] = [65536, 2]
    content["golden"] = []
    shown = example("caller_arena", tiny_model.write_model(content, tmp_path / "long.har"))
    assert shown.returncode == 1
    assert "1048576" in shown.stderr


def test_classify_window(example: Example, tiny: Path) -> None:
    window = np.random.default_rng(9).normal(0, 1, (tiny_model.WINDOW, 2)).astype(np.float32)
    shown = example("classify_window", tiny, stdin=" ".join(map(str, window.ravel())))
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.split(" %  ") for line in shown.stdout.splitlines()]
    assert [name for _, name in lines] == list(tiny_model.CLASSES)
    percents = [float(percent) for percent, _ in lines]
    np.testing.assert_allclose(percents, 100 * tiny_model.scores_of(window), atol=0.0051)


@pytest.mark.parametrize("name", ["first_label", "caller_arena", "classify_window"])
def test_mistakes_are_told(example: Example, tiny: Path, tmp_path: Path, name: str) -> None:
    assert example(name).returncode == 2
    shown = example(name, tmp_path / "none.har")
    assert shown.returncode == 1
    assert "none.har" in shown.stderr or "open" in shown.stderr


def test_another_number_of_channels_is_told(example: Example, tiny: Path) -> None:
    shown = example("first_label", tiny)
    assert shown.returncode == 1
    assert "6" in shown.stderr
    assert "2" in shown.stderr


def test_too_few_numbers_are_told(example: Example, tiny: Path) -> None:
    shown = example("classify_window", tiny, stdin="1 2 3")
    assert shown.returncode == 1
    assert "16 numbers are needed, 3 came" in shown.stderr


def test_swap_model(example: Example, tmp_path: Path) -> None:
    """From one model to another without a hole; a model that does not reproduce its golden vectors
    is not taken."""
    old, new = (tiny_model.ROOT / f"models/uci_har_{n}_int8.har" for n in ("cnn", "student"))
    shown = example("swap_model", old, new)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.split(maxsplit=2) for line in shown.stdout.splitlines()]
    names = [line[1].rstrip(",") for line in lines]
    first = names.index("uci_har_student_int8")
    assert set(names[:first]) == {"uci_har_cnn_int8"} and set(names[first:]) == {
        "uci_har_student_int8"
    }
    ends = [int(line[0]) for line in lines]
    assert all(b - a <= 70 for a, b in itertools.pairwise(ends)) and ends[-1] >= 930
    broken = tmp_path / "broken.har"
    model = flat.load(new)
    model.golden[0].label = (model.golden[0].label + 1) % 6
    flat.save(model, broken)
    stays = example("swap_model", old, broken)
    assert stays.returncode == 0
    assert "300 stays: " in stays.stdout and "uci_har_student_int8," not in stays.stdout
    assert stays.stdout.count("uci_har_cnn_int8,") == len(stays.stdout.splitlines()) - 1
