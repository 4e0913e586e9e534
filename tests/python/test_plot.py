"""Pictures: what their lines, points, bars and texts hold, and that reruns give the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libhar import Model, Stream
from libhar.datasets import Windows
from libhar.evaluate import Evaluation, count
from libhar.plot import canvas
from libhar.plot.calibration import reliability_diagram
from libhar.plot.confusion import confusion_matrices
from libhar.plot.f1 import f1_by_class
from libhar.plot.recording import labels_of, of_set
from libhar.plot.timeline import timeline
from libhar.plot.zoo import ResultsError, read_results, zoo
from libhar.recording import RecordingError, read_csv

ROOT = Path(__file__).resolve().parents[2]
SIMULATED = ROOT / "examples/recordings/simulated.csv"
NAMES = ("LYING_DOWN", "WALKING", "RUNNING", "NEVER")


@pytest.fixture(scope="module")
def counted() -> Evaluation:
    """200 windows of six people; nobody does what is called NEVER."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, 200)
    scores = rng.dirichlet([0.5] * 4, 200).astype(np.float32) + 0.3 * np.eye(4)[labels]
    scores = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
    signal = np.zeros((200, 1, 1), np.float32)
    windows = Windows(signal, labels, rng.integers(1, 7, 200), NAMES)
    return count(windows, scores.argmax(axis=1), scores)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(ROOT / "models/uci_har_student_int8.har")


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def ticks(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def test_confusion_shows_every_count(counted: Evaluation) -> None:
    figure = confusion_matrices("net on set", {"FP32": counted, "INT8": counted})
    left, right = figure.axes
    assert figure.get_suptitle() == "net on set"
    assert left.get_title() == f"FP32, accuracy {100 * counted.accuracy:.2f} %"
    assert right.get_title().startswith("INT8")
    assert ticks(left.xaxis) == ["lying down", "walking", "running", "never"]
    assert ticks(left.yaxis) == ticks(left.xaxis) == ticks(right.xaxis)
    assert (left.get_xlabel(), left.get_ylabel()) == ("found", "true")
    rows = counted.confusion.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(left.images[0].get_array(), counted.confusion / np.maximum(rows, 1))
    shown = {t.get_position()[::-1]: int(t.get_text()) for t in left.texts}
    assert shown == {at: n for at, n in np.ndenumerate(counted.confusion) if n}


def test_reliability_shows_every_bin(counted: Evaluation) -> None:
    bins = counted.bins
    assert len(bins) > 5
    upper, lower = reliability_diagram("net", bins).axes
    points = next(line for line in upper.lines if line.get_marker() == "o")
    assert list(points.get_xdata()) == [b.confidence for b in bins]
    assert list(points.get_ydata()) == [b.accuracy for b in bins]
    assert f"ECE {counted.calibration_error:.4f}" in upper.get_title()
    assert "15 bins of equal width, 200 windows" in upper.get_title()
    assert [(bar.get_x(), bar.get_height()) for bar in lower.patches] == [
        (b.low, b.windows) for b in bins
    ]
    assert texts(lower) == [str(b.windows) for b in bins]
    diagonal = next(line for line in upper.lines if line.get_linestyle() == "--")
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert lower.get_xlabel() == "confidence"


def test_f1_shows_every_class_that_occurs_with_its_interval(counted: Evaluation) -> None:
    figure = f1_by_class("net", counted)
    (axes,) = figure.axes
    spans = counted.intervals()
    values = [*counted.f1[:3], counted.macro_f1]
    ends = [*spans.f1[:3].tolist(), list(spans.macro_f1)]
    *_, bars, points = axes.collections
    np.testing.assert_allclose(points.get_offsets()[:, 0], values)
    np.testing.assert_allclose([s[:, 0] for s in bars.get_segments()], ends)
    assert ticks(axes.yaxis) == ["lying down", "walking", "running", "macro F1"]
    assert texts(axes) == [
        f"{value:.3f}  ({low:.3f} to {high:.3f})"
        for value, (low, high) in zip(values, ends, strict=True)
    ]
    low, high = axes.get_xlim()
    assert low <= np.min(ends) and np.max(ends) <= high
    assert spans.kind in figure.get_supxlabel()


def test_the_zoo_stands_where_its_figures_are(tmp_path: Path) -> None:
    wanted = {
        "first": ("here", (2_000_000, 500_000), (0.9, 0.89), (80.0, 40.0)),
        "second": ("here", (90_000, 30_000), (0.8, 0.81), (20.0, 10.0)),
        "third": ("there", (70_000, 50_000), (0.8, 0.79), (8.0, 160.0)),
    }
    shipped = {
        name: {
            kind: {"accuracy": accuracy[i], "cost": {"file_bytes": size[i], "window_us": time[i]}}
            for i, kind in enumerate(("fp32", "int8"))
        }
        for name, (_, size, accuracy, time) in wanted.items()
    }
    (tmp_path / "shipped.json").write_text(json.dumps(shipped))
    for name, (data, *_) in wanted.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"data": data}))
    figure = zoo(read_results(tmp_path))
    left, right = figure.axes
    for axes, values in ((left, lambda f: f[1]), (right, lambda f: [t / 80 for t in f[3]])):
        for line, entry in zip(axes.lines, wanted.values(), strict=True):
            assert list(line.get_xdata()) == pytest.approx(values(entry))
            assert list(line.get_ydata()) == pytest.approx([100 * a for a in entry[2]])
        assert axes.get_xscale() == "log"
        points = [c.get_offsets()[0].tolist() for c in axes.collections]
        ends = [point for line in axes.lines for point in line.get_xydata().tolist()]
        np.testing.assert_allclose(points, ends)
        hollow = [c.get_facecolor()[0].tolist() == [1, 1, 1, 1] for c in axes.collections]
        assert hollow == [True, False] * 3, "FP32 hollow, INT8 filled"
    assert texts(right) == ["first (here)", "second (here)", "third (there)"]
    assert "first FP32 is 1" in right.get_xlabel()
    (tmp_path / "third.json").unlink()
    with pytest.raises(ResultsError, match=r"third\.json"):
        read_results(tmp_path)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=12), st.floats(0.1, 9))
