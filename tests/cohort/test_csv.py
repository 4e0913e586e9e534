"""CSV in Python, read with care or at once: what `har run` reads, and refuses, in its words."""

from __future__ import annotations

import ctypes
import subprocess
import warnings
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path

import cohorts
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from libhar import Model
from libhar.cohort.tables import read_csv_at_once
from libhar.recording import Recording, RecordingError, read_csv

Reader = Callable[..., Recording]

HEADER = ",".join(cohorts.CHANNELS)
ROW = "1,2,3,4,5,6"


@cache
def model() -> Model:
    return Model(cohorts.MODEL)


def of_har_run(path: Path, *words: str) -> str:
    """What the program says is wrong with the file, "" where nothing is."""
    command = [str(cohorts.ROOT / "build/release/har"), "run", str(cohorts.MODEL), str(path)]
    done = subprocess.run([*command, *words], capture_output=True, check=False)
    assert done.returncode == (3 if done.stderr else 0)
    return done.stderr.decode().removeprefix("har run: ").removesuffix("\n")


def said_of(reader: Reader, path: Path, ignore_extra: bool = False) -> str:
    """As `of_har_run`; any other error than RecordingError is one of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            reader(model(), path, ignore_extra)
        except RecordingError as error:
            return str(error)
    return ""


def check(path: Path) -> str:
    """Both readers say what the program says, which comes back."""
    for ignore_extra in (False, True):
        said = of_har_run(path, *["--ignore-extra"] * ignore_extra)
        for reader in (read_csv, read_csv_at_once):
            assert said_of(reader, path, ignore_extra) == said, reader
    return of_har_run(path)


REFUSED = {
    "a column twice": (f"{HEADER},acc_x\n{ROW},9\n", "line 1: column 'acc_x' is there twice"),
    "label twice": (f"label,{HEADER},label\nA,{ROW},B\n", "column 'label' is there twice"),
    "t_ns twice": (f"t_ns,t_ns,{HEADER}\n1,2,{ROW}\n", "column 't_ns' is there twice"),
    "a column missing": ("acc_x\n1\n", "line 1: column 'acc_y' is missing; the model needs it"),
    "underscores": (f"{HEADER}\n1,1_0,3,4,5,6\n", "line 2, column acc_y: found 1_0"),
    "digits that are not ASCII": (f"{HEADER}\n1,2,3,4,5,\u0666\n", "line 2, column gyro_z"),
    "no-break space": (f"{HEADER}\n\u00a01,2,3,4,5,6\n", "line 2, column acc_x"),
    "hexadecimal": (f"t_ns,{HEADER}\n0x10,{ROW}\n", "line 2, column t_ns: found 0x10"),
    "hexadecimal value": (f"{HEADER}\n0x10,2,3,4,5,6\n", "line 2, column acc_x: found 0x10"),
    "beyond binary32": (f"{HEADER}\n{ROW}\n1e300,2,3,4,5,6\n", "line 3, column acc_x: found 1e300"),
    "just beyond binary32": (f"{HEADER}\n3.4028236e38,2,3,4,5,6\n", "line 2, column acc_x"),
    "beyond binary64": (f"{HEADER}\n-1e999,2,3,4,5,6\n", "line 2, column acc_x: found -1e999"),
    "infinity": (f"{HEADER}\n1,2,inf,4,5,6\n", "line 2, column acc_z: found inf"),
    "no value": (f"{HEADER}\n1,,3,4,5,6\n", "line 2, column acc_y: found an empty cell"),
    "time beyond int64": (f"t_ns,{HEADER}\n9223372036854775808,{ROW}\n", "line 2, column t_ns"),
    "time of many digits": (f"t_ns,{HEADER}\n{'9' * 5000},{ROW}\n", "line 2, column t_ns"),
    "time with exponent": (f"t_ns,{HEADER}\n2e20,{ROW}\n", "line 2, column t_ns: found 2e20"),
    "time with underscores": (f"t_ns,{HEADER}\n1_0,{ROW}\n", "line 2, column t_ns: found 1_0"),
    "time twice": (f"t_ns,{HEADER}\n5,{ROW}\n#\n5,{ROW}\n", "later than 5 of line 2"),
    "ends of lines of CR": (f"{HEADER}\r{ROW}\r", "line 1: the line holds a control character"),
    "CR CR LF": (f"{HEADER}\n{ROW}\r\r\n", "line 2: the line holds a control character"),
    "NUL": (f"{HEADER},label\n{ROW},a\0b\n", "line 2: the line holds a control character"),
    "DEL in a comment": (f"#\x7f\n{HEADER}\n{ROW}\n", "line 1: the line holds a control"),
    "a line break in quotes": (f'{HEADER},label\n{ROW},"a\nb"\n', "line 2: cell 7: the quotes"),
    "text after quotes": (f'{HEADER}\n"1"2,2,3,4,5,6\n', "line 2: cell 1: the quotes"),
    "quotes within": (f'{HEADER}\n1"2,2,3,4,5,6\n', 'line 2, column acc_x: found 1"2'),
    "Latin-1": (f"{HEADER},label\n{ROW},caf\xe9\n".encode("latin-1"), "line 2: the line holds"),
    "UTF-16": (f"{HEADER}\n{ROW}\n".encode("utf-16"), "line 1: the line holds a byte that is not"),
    "a surrogate": (f"{HEADER},label\n{ROW},".encode() + b"\xed\xa0\x80", "line 2: the line"),
    "cells": (f"{HEADER}\n{ROW},\n", "line 2: found 7 cells, expected 6 as in the header"),
    "a long line": (f"{HEADER},label\n{ROW},{'x' * 65530}\n", "line 2: the line is longer than"),
    "many cells": (f"{HEADER}{',a' * 2043}\n", "line 1: the line has more than 2048 cells"),
    "nothing": ("", "is empty; a line that names the columns is expected"),
    "a comment": ("# a\n\n", "is empty; a line that names the columns is expected"),
    "no samples": (f"{HEADER}\n", "holds no sample after its header"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_har_run_refuses(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = tmp_path / "walk.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert said in check(path)


READ = {
    "labels": f"{HEADER},label\n1,.5,-1e-3,0,0,0,SITTING\n",
    "times": f"t_ns,{HEADER}\n5,1,.5,-1e-3,0,0,0\n9,1,5.,-1E+3,0,0,0\n",
    "comments, blanks, quotes": f'# one\n\n\t{HEADER.replace(",", " , ")} \n  #\n 1,"2",3,4,5,6\n',
    "byte order mark, CR LF": f"\ufeff{HEADER}\r\n1,2,3,4,5,6",
    "byte order mark, comment": f"\ufeff# one\n{HEADER}\n{ROW}\r",
    "ends that are none": f"{HEADER},label\n{ROW},a\u2028b\x85\n{ROW},\n",
    "quotes in quotes": f'{HEADER},label\n{ROW},"a ""b"", #c" \n',
    "the largest": f"t_ns,{HEADER}\n-9223372036854775808,3.40282356e38,2,3,4,5,1e-50\n",
    "signs": f"t_ns,{HEADER}\n+5,+1,-2,3,4,5,6\n",
}  # fmt: skip


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_what_har_run_reads(tmp_path: Path, content: str) -> None:
    path = tmp_path / "walk.csv"
    path.write_bytes(content.encode())
    assert check(path) == ""
    check_equal(path)


def check_equal(path: Path) -> None:
    quick, careful = read_csv_at_once(model(), path), read_csv(model(), path)
    assert np.array_equal(quick.signal, careful.signal)
    assert np.array_equal(quick.times_ns, careful.times_ns)
    assert quick.timed == careful.timed


def test_values_times_and_labels_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    path.write_text(
        'label,gyro_z,gyro_y,gyro_x,t_ns,acc_z,acc_y,acc_x\n"a, ""b""",6,5,4,-7,3,2,1\n'
    )
    recording = read_csv(model(), path)
    assert recording.signal.tolist() == [[1, 2, 3, 4, 5, 6]]
    assert recording.signal.dtype == np.float32
    assert (recording.times_ns.tolist(), recording.truth) == ([-7], ('a, "b"',))


