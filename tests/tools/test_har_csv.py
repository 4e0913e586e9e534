"""The layout of a recording: what is read, and what each mistake answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from har_program import Har
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = "acc_x,acc_y\n"
ROWS = "".join(f"0.{row},-1.{row}\n" for row in range(1, 9))


def run(har: Har, tiny: Path, folder: Path, content: bytes, *options: str):
    path = folder / "rec.csv"
    path.write_bytes(content)
    return har("run", tiny, path, "--json", *options)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "rec.csv: is empty; a line that names the columns is expected"),
        (b"# nothing\n\n", "rec.csv: is empty; a line that names the columns is expected"),
        (b"acc_x,acc_y\n", "rec.csv: holds no sample after its header"),
        (b"acc_x\n1\n", "rec.csv line 1: column 'acc_y' is missing; the model needs it in g"),
        (b"label,t_ns\n", "rec.csv line 1: column 'acc_x' is missing"),
        (b"acc_x,acc_y,acc_x\n", "rec.csv line 1: column 'acc_x' is there twice, as 1 and 3"),
        (b"t_ns,t_ns,acc_x,acc_y\n", "rec.csv line 1: column 't_ns' is there twice, as 1 and 2"),
        (
            b"# note\nacc_x,acc_y,gyro_x\n",
            "rec.csv line 2: column 3, 'gyro_x', is no channel of the model, nor t_ns or label "
            "(--ignore-extra passes over such columns)",
        ),
        (b"ACC_X,acc_y\n", "rec.csv line 1: column 1, 'ACC_X', is no channel of the model"),
        (b"0.5,1.0\n", "rec.csv line 1: column 1, '0.5', is no channel of the model"),
        (b"acc_x,acc_y\n1,2\n3\n", "rec.csv line 3: found 1 cells, expected 2 as in the header"),
        (b"acc_x,acc_y\n1,2,3\n", "rec.csv line 2: found 3 cells, expected 2 as in the header"),
        (b"acc_x,acc_y\n1,2\n\n# x\n3,\n", "rec.csv line 5, column acc_y: found an empty cell"),
        (
            b"acc_x,acc_y\n1,2" + b" " * 65536 + b"\n",
            "rec.csv line 2: the line is longer than 65535",
        ),
        (b"acc_x,acc_y\n" + b"," * 3000, "rec.csv line 2: the line has more than 2048 cells"),
        (b"acc_x,acc_y\n1,\xff\n", "rec.csv line 2: the line holds a byte that is not UTF-8"),
        (b"acc_x,acc_y\n1,\xed\xa0\x80\n", "rec.csv line 2: the line holds a byte that is not"),
        (b"acc_x,acc_y\n1,\x002\n", "rec.csv line 2: the line holds a control character"),
        (b"acc_x,acc_y\r1,2\r", "rec.csv line 1: the line holds a control character"),
        (b'acc_x,acc_y\n1,"2\n', "rec.csv line 2: cell 2: the quotes are not closed"),
        (b'acc_x,acc_y\n"1"0,2\n', "rec.csv line 2: cell 1: the quotes are not closed where"),
        (
            b"t_ns,acc_x,acc_y\n5,1,2\n# gap\n5,1,2\n",
            "rec.csv line 4, column t_ns: found 5, expected a time later than 5 of line 2",
        ),
        (
            b"t_ns,acc_x,acc_y\n1.5,1,2\n",
            "rec.csv line 2, column t_ns: found 1.5, expected a whole number of nanoseconds",
        ),
        (
            b"t_ns,acc_x,acc_y\n9223372036854775808,1,2\n",
            "line 2, column t_ns: found 92233720368547",
        ),
    ],
)
def test_mistakes_are_named(
    har: Har, tiny: Path, tmp_path: Path, content: bytes, problem: str
) -> None:
    shown = run(har, tiny, tmp_path, content)
    assert shown.returncode == 3
    assert shown.stdout == ""
    assert shown.stderr.startswith(f"har run: {tmp_path}/")
    assert problem in shown.stderr
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "cell",
    [
        *("nan", "NaN", "inf", "-Infinity", "abc", "1.2.3", "1e", "1e+", ".", "-", "+-1"),
        *("0x1p3", "1;5", "1 2", "1e39", "--1", "1_000", "\u0661"),
    ],
)
def test_what_is_no_number_is_named(har: Har, tiny: Path, tmp_path: Path, cell: str) -> None:
    shown = run(har, tiny, tmp_path, f"{HEAD}1,2\n{cell},4\n".encode())
    assert shown.returncode == 3
    assert (
        f"rec.csv line 3, column acc_x: found {cell}, expected a finite decimal number such as "
        f"-0.25 or 1e-3\n"
    ) in shown.stderr


def test_a_missing_recording(har: Har, tiny: Path, tmp_path: Path) -> None:
    shown = har("run", tiny, tmp_path / "none.csv")
    assert shown.returncode == 3
    assert "none.csv: cannot be opened: No such file or directory" in shown.stderr
    shown = har("run", tiny, tmp_path)
    assert shown.returncode == 3
    assert "cannot be read: Is a directory" in shown.stderr


def test_a_decimal_comma_is_too_many_cells(har: Har, tiny: Path, tmp_path: Path) -> None:
    shown = run(har, tiny, tmp_path, HEAD.encode() + b"0,5,1,5\n")
    assert "line 2: found 4 cells, expected 2" in shown.stderr


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEAD + ROWS,
        (HEAD + ROWS).replace("\n", "\r\n"),
        (HEAD + ROWS).rstrip("\n"),
        ("# a\n \n" + HEAD + "#b\n" + ROWS + "\n  # c\n").replace(",", " ,\t"),
        '"acc_x","acc_y"\n' + ROWS.replace(",", '","').replace("\n", '"\n').replace("0.", '"0.'),
        HEAD + ROWS.replace("-1.", "-0.1").replace("\n", "E+1\n"),
    ],
    ids=["byte order mark", "CR LF", "no last line end", "comments and blanks", "quotes", "e"],
)
def test_what_is_read_alike(har: Har, tiny: Path, tmp_path: Path, content: str) -> None:
    plain = run(har, tiny, tmp_path, (HEAD + ROWS).encode())
    assert plain.returncode == 0
    assert plain.stdout.count("\n") == 1
    shown = run(har, tiny, tmp_path, content.encode())
    assert (shown.stdout, shown.stderr) == (plain.stdout, plain.stderr)


def test_extra_columns_are_passed_over_when_asked(har: Har, tiny: Path, tmp_path: Path) -> None:
    lines = [f"x{i},{row},y" for i, row in enumerate(ROWS.splitlines())]
    extra = "note,acc_x,acc_y,note\n" + "\n".join(lines)
    shown = run(har, tiny, tmp_path, extra.encode(), "--ignore-extra")
    assert shown.returncode == 0
    assert shown.stdout == run(har, tiny, tmp_path, (HEAD + ROWS).encode()).stdout


def test_a_quoted_label_may_hold_commas_and_quotes(har: Har, tiny: Path, tmp_path: Path) -> None:
    rows = "".join(f'"a ""b"", c" ,{row}\n' for row in ROWS.splitlines())
    shown = run(har, tiny, tmp_path, ("label," + HEAD + rows).encode())
    assert '"truth":"a \\"b\\", c"' in shown.stdout


def test_too_many_labels_are_refused(har: Har, tiny: Path, tmp_path: Path) -> None:
    rows = "".join(f"0,0,label {row}\n" for row in range(4097))
    shown = run(har, tiny, tmp_path, ("acc_x,acc_y,label\n" + rows).encode())
    assert shown.returncode == 3
    assert "label 'label 4096' is one too many: at most 4096 that are no class" in shown.stderr


@settings(max_examples=150, deadline=None, print_blob=True)
@given(content=st.binary(max_size=300))
def test_any_bytes_end_in_a_clear_answer(har: Har, tiny: Path, tmp_path_factory, content) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    for start in (b"", HEAD.encode()):
        path.write_bytes(start + content)
        shown = har("run", tiny, path, "--json")
        assert shown.returncode in (0, 3)
        assert (shown.stderr == "") == (shown.returncode == 0)
