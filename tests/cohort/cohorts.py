"""A cohort for the tests: recordings good and bad, and what `har run` says of the good ones."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libhar
import numpy as np
import pyarrow as pa
import pyarrow.parquet
from libhar import shipped

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/uci_har_student_int8.har"
CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
PERIOD_NS = 20_000_000

Row = dict[str, Any]


@dataclass
class Cohort:
    """A folder of recordings. `good` holds by name the CSV files that `har run` reads instead,
    `bad` by name what the error must say."""

    folder: Path
    good: dict[str, Path] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)


def simulated() -> np.ndarray:
    """float32 [rows, 6]."""
    read = np.loadtxt(shipped.recording(), delimiter=",", skiprows=2, usecols=range(6))
    return read.astype(np.float32)


def make(folder: Path, plain: Path) -> Cohort:
    """Two CSV files (one in a folder of its own, one with times and a gap), a Parquet file, one of
    several recordings, and five that are bad. `plain` gets the CSV files for `har run`."""
    cohort = Cohort(folder)
    for place in (folder / "clinic", plain):
        place.mkdir(parents=True)
    signal = simulated()
    gap = np.arange(3000) * PERIOD_NS
    gap[1500:] += 30_000_000_000
    _csv(folder / "clinic/first.csv", signal[:2500])
    cohort.good["clinic/first.csv"] = folder / "clinic/first.csv"
    _csv(folder / "gap.csv", signal[2000:5000], gap)
    cohort.good["gap.csv"] = folder / "gap.csv"
    pa.parquet.write_table(table_of(signal[1000:4000], gap), folder / "one.parquet")
    cohort.good["one.parquet"] = _csv(plain / "one.csv", signal[1000:4000], gap)
    _several(cohort, plain, signal)
    (folder / "text.csv").write_text("no recording\n")
    cohort.bad["text.csv"] = "line 1: column 1, 'no recording', is no channel of the model"
    (folder / "broken.parquet").write_bytes(b"PAR1 and no more")
    cohort.bad["broken.parquet"] = "arquet"
    _csv(folder / "short.csv", signal[:100])
    cohort.bad["short.csv"] = "100 samples"
    lines = (folder / "gap.csv").read_text().splitlines()
    (folder / "backwards.csv").write_text("\n".join([*lines[:50], lines[40]]) + "\n")
    cohort.bad["backwards.csv"] = "line 51"
    (folder / "notes.txt").write_text("not of the cohort")
    return cohort


def _several(cohort: Cohort, plain: Path, signal: np.ndarray) -> None:
    """p1 and p3 are good, row by row in turn; p2 holds NaN."""
    tables = [table_of(signal[k * 1000 : 2000 + k * 1000], name=f"p{k + 1}") for k in range(3)]
    values = tables[1].column("acc_y").to_numpy().copy()
    values[7] = np.nan
    position = tables[1].column_names.index("acc_y")
    tables[1] = tables[1].set_column(position, "acc_y", pa.array(values))
    joined = pa.concat_tables(tables)
    turns = np.arange(6000).reshape(3, 2000).T.reshape(-1)
    pa.parquet.write_table(joined.take(pa.array(turns)), cohort.folder / "several.parquet")
    for k in (0, 2):
        path = plain / f"p{k + 1}.csv"
        times = np.arange(2000) * PERIOD_NS
        cohort.good[f"several.parquet:p{k + 1}"] = _csv(
            path, signal[k * 1000 : 2000 + k * 1000], times
        )
    cohort.bad["several.parquet:p2"] = "row 7, column acc_y"


def table_of(signal: np.ndarray, times: np.ndarray | None = None, name: str = "") -> pa.Table:
    """A row for each sample, with `t_ns` and, where there is a name, `recording`."""
    stamps = np.arange(len(signal)) * PERIOD_NS if times is None else times
    columns = {channel: signal[:, i] for i, channel in enumerate(CHANNELS)}
    named = {"recording": [name] * len(signal)} if name else {}
    return pa.table({**named, "t_ns": stamps, **columns, "age": np.full(len(signal), 30)})


def _csv(path: Path, signal: np.ndarray, times: np.ndarray | None = None) -> Path:
    header = ",".join(CHANNELS if times is None else ("t_ns", *CHANNELS))
    lines = ["# a person", header]
    for i, row in enumerate(signal):
        cells = [np.format_float_positional(value, unique=True) for value in row]
        lines.append(",".join(cells if times is None else [str(times[i]), *cells]))
    path.write_text("\n".join(lines) + "\n")
    return path


def of_har_run(path: Path, model: Path = MODEL) -> list[Row]:
    """The labels that the program gives of a CSV file, as rows of the table."""
    command = [ROOT / "build/release/har", "run", model, path, "--json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bits = {
        "unknown": libhar.UNKNOWN,
        "after_gap": libhar.AFTER_GAP,
        "enter": libhar.ENTER,
        "exit": libhar.EXIT,
        "repeated": libhar.REPEATED,
        "contract": libhar.CONTRACT,
    }
    return [
        {
            "t_start_ns": event["t_start_ns"],
            "t_end_ns": event["t_end_ns"],
            "label": event["name"],
            "class_index": event["class"],
            "confidence": float(np.float32(event["confidence"])),
            "flags": sum(bits[flag] for flag in event["flags"]),
        }
        for event in map(json.loads, shown.splitlines())
    ]


def check(rows: list[Row], cohort: Cohort) -> None:
    """Every good recording has the labels of `har run`, every bad one its row, nothing else."""
    assert {row["recording"] for row in rows} == {*cohort.good, *cohort.bad}
    for name, path in cohort.good.items():
        expected = of_har_run(path)
        found = [row for row in rows if row["recording"] == name]
        assert len(expected) > 10
        assert {row["error"] for row in found} == {None}
        assert [{key: row[key] for key in expected[0]} for row in found] == expected, name
    for name, text in cohort.bad.items():
        (row,) = (row for row in rows if row["recording"] == name)
        assert text in row["error"]
        assert row["label"] is None
