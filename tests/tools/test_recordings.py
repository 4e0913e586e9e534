"""training/recordings: HAPT as CSV, from the original archive's layout and from hapt.npz."""

from __future__ import annotations

import csv
import http.server
import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from training.recordings import archive, packed
from training.recordings.__main__ import main
from training.recordings.layout import ACTIVITIES, CHANNELS, TEST_PEOPLE, save_csv

ROOT = Path(__file__).resolve().parents[2]

ACC = "0.9180555898766518 -0.1124999944120646 0.5097222514293852\n1.0 0 -1e-3 \n\n 0.5 0.25 0.125\n"
GYRO = "-0.05497787147760391 -0.06963864713907242 -0.03084874898195267\n1 2 3\n4 5 6\n"
LABELS = "1 1 5 1 3\n2 4 5 1 1\n2 4 7 2 2\n"

FILES = {
    "RawData/acc_exp01_user01.txt": ACC,
    "RawData/gyro_exp01_user01.txt": GYRO,
    "RawData/acc_exp02_user04.txt": ACC,
    "RawData/gyro_exp02_user04.txt": GYRO,
    "RawData/labels.txt": LABELS,
    "README.txt": "HAPT",
}


def make_archive(path: Path, prefix: str = "", **changes: str | None) -> Path:
    """The small archive; `changes` replace a file's text, or leave it out (None)."""
    files = {**FILES, **{f"RawData/{name}.txt": text for name, text in changes.items()}}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            if text is not None:
                out.writestr(prefix + name, text)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        assert file.readline().startswith("# HAPT v2.1")
        return list(csv.DictReader(file))


@pytest.mark.parametrize("prefix", ["", "HAPT Data Set/"])
def test_the_archive_becomes_csv(tmp_path: Path, prefix: str) -> None:
    source = make_archive(tmp_path / "hapt.zip", prefix)
    assert main(["--archive", str(source), "--out", str(tmp_path / "out" / "r.csv")]) == 0
    rows = rows_of(tmp_path / "out" / "r.csv")
    assert list(rows[0]) == [*CHANNELS, "label"]
    numbers = np.array([[float(row[name]) for name in CHANNELS] for row in rows])
    expected = np.hstack([np.fromstring(text, sep=" ").reshape(3, 3) for text in (ACC, GYRO)])
    np.testing.assert_array_equal(numbers, expected)
    assert [row["label"] for row in rows] == ["STANDING", "STAND_TO_SIT", ""]


def test_an_archive_inside_an_archive_is_opened(tmp_path: Path) -> None:
    inner = make_archive(tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
        outer.write(inner, "HAPT Data Set.zip")
    assert archive.read_recording(tmp_path / "outer.zip") == archive.read_recording(inner)


def test_the_default_is_a_test_person(tmp_path: Path) -> None:
    source = make_archive(tmp_path / "hapt.zip")
    assert archive.read_recording(source).person in TEST_PEOPLE
    assert archive.read_recording(source, 1).person == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"labels": None}, "holds no RawData/labels.txt"),
        ({"gyro_exp02_user04": None}, "holds no RawData/gyro_exp02_user04.txt"),
        ({"acc_exp02_user04": None}, "there is no experiment of a test person among [1]"),
        ({"gyro_exp02_user04": "1 2 3\n"}, "user04.txt holds 3 samples, RawData/gyro_exp02_user04"),
        ({"acc_exp02_user04": "1 2 3\n1 2\n"}, "acc_exp02_user04.txt line 2: '1 2' is not three"),
        ({"acc_exp02_user04": "1 2 nan\n"}, "line 1: '1 2 nan' is not three numbers"),
        ({"labels": "2 4 5 1\n"}, "labels.txt line 1: '2 4 5 1' is not five whole numbers"),
        ({"labels": "2 4 5 1 x\n"}, "labels.txt line 1: '2 4 5 1 x' is not five whole numbers"),
        ({"labels": "2 4 13 1 2\n"}, "activity 13 is not 1 to 12"),
        ({"labels": "2 4 5 1 4\n"}, "samples 1 to 4 do not lie in 1 to 3"),
        ({"labels": "2 4 5 0 2\n"}, "samples 0 to 2 do not lie in 1 to 3"),
    ],
)
def test_a_broken_archive_is_named(tmp_path: Path, capsys, changes, problem: str) -> None:
    source = make_archive(tmp_path / "hapt.zip", **changes)
    target = tmp_path / "r.csv"
    assert main(["--archive", str(source), "--out", str(target)]) == 1
    assert problem in capsys.readouterr().err
    assert not target.exists()