def test_texts_are_moved_apart_in_their_order(wanted: list[float], apart: float) -> None:
    places = canvas.spread(wanted, apart)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(places[order]) >= apart - 1e-6).all()
    assert places.mean() == pytest.approx(np.mean(wanted), abs=1e-6)
    far = np.arange(len(wanted)) * (apart + 0.01)
    np.testing.assert_array_equal(canvas.spread(far, apart), far)


# ---------------------------------------------------------------- timelines


def with_times(folder: Path, gap_s: float = 0.0, rows: int = 3000) -> Path:
    """The simulated recording on a clock of its own, with a gap before row 1500."""
    lines = [line for line in SIMULATED.read_text().splitlines() if not line.startswith("#")]
    times = 7_000_000_000 + 20_000_000 * np.arange(rows)
    times[1500:] += int(gap_s * 1e9)
    cells = [f"{t},{line}" for t, line in zip(times, lines[1 : rows + 1], strict=True)]
    path = folder / "walk.csv"
    path.write_text("\n".join([f"t_ns,{lines[0]}", *cells]) + "\n")
    return path


def values_of(path: Path) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(1, 7)).astype(np.float32)


def spans(collection: Any) -> list[tuple[float, float]]:
    """From x to x of the bars of a lane."""
    found = [path.get_extents() for path in collection.get_paths()]
    return [(extent.x0, extent.x1) for extent in found]


def test_a_timeline_shows_signal_labels_confidence_and_truth(model: Model, tmp_path: Path) -> None:
    path = with_times(tmp_path, gap_s=3.0)
    values = values_of(path)
    figure = timeline(model, read_csv(model, path))
    acc, gyro, band, sure = figure.axes
    assert figure.get_suptitle() == "uci_har_student_int8 on walk.csv"
    assert (acc.get_ylabel(), gyro.get_ylabel()) == ("accelerometer\n(g)", "gyroscope\n(rad/s)")
    assert sure.get_xlabel() == "s since the first sample"
    for axes, columns in ((acc, values[:, :3]), (gyro, values[:, 3:])):
        assert [line.get_label() for line in axes.lines] == ["x", "y", "z"]
        for line, column in zip(axes.lines, columns.T, strict=True):
            drawn = line.get_ydata()
            assert np.flatnonzero(np.isnan(drawn)).tolist() == [1500], "the gap breaks the line"
            np.testing.assert_array_equal(np.delete(drawn, 1500).astype(np.float32), column)
            assert line.get_xdata()[[0, 1499, 1501]].tolist() == pytest.approx([0, 29.98, 33.0])
    assert [t for t in texts(acc) if "gap" in t] == ["gap 3.02 s"]
    for axes in figure.axes:
        (shade,) = [p for p in axes.patches if p.get_hatch() == ".."]
        assert shade.get_x() == pytest.approx(29.98)
        assert shade.get_width() == pytest.approx(3.02)
    check_bands(model, path, band, sure)


