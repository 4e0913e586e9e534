"""The words after `har`, and what each mistake answers."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from har_program import Har

ROOT = Path(__file__).resolve().parents[2]


def test_no_words_show_the_commands(har: Har) -> None:
    shown = har()
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert "har run MODEL RECORDING.csv" in shown.stderr


@pytest.mark.parametrize("words", [("help",), ("--help",), ("-h",)])
def test_help_lists_every_command_and_exit_status(har: Har, words: tuple[str, ...]) -> None:
    shown = har(*words)
    assert shown.returncode == 0
    for name in ("info", "run", "selftest", "--version"):
        assert f"har {name}" in shown.stdout
    assert re.search(r"0 done.*1 .*2 .*3 .*4 .*5 ", shown.stdout, re.DOTALL)


@pytest.mark.parametrize("command", ["info", "run", "selftest"])
def test_help_of_a_command(har: Har, command: str) -> None:
    assert har("help", command).stdout.startswith(f"har {command} MODEL")
    assert har(command, "--help").stdout == har("help", command).stdout


def test_version_is_the_header_s(har: Har) -> None:
    header = (ROOT / "include" / "har" / "version.h").read_text()
    numbers = dict(re.findall(r"#define HAR_(\w+) (\d+)$", header, re.MULTILINE))
    shown, backends = har("--version").stdout.split(", backends ")
    assert backends in ("native\n", "native xnnpack\n")
    assert shown == (
        f"har {numbers['VERSION_MAJOR']}.{numbers['VERSION_MINOR']}.{numbers['VERSION_PATCH']}, "
        f"model format {numbers['FORMAT_MAJOR']}.{numbers['FORMAT_MINOR']}"
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("walk",), "har: 'walk' is no command"),
        (("help", "walk"), "har: 'walk' is no command"),
        (("doctor", "libhar.so"), "see 'har help', and 'libhar --help' of the Python package"),
        (("info",), "har info: MODEL: this operand is missing"),
        (("run", "m.har"), "har run: RECORDING.csv: this operand is missing"),
        (("info", "m.har", "n.har"), "har info: n.har: one word too many"),
        (("info", "--jsn", "m.har"), "har info: --jsn: no such option"),
        (("info", "--json=1", "m.har"), "har info: --json=1: this option takes no value"),
        (("run", "m.har", "r.csv", "--hop"), "har run: --hop: a value is missing"),
        (("run", "m.har", "r.csv", "--ring", "9"), "har run: --ring: --record FLIGHT is missing"),
        (("run", "m.har", "r.csv", "--record", "r.csv"), "--record r.csv: that is the recording"),
        (("run", "m.har", "r.csv", "--record", "m.har"), "--record m.har: that is the model"),
        (("run", "--hop", "0", "m", "r"), "--hop 0: a whole number from 1 to 65536 is expected"),
        (("run", "--hop=65537", "m", "r"), "--hop 65537: a whole number from 1 to 65536"),
        (("run", "--chunk", "1e3", "m", "r"), "--chunk 1e3: a whole number from 1 to 1048576"),
        (("run", "--chunk", "-5", "m", "r"), "--chunk -5: a whole number from 1 to 1048576"),
    ],
)
def test_wrong_words_are_named(har: Har, words: tuple[str, ...], problem: str) -> None:
    shown = har(*words)
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert problem in shown.stderr


def test_a_hop_beyond_the_window_is_refused(har: Har, tiny: Path, tmp_path: Path) -> None:
    shown = har("run", "--hop", "9", tiny, tmp_path / "r.csv")
    assert shown.returncode == 2
    assert "--hop 9: the window of the model is 8" in shown.stderr


def test_two_dashes_end_the_options(har: Har) -> None:
    shown = har("info", "--", "--json")
    assert shown.returncode == 4
    assert "har info: --json: " in shown.stderr


def test_a_full_disk_is_an_error(build_folder: Path, tiny: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        shown = subprocess.run(
            [build_folder / "har", "info", tiny], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert shown.returncode == 5
    assert b"the output cannot be written: No space left on device" in shown.stderr


@pytest.mark.parametrize("command", ["info", "bench", "run"])
def test_a_hop_beyond_the_window_is_the_command_line_s_mistake(har: Har, command: str) -> None:
    words = [ROOT / "models/hapt_rnn_int8.har", "--hop", 129]
    words += [ROOT / "examples/recordings/simulated.csv"] if command == "run" else []
    refused = har(command, *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"har {command}: --hop 129: the window of the model is 128\n"


def test_a_folder_is_no_flight_file(har: Har, tmp_path: Path) -> None:
    refused = har("replay", ROOT / "models/hapt_rnn_int8.har", tmp_path)
    assert refused.returncode == 3
    assert refused.stderr.endswith("cannot be read: it is no file, or longer than any flight\n")