def test_an_unknown_experiment_is_named(tmp_path: Path, capsys) -> None:
    source = make_archive(tmp_path / "hapt.zip")
    words = ["--archive", str(source), "--experiment", "9", "--out", str(tmp_path / "r.csv")]
    assert main(words) == 1
    assert "there is no experiment number 9 among [1, 2]" in capsys.readouterr().err


@pytest.mark.parametrize("kept", [0, 30, 400, -1])
def test_a_cut_archive_is_an_error(tmp_path: Path, capsys, kept: int) -> None:
    source = make_archive(tmp_path / "hapt.zip")
    source.write_bytes(source.read_bytes()[:kept])
    assert main(["--archive", str(source), "--out", str(tmp_path / "r.csv")]) == 1
    assert "hapt.zip" in capsys.readouterr().err


class Quiet(http.server.BaseHTTPRequestHandler):
    """Serves `content`; claims `missing` bytes more than it sends."""

    content = b""
    missing = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content) + self.missing))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/hapt.zip"
        running.shutdown()
        thread.join()


def test_a_download_shows_its_progress(tmp_path: Path, server: str, monkeypatch) -> None:
    monkeypatch.setattr(Quiet, "content", make_archive(tmp_path / "hapt.zip").read_bytes())
    bar = io.StringIO()
    archive.download(server, tmp_path / "deep" / "got.zip", bar)
    assert (tmp_path / "deep" / "got.zip").read_bytes() == Quiet.content
    assert "[########################################] 100%" in bar.getvalue()


def flip_a_stored_byte(content: bytes) -> bytes:
    at = content.index(b"acc_exp01_user01.txt") + len("acc_exp01_user01.txt") + 10
    return content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda content: content, 10),
        (lambda content: content[: len(content) // 2], 0),
        (lambda content: b"<html>not found</html>", 0),
        (flip_a_stored_byte, 0),
    ],
    ids=["connection lost", "cut", "a web page", "a wrong byte"],
)
def test_a_bad_download_leaves_nothing(
    tmp_path: Path, server: str, monkeypatch, change, missing: int
) -> None:
    content = change(make_archive(tmp_path / "hapt.zip").read_bytes())
    monkeypatch.setattr(Quiet, "content", content)
    monkeypatch.setattr(Quiet, "missing", missing)
    (tmp_path / "got").mkdir()
    with pytest.raises(archive.ArchiveError, match=r"127\.0\.0\.1"):
        archive.download(server, tmp_path / "got" / "got.zip", io.StringIO())
    assert list((tmp_path / "got").iterdir()) == []


def test_no_server_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(archive.ArchiveError, match="Connection refused"):
        archive.download("http://127.0.0.1:9/hapt.zip", tmp_path / "got.zip", io.StringIO())


def test_an_archive_needs_no_numpy(tmp_path: Path) -> None:
    source = make_archive(tmp_path / "hapt.zip")
    words = ["--archive", str(source), "--out", str(tmp_path / "r.csv")]
    code = (
        "import sys; sys.modules['numpy'] = None; "
        "from training.recordings.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, check=True)
    assert len(rows_of(tmp_path / "r.csv")) == 3


def write_packed(path: Path) -> np.ndarray:
    """Two recordings as hapt.npz holds them."""
    data = np.random.default_rng(5).normal(0, 1, (7, 6)).astype(np.float32)
    np.savez(
        path,
        data=data,
        exp=np.array([[1, 1, 0, 4], [2, 4, 4, 7]]),
        labels=np.array([[1, 1, 5, 1, 4], [2, 4, 1, 2, 3]]),
    )
    return data


def test_the_packed_recordings_become_the_same_csv(tmp_path: Path) -> None:
    data = write_packed(tmp_path / "hapt.npz")
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "r.csv")]) == 0
    rows = rows_of(tmp_path / "r.csv")
    numbers = [[np.float32(row[name]) for name in CHANNELS] for row in rows]
    np.testing.assert_array_equal(np.array(numbers), data[4:7])
    assert [row["label"] for row in rows] == ["", "WALKING", "WALKING"]


def test_a_folder_without_recordings_is_named(tmp_path: Path, capsys) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "r.csv")]) == 1
    assert "hapt.npz" in capsys.readouterr().err


def test_the_real_recordings(tmp_path: Path) -> None:
    folder = os.environ.get("HAR_DATA_DIR")
    if not folder:
        pytest.skip("HAR_DATA_DIR is not set")
    recording = packed.read_recording(Path(folder) / "hapt.npz")
    assert recording.person in TEST_PEOPLE
    assert set(recording.labels) == {*ACTIVITIES, ""}
    save_csv(recording, tmp_path / "r.csv")
    upright = [row for row in rows_of(tmp_path / "r.csv") if row["label"] == "STANDING"]
    assert np.mean([float(row["acc_x"]) for row in upright]) == pytest.approx(1.0, abs=0.1)