def check_bands(model: Model, path: Path, band: Any, sure: Any) -> None:
    """Lanes and confidence against a stream of their own, and the truth of the file."""
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    times = np.array([int(row[0]) for row in rows])
    with Stream(model) as stream:
        events = list(stream.run(values_of(path), times))
    seconds = (times - times[0]) / 1e9
    middles = [((e.t_start_ns + e.t_end_ns) / 2 - times[0]) / 1e9 for e in events]
    truths = []
    for event in events:
        inside = [r[7] for r in rows if event.t_start_ns <= int(r[0]) <= event.t_end_ns]
        truths.append(max(dict.fromkeys(inside), key=inside.count))
    lanes = ticks(band.yaxis)
    half = model.info.hop / model.info.rate_hz / 2
    for lane, name in enumerate(lanes):
        true, right, wrong = band.collections[3 * lane : 3 * lane + 3]
        label = name.upper().replace(" ", "_")
        mine = [(e, m, t) for e, m, t in zip(events, middles, truths) if e.name == label]
        for drawn, agrees in ((right, True), (wrong, False)):
            wanted = [(m - half, m + half) for _, m, t in mine if (t == label) == agrees]
            np.testing.assert_allclose(
                np.reshape(spans(drawn), (-1, 2)), np.reshape(wanted, (-1, 2))
            )
        assert wrong.get_hatch() and not right.get_hatch()
        drawn = [any(b - 1e-6 <= t < e - 1e-6 for b, e in spans(true)) for t in seconds]
        assert drawn == [row[7] == label for row in rows], name
        assert not any(b < 31.5 < e for b, e in spans(true)), "nothing is known of a gap"
    heights = [p.get_height() for p in sure.patches if not p.get_hatch()]
    assert heights == pytest.approx([e.confidence for e in events])
    known = [(e, t) for e, t in zip(events, truths, strict=True) if t in model.labels]
    agree = sum(e.name == t for e, t in known)
    assert f"{agree} of {len(known)} labels agree" in band.get_title(loc="left")


def test_a_part_of_a_timeline(model: Model, tmp_path: Path) -> None:
    recording = read_csv(model, with_times(tmp_path))
    acc, *_, sure = timeline(model, recording, 20, 30).axes
    assert acc.lines[0].get_xdata()[[0, -1]].tolist() == pytest.approx([20, 30])
    assert sure.get_xlim() == (20, 30)
    for begin in (-1, 70):
        with pytest.raises(ValueError, match="begin is"):
            timeline(model, recording, begin)


def test_one_sample_has_no_timeline(model: Model, tmp_path: Path) -> None:
    one = tmp_path / "one.csv"
    one.write_text("acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z\n1,0,0,0,0,0\n")
    with pytest.raises(ValueError, match=r"one\.csv has 1 sample; a timeline takes two"):
        timeline(model, read_csv(model, one))


def test_without_labels_there_is_no_truth(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    lines = [s for s in SIMULATED.read_text().splitlines() if not s.startswith("#")][:700]
    path.write_text("\n".join(line.rsplit(",", 1)[0] for line in lines))
    recording = read_csv(model, path)
    assert {label.truth for label in labels_of(model, recording)} == {""}
    band = timeline(model, recording).axes[2]
    assert "the truth is not known" in band.get_title(loc="left")


def test_a_recording_of_a_set(data_dir: Path) -> None:
    model = Model(ROOT / "models/hapt_gru_int8.har")
    recording = of_set(model, "hapt", data_dir, person=2, number=1)
    assert recording.title == "hapt, person 2, recording 1"
    figure = timeline(model, recording, 0, 120)
    lanes = ticks(figure.axes[2].yaxis)
    assert {"standing", "sitting", "stand to sit"} <= set(lanes)
    right = sum(x.name == x.truth for x in labels_of(model, recording) if x.truth)
    assert right / sum(bool(x.truth) for x in labels_of(model, recording)) > 0.7
    with pytest.raises(RecordingError, match="no person 99"):
        of_set(model, "hapt", data_dir, person=99)
    with pytest.raises(RecordingError, match="must be 0 to"):
        of_set(model, "hapt", data_dir, person=2, number=50)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("acc_z", "mag_z"), "line 1: column 4, 'mag_z', is no channel"),
        (
            lambda text: text.replace("\n7020000000,", "\n7000000000,"),
            "line 3, column t_ns: found 7000000000, expected a time later",
        ),
        (lambda text: text.replace("\n7020000000,", "\nsoon,"), "line 3, column t_ns: found soon"),
        (lambda text: text.replace("\n7020000000,", "\n7020000000,nan,"), "line 3: found 9 cells"),
        (lambda text: text.replace("0.99306", "nan", 1), "line 3, column acc_x: found nan"),
        (lambda text: text.splitlines()[0], "walk.csv: holds no sample after its header"),
    ],
)  # fmt: skip
def test_a_recording_that_cannot_be_read(
    model: Model, tmp_path: Path, change: Any, said: str
) -> None:
    path = with_times(tmp_path, rows=1600)
    path.write_text(change(path.read_text()))
    with pytest.raises(RecordingError, match=said):
        read_csv(model, path)