def strtof(cell: str) -> float:
    """As the C library rounds it."""
    function = ctypes.CDLL(None).strtof
    function.restype, function.argtypes = ctypes.c_float, (ctypes.c_char_p, ctypes.c_void_p)
    return float(function(cell.encode(), None))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.floats(0, 2.0**127, width=32), min_size=6, max_size=6), st.sampled_from([-1, 0, 1])
)
def test_values_are_rounded_once(tmp_path: Path, values: list[float], side: int) -> None:
    """Also those beside the middle of two of binary32, by less than binary64 can tell."""
    cells = []
    with localcontext(prec=300):
        for low in np.array(values, np.float32):
            above = np.nextafter(low, np.float32(np.inf))
            middle = (Decimal(float(low)) + Decimal(float(above))) / 2
            cells.append(f"{middle * (1 + side * Decimal('1e-40'))}")
    path = tmp_path / "walk.csv"
    path.write_text(f"{HEADER}\n{','.join(cells)}\n-{',-'.join(cells)}\n")
    expected = [strtof(cell) for cell in cells]
    for reader in (read_csv, read_csv_at_once):
        positive, negative = reader(model(), path).signal.tolist()
        assert positive == expected, reader
        assert [-value for value in negative] == expected, reader


PIECES = [
    *'0159.,"#_-+eExX \t',
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\x7f",
    "\u2028",
    "\xe9",
    '""',
    "1e39",
    "label",
]
TEXTS = st.lists(st.sampled_from([piece.encode() for piece in PIECES] + [b"\xe9"]), max_size=6)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    header=st.sampled_from([HEADER, f"{HEADER},label", f"t_ns,{HEADER}", f" {HEADER}"]),
    rows=st.lists(st.tuples(st.booleans(), TEXTS, TEXTS), min_size=1, max_size=3),
)
def test_any_text(
    tmp_path: Path, header: str, rows: list[tuple[bool, list[bytes], list[bytes]]]
) -> None:
    lines = [header.encode()]
    for is_long, first, last in rows:
        middle = b"2,3,4,5,6" if is_long else b"2,3,4,5"
        lines.append(b",".join((b"".join(first), middle, b"".join(last))))
    path = tmp_path / "walk.csv"
    path.write_bytes(b"\n".join(lines))
    if check(path) == "":
        check_equal(path)
