"""Evaluation: the original archive's layout, and the counting, against brute force."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libhar import datasets
from libhar.evaluate import Evaluation


def archive(root: Path, split: str, count: int, seed: int) -> datasets.Windows:
    """A made-up archive of the original layout; returns what it holds."""
    rng = np.random.default_rng(seed)
    folder = root / "UCI HAR Dataset" / split
    (folder / "Inertial Signals").mkdir(parents=True)
    signal = rng.normal(size=(count, 128, 9)).astype(np.float32)
    names = [f"{k}_{a}" for k in ("total_acc", "body_acc", "body_gyro") for a in "xyz"]
    for i, name in enumerate(names):
        path = folder / "Inertial Signals" / f"{name}_{split}.txt"
        np.savetxt(path, signal[:, :, i], fmt="% .7e")
    labels, people = rng.integers(0, 6, count), rng.integers(1, 31, count)
    np.savetxt(folder / f"y_{split}.txt", labels + 1, fmt="%d")
    np.savetxt(folder / f"subject_{split}.txt", people, fmt="%d")
    return datasets.Windows(signal, labels, people, datasets.UCI_LABELS)


def test_the_original_archive_is_read(tmp_path: Path) -> None:
    wanted = archive(tmp_path, "test", 5, 1)
    found = datasets.uci_har(tmp_path, "test")
    np.testing.assert_allclose(found.signal, wanted.signal, rtol=1e-6)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    np.testing.assert_array_equal(found.people, wanted.people)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(datasets.DataError, match="holds neither"):
        datasets.uci_har(tmp_path, "test")
    archive(tmp_path, "test", 3, 1)
    (tmp_path / "UCI HAR Dataset/test/Inertial Signals/body_acc_y_test.txt").unlink()
    with pytest.raises(datasets.DataError, match=r"body_acc_y_test\.txt is not there"):
        datasets.uci_har(tmp_path, "test")
    with pytest.raises(datasets.DataError, match="split is 'dev'"):
        datasets.uci_har(tmp_path, "dev")


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60))
def test_counts_are_those_of_brute_force(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    true, found = rng.integers(0, 3, count), rng.integers(-1, 3, count)
    confusion = np.zeros((3, 3), np.int64)
    for t, f in zip(true, found):
        if f >= 0:
            confusion[t, f] += 1
    result = Evaluation(("a", "b", "c"), confusion, int((found < 0).sum()), {})
    assert result.windows == count
    assert result.accuracy == pytest.approx(np.mean(true == found))
    wanted = []
    for c in range(3):
        hits = sum(t == c == f for t, f in zip(true, found))
        known = [(t, f) for t, f in zip(true, found) if f >= 0]
        wrong = sum((t == c) != (f == c) for t, f in known)
        wanted.append(2 * hits / max(2 * hits + wrong, 1))
    np.testing.assert_allclose(result.f1, wanted)
    low, high = result.interval
    assert 0 <= low <= result.accuracy + 1e-12 and result.accuracy - 1e-12 <= high <= 1


def test_wilsons_interval() -> None:
    """81 of 263: 0.2553 to 0.3662, the example of Newcombe, Statistics in Medicine 17 (1998)."""
    confusion = np.array([[81, 182], [0, 0]])
    low, high = Evaluation(("a", "b"), confusion, 0, {}).interval
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "libhar", *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    missing = run("eval", str(tmp_path / "no.har"), "--data", "uci_har")
    assert missing.returncode == 1
    assert "HAR_ERR_FILE_OPEN" in missing.stderr and missing.stderr.count("\n") == 1
    assert run("eval").returncode == 2
    junk = tmp_path / "junk.har"
    junk.write_bytes(b"junk" * 40)
    sealed = run("seal", str(junk))
    assert sealed.returncode == 1 and "identifier" in sealed.stderr


def test_eval_prints_json(root: Path, tmp_path: Path) -> None:
    model = root / "models/uci_har_cnn.har"
    wanted = archive(tmp_path, "test", 7, 3)
    command = [sys.executable, "-m", "libhar", "eval", str(model), "--data", "uci_har"]
    command += ["--data-dir", str(tmp_path), "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(printed)
    assert found["windows"] == 7
    assert (
        np.sum(found["confusion"], axis=1).tolist()
        == np.bincount(wanted.labels, minlength=6).tolist()
    )
