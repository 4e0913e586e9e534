"""Every set of recordings, read from a small made-up archive of the original layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from libhar import datasets
from libhar.datasets import DataError, Recording, Stretch
from numpy.typing import NDArray

rng = np.random.default_rng(11)


def assert_same(found: list[Recording], wanted: list[Recording]) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted):
        assert (a.person, a.stretches) == (b.person, b.stretches)
        assert a.signal.dtype == np.float32
        np.testing.assert_allclose(a.signal, b.signal, rtol=1e-6, atol=1e-7)


def pack_int16(path: Path, data: NDArray[np.int16], time_axis: int, **others: object) -> None:
    """The packed form: low and high bytes of the differences in time, the time axis last."""
    steps = np.diff(data.astype(np.int64), axis=time_axis, prepend=0)
    wrapped = np.moveaxis(steps % 2**16, time_axis, -1)
    low, high = (wrapped % 256).astype(np.uint8), (wrapped // 256).astype(np.uint8)
    np.savez(path, data_lo=low, data_hi=high, time_axis=time_axis, **others)


class TestHapt:
    def write(self, root: Path) -> list[Recording]:
        raw = root / "HAPT Data Set" / "RawData"
        raw.mkdir(parents=True)
        wanted, lines = [], []
        for experiment, person, rows in ((1, 1, 40), (2, 1, 30), (3, 2, 20)):
            signal = rng.normal(size=(rows, 6))
            stem = f"exp{experiment:02d}_user{person:02d}.txt"
            np.savetxt(raw / f"acc_{stem}", signal[:, :3], fmt="%.16e")
            np.savetxt(raw / f"gyro_{stem}", signal[:, 3:], fmt="%.16e")
            lines += [f"{experiment} {person} 5 1 9", f"{experiment} {person} 12 12 {rows}"]
            stretches = (Stretch(4, 0, 9), Stretch(11, 11, rows))
            wanted.append(Recording(person, signal.astype(np.float32), stretches))
        (raw / "labels.txt").write_text("\n".join(lines) + "\n")
        return wanted

    def test_the_original_archive_is_read(self, tmp_path: Path) -> None:
        wanted = self.write(tmp_path)
        assert_same(datasets.hapt(tmp_path), wanted)

    def test_the_packed_arrays_are_read_alike(self, tmp_path: Path) -> None:
        wanted = self.write(tmp_path / "archive")
        ends = np.cumsum([len(r.signal) for r in wanted])
        table = [
            (i, r.person, end - len(r.signal), end)
            for i, (r, end) in enumerate(zip(wanted, ends), 1)
        ]
        labels = [
            (i + 1, r.person, s.label + 1, s.begin + 1, s.end)
            for i, r in enumerate(wanted)
            for s in r.stretches
        ]
        data = np.concatenate([r.signal for r in wanted])
        np.savez(tmp_path / "hapt.npz", data=data, exp=np.array(table), labels=np.array(labels))
        assert_same(datasets.hapt(tmp_path), wanted)

    def test_what_does_not_fit_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"neither hapt\.npz nor the folder 'RawData'"):
            datasets.hapt(tmp_path)
        self.write(tmp_path)
        labels = tmp_path / "HAPT Data Set/RawData/labels.txt"
        labels.write_text("1 1 5 30 41\n")
        with pytest.raises(DataError, match="samples 30 to 41 does not fit 12 activities and 40"):
            datasets.hapt(tmp_path)
        labels.write_text("1 1 13 1 4\n")
        with pytest.raises(DataError, match="label 13"):
            datasets.hapt(tmp_path)
        labels.write_text("1 1 12 1 4\n")
        (labels.parent / "gyro_exp02_user01.txt").unlink()
        with pytest.raises(DataError, match=r"gyro_exp02_user01\.txt is not there"):
            datasets.hapt(tmp_path)


class TestDsads:
    channels = ("right_arm_gyro_z", "left_leg_acc_x", "torso_mag_y")
    columns = (9 + 5, 36, 7)
    """Nine a sensor place, in the order torso, right arm, left arm, right leg, left leg."""

    def test_the_original_archive_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("libhar.datasets._dsads._SEGMENTS", 2)
        signal = rng.normal(size=(19, 8, 250, 45))
        for activity in range(19):
            for person in range(8):
                place = tmp_path / "data" / f"a{activity + 1:02d}" / f"p{person + 1}"
                place.mkdir(parents=True)
                for segment in range(2):
                    rows = signal[activity, person, 125 * segment : 125 * (segment + 1)]
                    np.savetxt(place / f"s{segment + 1:02d}.txt", rows, "%.8g", delimiter=",")
        found = datasets.dsads(tmp_path, self.channels)
        wanted = [
            Recording(
                p + 1, signal[a, p][:, self.columns].astype(np.float32), (Stretch(a, 0, 250),)
            )
            for a in range(19)
            for p in range(8)
        ]
        assert_same(found, wanted)
        (tmp_path / "data/a07/p3/s02.txt").write_text("1,2,3\n")
        with pytest.raises(DataError, match=r"s02\.txt has 3 columns, not 45"):
            datasets.dsads(tmp_path)

    def test_the_packed_arrays_are_read_alike(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("libhar.datasets._dsads._SEGMENTS", 1)
        data = rng.integers(-(2**15), 2**15, (3, 19, 8, 125, 15)).astype(np.int16)
        scales = (0.004, 0.002, 0.5)
        for sensor, values, scale in zip(("acc", "gyro", "mag"), data, scales):
            pack_int16(tmp_path / f"dsads_{sensor}.npz", values, 2, scale=scale)
        found = datasets.dsads(tmp_path, self.channels)
        assert [(r.person, r.stretches[0].label) for r in found[7:10]] == [(8, 0), (1, 1), (2, 1)]
        for i, recording in enumerate(found):
            a, p = divmod(i, 8)
            wanted = [data[1, a, p, :, 5] * 0.002, data[0, a, p, :, 12] * 0.004]
            np.testing.assert_allclose(recording.signal[:, :2].T, wanted, rtol=1e-6)
            np.testing.assert_allclose(recording.signal[:, 2], data[2, a, p, :, 1] * 0.5, rtol=1e-6)

    def test_an_unknown_channel_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"no channels \['head_acc_x'\]"):
            datasets.dsads(tmp_path, ["head_acc_x"])
        with pytest.raises(DataError, match="holds neither"):
            datasets.dsads(tmp_path)


class TestWisdmWatch:
    """Two sensors that tick on their own, every 50 ms, the gyroscope 13 ms later."""

    def write(self, root: Path, sensor: str, late_ms: int, slope: float, skip: int = -1) -> None:
        lines, start = [], 1_000_000_000_000
        for letter, rows in (("A", 30), ("S", 25)):
            for i in range(rows):
                time = start + (50 * i + late_ms) * 1_000_000
                if i != skip:
                    x, y, z = slope * (50 * i + late_ms), 7.5, -0.25
                    lines.append(f"1607,{letter},{time},{x},{y},{z};")
            start += 10**12
        folder = root / "wisdm-dataset" / "raw" / "watch" / sensor
        folder.mkdir(parents=True)
        (folder / f"data_1607_{sensor}_watch.txt").write_text("\n".join(lines) + "\n")

    def test_rotation_is_brought_to_the_times_of_acceleration(self, tmp_path: Path) -> None:
        self.write(tmp_path, "accel", 0, 1.0)
        self.write(tmp_path, "gyro", 13, 3.0)
        found = datasets.wisdm_watch(tmp_path)
        assert [(r.person, r.stretches[0].label) for r in found] == [(1607, 0), (1607, 17)]
        for recording, rows in zip(found, (30, 25)):
            times = 50.0 * np.arange(1, rows)
            assert recording.stretches[0].end == rows - 1, "no rotation before the first sample"
            np.testing.assert_allclose(recording.signal[:, 0], times)
            np.testing.assert_allclose(recording.signal[:, 3], 3.0 * times, rtol=1e-5)
            np.testing.assert_array_equal(recording.signal[:, [1, 5]], [[7.5, -0.25]] * (rows - 1))

    def test_a_pause_ends_a_run(self, tmp_path: Path) -> None:
        self.write(tmp_path, "accel", 0, 1.0)
        self.write(tmp_path, "gyro", 0, 1.0)
        path = tmp_path / "wisdm-dataset/raw/watch/accel/data_1607_accel_watch.txt"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(lines[:10] + lines[14:]))
        lengths = [len(r.signal) for r in datasets.wisdm_watch(tmp_path)]
        assert lengths == [10, 16, 25]

    def test_a_broken_line_is_named(self, tmp_path: Path) -> None:
        self.write(tmp_path, "accel", 0, 1.0)
        with pytest.raises(DataError, match=r"data_1607_gyro_watch\.txt is not there"):
            datasets.wisdm_watch(tmp_path)
        self.write(tmp_path, "gyro", 0, 1.0)
        path = tmp_path / "wisdm-dataset/raw/watch/gyro/data_1607_gyro_watch.txt"
        path.write_text(path.read_text().replace(",S,", ",N,"))
        with pytest.raises(DataError, match=r"line 31: '1607,N,"):
            datasets.wisdm_watch(tmp_path)

    def test_the_packed_arrays_leave_out_odd_clocks(self, tmp_path: Path) -> None:
        data = rng.integers(-(2**15), 2**15, (2, 90, 3)).astype(np.int16)
        segments = np.array([[1600, 4, 0, 50], [1601, 5, 50, 70], [1602, 6, 70, 90]])
        for name, values, scale in zip(("accel", "gyro"), data, ([0.5] * 3, [0.25] * 3)):
            others = {"seg": segments, "seg_dt_ms": np.array([50.2, 70.0, 49.0])}
            pack_int16(tmp_path / f"wisdm_watch_{name}.npz", values, 0, scale=scale, **others)
        whole = np.hstack([data[0] * 0.5, data[1] * 0.25]).astype(np.float32)
        wanted = [
            Recording(1600, whole[:50], (Stretch(4, 0, 50),)),
            Recording(1602, whole[70:], (Stretch(6, 0, 20),)),
        ]
        assert_same(datasets.wisdm_watch(tmp_path), wanted)


class TestMhealth:
    def write(self, root: Path) -> NDArray[np.float64]:
        folder = root / "MHEALTHDATASET"
        folder.mkdir(parents=True)
        rows = rng.normal(size=(10, 12, 24))
        rows[:, :, 23] = [0, 0, 1, 1, 1, 12, 12, 0, 1, 1, 5, 0]
        for person, table in enumerate(rows, 1):
            np.savetxt(folder / f"mHealth_subject{person}.log", table, "%.8g", delimiter="\t")
        return rows

    def test_the_original_archive_is_read(self, tmp_path: Path) -> None:
        rows = self.write(tmp_path)
        channels = ("right_arm_acc_x", "left_ankle_gyro_y", "ecg_2", "right_arm_mag_z")
        stretches = (Stretch(0, 2, 5), Stretch(11, 5, 7), Stretch(0, 8, 10), Stretch(4, 10, 11))
        wanted = [
            Recording(p + 1, rows[p][:, [14, 9, 4, 22]].astype(np.float32), stretches)
            for p in range(10)
        ]
        assert_same(datasets.mhealth(tmp_path, channels), wanted)
        with pytest.raises(DataError, match="no channels"):
            datasets.mhealth(tmp_path, ["left_leg_acc_x"])

    def test_labels_out_of_range_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"does not hold mHealth_subject1\.log"):
            datasets.mhealth(tmp_path)
        rows = self.write(tmp_path)
        rows[6, 0, 23] = 13
        np.savetxt(tmp_path / "MHEALTHDATASET/mHealth_subject7.log", rows[6])
        with pytest.raises(DataError, match=r"subject7\.log: labels span 0\.\.13, not 0\.\.12"):
            datasets.mhealth(tmp_path)


class TestOpportunity:
    runs = ("Drill", "ADL1", "ADL2", "ADL3", "ADL4", "ADL5")

    def write(self, root: Path) -> dict[tuple[int, str], NDArray[np.float64]]:
        folder = root / "OpportunityUCIDataset" / "dataset"
        folder.mkdir(parents=True)
        files = {}
        for person in range(1, 5):
            for run in self.runs:
                rows = rng.normal(size=(6, 250))
                rows[:, 249] = [0, 0, 406516, 406516, 405506, 0]
                rows[2:4, 5] = np.nan
                rows[0, 50] = rows[5, 50] = np.nan
                rows[:, 133] = np.nan
                files[person, run] = rows
                np.savetxt(folder / f"S{person}-{run}.dat", rows, "%.10g")
        return files

    def test_the_original_archive_is_read(self, tmp_path: Path) -> None:
        files = self.write(tmp_path)
        quaternions = [c for first in (46, 59, 72, 85, 98) for c in range(first, first + 4)]
        worn = np.setdiff1d(np.arange(1, 134), quaternions)
        assert len(worn) == 113
        for split in ("train", "test"):
            found = datasets.opportunity(tmp_path, split)
            wanted = []
            for (person, run), rows in files.items():
                is_test = person in (2, 3) and run in ("ADL4", "ADL5")
                if person == 4 or is_test != (split == "test"):
                    continue
                filled = rows.copy()
                filled[2, 5] = rows[1, 5] + (rows[4, 5] - rows[1, 5]) / 3
                filled[3, 5] = rows[1, 5] + 2 * (rows[4, 5] - rows[1, 5]) / 3
                filled[0, 50], filled[5, 50], filled[:, 133] = rows[1, 50], rows[4, 50], 0
                null, door, switch = Stretch(0, 0, 2), Stretch(1, 2, 4), Stretch(17, 4, 5)
                stretches = (null, door, switch, Stretch(0, 5, 6))
                wanted.append(Recording(person, filled[:, worn].astype(np.float32), stretches))
            assert len(wanted) == (4 if split == "test" else 14)
            assert_same(found, wanted)

    def test_a_gesture_that_is_not_of_the_legend_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="does not hold the folder 'dataset'"):
            datasets.opportunity(tmp_path, "train")
        self.write(tmp_path)
        path = tmp_path / "OpportunityUCIDataset/dataset/S1-ADL3.dat"
        path.write_text(path.read_text().replace("406516", "406599"))
        with pytest.raises(DataError, match=r"S1-ADL3\.dat: gestures \[406599\]"):
            datasets.opportunity(tmp_path, "train")
