"""`libhar label` on this machine: the labels of `har run`, bad recordings told, kills survived."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cohorts
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from libhar import Model, datasets, flat
from libhar.cohort.engines import Task, on_processes
from libhar.cohort.labels import SCHEMA, label_recording
from libhar.cohort.local import label
from libhar.cohort.run import label_units
from libhar.cohort.tables import read_parquet, recordings_in
from libhar.cohort.units import Unit
from libhar.recording import Recording, times_of


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "libhar", "label", *map(str, words)]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True)


def test_the_labels_of_har_run_and_a_row_for_every_bad_recording(
    cohort: cohorts.Cohort, tmp_path: Path
) -> None:
    output = tmp_path / "labels.parquet"
    done = run(cohort.folder, "-o", output, "--model", cohorts.MODEL, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    table = pa.parquet.read_table(output)
    assert table.schema == SCHEMA
    cohorts.check(table.to_pylist(), cohort)
    for name, text in cohort.bad.items():
        assert any(f"bad: {name}: " in line and text in line for line in done.stderr.splitlines())
    assert f"{len(cohort.good) + len(cohort.bad)} recordings, {len(cohort.bad)} bad" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_the_number_of_processes_changes_nothing(cohort: cohorts.Cohort, tmp_path: Path) -> None:
    tables = []
    for jobs in (1, 3):
        output = tmp_path / f"{jobs}.parquet"
        label(cohort.folder, cohorts.MODEL, output, jobs=jobs, shown=io.StringIO())
        tables.append(pa.parquet.read_table(output))
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize("threads", [0, 3])
def test_threads_change_nothing(threads: int) -> None:
    model = Model(cohorts.MODEL)
    rows = np.tile(cohorts.simulated(), (3, 1))
    recording = Recording("long", rows, times_of(model, len(rows)), ("",) * len(rows), False)
    expected = label_recording(model, "long", recording)
    assert len(expected) > 280
    assert label_recording(model, "long", recording, threads=threads).equals(expected)


def test_what_a_killed_run_has_done_is_kept(tmp_path: Path) -> None:
    folder, output = tmp_path / "recordings", tmp_path / "labels.parquet"
    folder.mkdir()
    for i in range(40):
        part = cohorts.simulated()[i * 50 : 4000 + i * 50]
        pa.parquet.write_table(cohorts.table_of(part), folder / f"{i:02}.parquet")
    words = (folder, "-o", output, "--model", cohorts.MODEL, "--jobs", "1")
    begun = subprocess.Popen(command(*words), stderr=subprocess.PIPE, start_new_session=True)
    parts = tmp_path / "labels.parquet.parts"
    while begun.poll() is None and len(list(parts.glob("*.parquet"))) < 3:
        time.sleep(0.005)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.communicate()
    kept = {path: path.stat().st_mtime_ns for path in parts.glob("*.parquet")}
    assert 3 <= len(kept) < 40, "killed too late"
    assert not output.exists()
    again = run(*words)
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} of 40 were done before" in again.stderr
    assert not parts.exists()
    whole = tmp_path / "whole.parquet"
    label(folder, cohorts.MODEL, whole, shown=io.StringIO())
    assert pa.parquet.read_table(output).equals(pa.parquet.read_table(whole))


def test_what_another_model_or_another_file_gave_is_not_taken(tmp_path: Path) -> None:
    source, output = tmp_path / "one.parquet", tmp_path / "labels.parquet"
    pa.parquet.write_table(cohorts.table_of(cohorts.simulated()[:1000]), source)

    def stop(task: Task, units: list[Unit]) -> Iterator[tuple[Unit, pa.Table]]:
        yield from on_processes(1)(task, units)
        raise KeyboardInterrupt

    def begin(model: str) -> int:
        shown = io.StringIO()
        with pytest.raises(KeyboardInterrupt):
            label(source, model, output, engine=stop, shown=shown)
        return len(list((tmp_path / "labels.parquet.parts").iterdir()))

    assert begin("uci_har_student_int8") == 1
    assert begin("uci_har_student_int8") == 1
    assert begin("hapt_gru_int8") == 2
    pa.parquet.write_table(cohorts.table_of(cohorts.simulated()[:1001]), source)
    assert begin("hapt_gru_int8") == 3


def test_what_other_options_gave_is_not_taken(tmp_path: Path) -> None:
    """Each of the options gives labels that are right for it alone."""
    source, output = tmp_path / "one.parquet", tmp_path / "labels.parquet"
    table = cohorts.table_of(cohorts.simulated()[:1000], name="a")
    pa.parquet.write_table(table.append_column("site", table["recording"]), source)

    def stop(task: Task, units: list[Unit]) -> Iterator[tuple[Unit, pa.Table]]:
        yield from on_processes(1)(task, units)
        raise KeyboardInterrupt

    def begin(**options: Any) -> int:
        shown = io.StringIO()
        with pytest.raises(KeyboardInterrupt):
            label(source, cohorts.MODEL, output, engine=stop, shown=shown, **options)
        return len(list((tmp_path / "labels.parquet.parts").iterdir()))

    assert begin() == 1
    assert begin(by="site") == 2
    assert begin(ignore_extra=True) == 3
    assert begin(hop=10) == 4
    assert begin(by="site") == 4


def rows_without_a_key(names: list[str | None], path: Path) -> Path:
    """200 rows of each name, of one person for the sensors."""
    table = cohorts.table_of(cohorts.simulated()[: 200 * len(names)])
    keys = pa.array([name for name in names for _ in range(200)], pa.string())
    pa.parquet.write_table(table.append_column("recording", keys), path)
    return path


@pytest.mark.parametrize("dictionary", [False, True])
def test_rows_without_a_key_are_of_no_recording(tmp_path: Path, dictionary: bool) -> None:
    path = rows_without_a_key([None, "b", "a", None, "a", "b"], tmp_path / "a.parquet")
    if dictionary:
        table = pa.parquet.read_table(path)
        keys = table["recording"].dictionary_encode()
        pa.parquet.write_table(table.drop(["recording"]).append_column("recording", keys), path)
    found = dict(read_parquet(Model(cohorts.MODEL), path, "recording"))
    assert list(found) == ["b", "a", "(null)"]
    signal = cohorts.simulated()[:1200].reshape(6, 200, 6)
    for name, parts in (("b", (1, 5)), ("a", (2, 4))):
        recording = found[name]
        assert isinstance(recording, Recording)
        assert np.array_equal(recording.signal, np.concatenate([signal[i] for i in parts]))
    assert "400 rows have no value in the column recording" in str(found["(null)"])


@pytest.mark.parametrize("kind", [pa.string(), pa.null(), pa.float64()])
def test_a_file_whose_rows_have_no_key_is_bad(tmp_path: Path, kind: pa.DataType) -> None:
    table = cohorts.table_of(cohorts.simulated()[:300])
    keys = pa.nulls(300, kind)
    pa.parquet.write_table(table.append_column("recording", keys), tmp_path / "a.parquet")
    output = tmp_path / "labels.parquet"
    report = label(tmp_path / "a.parquet", cohorts.MODEL, output, shown=io.StringIO())
    assert {*report.bad} == {"a.parquet:(null)"}
    assert "300 rows have no value" in report.bad["a.parquet:(null)"]
    assert report.labels == 0


def test_batches_of_an_engine_without_a_key_are_of_no_recording(tmp_path: Path) -> None:
    path = rows_without_a_key([None, None, "a"], tmp_path / "a.parquet")
    batches = pa.parquet.read_table(path).to_batches(max_chunksize=150)
    found = dict(recordings_in(Model(cohorts.MODEL), iter(batches), "recording"))
    assert list(found) == ["(null)", "a"]
    assert "400 rows have no value" in str(found["(null)"])
    assert isinstance(found["a"], Recording) and len(found["a"].signal) == 200


def test_a_column_that_is_asked_for_must_be_in_each_parquet_file(tmp_path: Path) -> None:
    folder, output = tmp_path / "recordings", tmp_path / "labels.parquet"
    folder.mkdir()
    table = cohorts.table_of(cohorts.simulated()[:600])
    for name, column in (("a", "person"), ("b", "perso"), ("c", None)):
        keys = pa.array(["x"] * 300 + ["y"] * 300)
        chosen = table.append_column(column, keys) if column else table
        pa.parquet.write_table(chosen, folder / f"{name}.parquet")
    done = run(folder, "-o", output, "--model", cohorts.MODEL, "--by", "person")
    assert done.returncode == 0, done.stderr
    rows = pa.parquet.read_table(output).to_pylist()
    bad = {row["recording"]: row["error"] for row in rows if row["error"]}
    assert {*bad} == {"b.parquet", "c.parquet"}
    assert all("'person' is missing" in text for text in bad.values())
    assert {row["recording"] for row in rows} - {*bad} == {"a.parquet:x", "a.parquet:y"}
    report = label(folder / "c.parquet", cohorts.MODEL, output, shown=io.StringIO())
    assert (report.recordings, report.bad) == (1, {}), "one recording where nothing is asked for"


def test_capital_endings_are_recordings_too(tmp_path: Path) -> None:
    folder, output = tmp_path / "recordings", tmp_path / "labels.parquet"
    folder.mkdir()
    signal = cohorts.simulated()[:600]
    pa.parquet.write_table(cohorts.table_of(signal), folder / "A.PARQUET")
    header = ",".join(cohorts.CHANNELS)
    np.savetxt(folder / "Walk.CSV", signal, "%.9g", ",", header=header, comments="")
    report = label(folder, cohorts.MODEL, output, shown=io.StringIO())
    assert (report.recordings, report.bad) == (2, {})
    a, walk = (
        [
            row["class_index"]
            for row in pa.parquet.read_table(output).to_pylist()
            if row["recording"] == name
        ]
        for name in ("A.PARQUET", "Walk.CSV")
    )
    assert a == walk and a


def test_an_output_among_the_recordings_is_none_of_them(tmp_path: Path) -> None:
    """Labelled again, with what an earlier run left beside it."""
    pa.parquet.write_table(cohorts.table_of(cohorts.simulated()[:600]), tmp_path / "a.parquet")
    output, left = tmp_path / "labels.parquet", tmp_path / "labels.parquet.parts"
    for _ in range(2):
        report = label(tmp_path, cohorts.MODEL, output, shown=io.StringIO())
        assert (report.recordings, report.bad) == (1, {})
        left.mkdir()
        shutil.copy(output, left / "0.parquet")


@dataclass(frozen=True)
class Deadly:
    """Ends the process that reads it, or not."""

    name: str
    ends: bool
    identity: str = ""

    def read(self, model: Model) -> Iterator[tuple[str, Recording | Exception]]:
        if self.ends:
            os.kill(os.getpid(), signal.SIGKILL)
        rows = cohorts.simulated()[:500]
        yield self.name, Recording(self.name, rows, times_of(model, 500), ("",) * 500, False)


def test_a_recording_that_ends_its_process_is_bad_and_loses_no_other(tmp_path: Path) -> None:
    units: list[Unit] = [Deadly(f"{i}", ends=i in (3, 11)) for i in range(14)]
    task = Task(cohorts.MODEL.read_bytes())
    output = tmp_path / "labels.parquet"
    report = label_units(units, task, on_processes(2), output, io.StringIO())
    assert {*report.bad} == {"3", "11"}
    names = pa.parquet.read_table(output).column("recording").unique().to_pylist()
    assert names == [f"{i}" for i in range(14)]


UNGUARDED = """
import sys
from libhar.cohort.local import label
report = label(*sys.argv[1:], jobs=2)
print(report.bad)
"""


def test_a_script_that_each_process_would_run_again_is_told(tmp_path: Path) -> None:
    """Its processes end before they read anything: that says nothing of the recordings."""
    script, output = tmp_path / "script.py", tmp_path / "labels.parquet"
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name in ("a", "b", "c"):
        table = cohorts.table_of(cohorts.simulated()[:300])
        pa.parquet.write_table(table, folder / f"{name}.parquet")
    script.write_text(UNGUARDED)
    command = [sys.executable, str(script), *map(str, (folder, cohorts.MODEL, output))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    (told,) = (line for line in done.stderr.splitlines() if line.startswith("ChildProcessError: "))
    assert 'if __name__ == "__main__":' in told
    assert not output.exists()
    guarded = UNGUARDED.replace("report =", 'if __name__ == "__main__":\n    report =')
    script.write_text(guarded.replace("print", "    print"))
    again = subprocess.run(command, capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (0, "{}\n"), again.stderr


def test_a_model_without_a_network_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    model = flat.load(cohorts.MODEL)
    model.graph, model.decision, model.gate, model.labels, model.golden = None, None, None, [], []
    flat.save(model, tmp_path / "signal.har")
    pa.parquet.write_table(cohorts.table_of(cohorts.simulated()[:300]), tmp_path / "a.parquet")
    output = tmp_path / "labels.parquet"
    done = run(tmp_path / "a.parquet", "-o", output, "--model", tmp_path / "signal.har")
    assert done.returncode == 1
    assert done.stderr.startswith("libhar label: model is ")
    assert "signal.har, which has no network" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not output.exists()


def test_a_known_set(data_dir: Path, tmp_path: Path) -> None:
    output = tmp_path / "labels.parquet"
    report = label("hapt", cohorts.MODEL, output, data_dir=data_dir, shown=io.StringIO())
    sets = datasets.SETS["hapt"]
    recordings = [r for split in datasets.SPLITS for r in sets.recordings(data_dir, split, [])]
    assert (report.recordings, report.bad) == (len(recordings), {})
    first = recordings[0]
    header = ",".join(cohorts.CHANNELS)
    np.savetxt(tmp_path / "a.csv", first.signal, "%.9g", ",", header=header, comments="")
    expected = cohorts.of_har_run(tmp_path / "a.csv")
    name = f"hapt/person {first.person}/0"
    rows = [r for r in pa.parquet.read_table(output).to_pylist() if r["recording"] == name]
    assert [r["class_index"] for r in rows] == [r["class_index"] for r in expected]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none", "-o", "a.parquet", "--model", "uci_har_cnn_int8"), "none is no file or folder"),
        (("empty", "-o", "a.parquet", "--model", "uci_har_cnn_int8"), "holds no recording"),
        (("empty", "-o", "a.csv", "--model", "uci_har_cnn_int8"), "must end in .parquet"),
        (("empty", "-o", "a.parquet", "--model", "none"), "no model 'none'"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(
    tmp_path: Path, words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    done = run(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