# ---------------------------------------------------------------- files and the command


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_reruns_give_the_same_bytes(counted: Evaluation, tmp_path: Path, ending: str) -> None:
    for name in ("one", "two"):
        path = tmp_path / f"{name}.{ending}"
        canvas.save(confusion_matrices("net", {"FP32": counted}), path)
    written = (tmp_path / f"one.{ending}").read_bytes()
    assert written == (tmp_path / f"two.{ending}").read_bytes()
    assert written.startswith(b"\x89PNG" if ending == "png" else b"<?xml")
    assert b"dc:date" not in written and b"Matplotlib v" not in written
    assert b"Software" not in written


def command(*words: object, before: str = "") -> subprocess.CompletedProcess[str]:
    program = f"{before}\nimport sys\nfrom libhar.cli import main\nsys.exit(main(sys.argv[1:]))"
    arguments = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(arguments, capture_output=True, text=True)


def test_the_command_draws_what_is_asked(tmp_path: Path) -> None:
    file = ROOT / "models/uci_har_student_int8.har"
    picture = tmp_path / "t.svg"
    shown = command("plot", "timeline", file, SIMULATED, "--end", 30, "-o", picture)
    assert (shown.returncode, shown.stdout) == (0, f"{picture}\n"), shown.stderr
    assert picture.read_bytes().startswith(b"<?xml")
    shown = command("plot", "zoo", "--results", ROOT / "docs/results", "-o", tmp_path / "z.png")
    assert shown.returncode == 0, shown.stderr


@pytest.mark.parametrize("picture", ["confusion", "reliability", "f1"])
def test_the_command_counts_on_a_set(picture: str, data_dir: Path, tmp_path: Path) -> None:
    file, path = ROOT / "models/uci_har_student_int8.har", tmp_path / "p.png"
    shown = command("plot", picture, file, "--data", "uci_har", "-o", path)
    assert shown.returncode == 0, shown.stderr
    assert path.read_bytes().startswith(b"\x89PNG")
    assert ("bootstrap over 9 people" in shown.stdout) == (picture == "f1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("timeline", "MODEL"), "give one recording"),
        (("timeline", "MODEL", "--data", "hapt"), "needs --person"),
        (("timeline", "MODEL", SIMULATED, "--person", 2), "--person is of --data"),
        (("timeline", "MODEL", SIMULATED, "--number", 0), "--number is of --data"),
        (
            ("timeline", "MODEL", "--data", "hapt", "--person", 2, "--ignore-extra"),
            "--ignore-extra is of a CSV file",
        ),
        (("timeline", "MODEL", SIMULATED, "-o", "x.gif"), "must end in .png or .svg"),
        (("zoo", "--results", "nowhere"), "nowhere does not hold the figures"),
    ],
)
def test_what_cannot_be_drawn_is_told(words: tuple[object, ...], said: str) -> None:
    file = ROOT / "models/uci_har_student_int8.har"
    shown = command("plot", *(file if word == "MODEL" else word for word in words))
    assert shown.returncode == 1
    assert said in shown.stderr


def test_a_picture_is_whole_or_not_there(
    counted: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure, path = f1_by_class("net on set", counted), tmp_path / "picture.png"

    def fails(file: Any, **_: Any) -> None:
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(figure, "savefig", fails)
    with pytest.raises(OSError, match="No space left"):
        canvas.save(figure, path)
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_extra_is_named_and_all_else_works(tmp_path: Path) -> None:
    lacks = "import sys; sys.modules['matplotlib'] = None"
    file = ROOT / "models/uci_har_student_int8.har"
    shown = command("plot", "timeline", file, SIMULATED, "-o", tmp_path / "t.png", before=lacks)
    assert shown.returncode == 1
    assert "pip install 'libhar[plot]'" in shown.stderr
    assert not (tmp_path / "t.png").exists()
    assert command("card", file, before=lacks).returncode == 0
