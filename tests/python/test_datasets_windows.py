"""Windows cut from labelled recordings, and the random split, against brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libhar import datasets
from libhar.datasets import Recording, Stretch, Windows

NAMES = ("a", "b", "c")


@given(
    length=st.integers(1, 60),
    before=st.integers(0, 12),
    after=st.integers(0, 12),
    window=st.integers(1, 24),
    hop=st.integers(1, 30),
)
def test_windows_lie_inside_their_stretch(
    length: int, before: int, after: int, window: int, hop: int
) -> None:
    rows = before + length + after
    signal = np.arange(rows, dtype=np.float32)[:, None]
    recording = Recording(3, signal, (Stretch(2, before, before + length),))
    inside = [s for s in range(rows) if s >= before and s + window <= before + length]
    wanted = [s for s in inside if (s - before) % hop == 0]
    if not inside and 2 * length >= window:
        middle = before - (window - length) // 2
        wanted = [middle] if middle >= 0 and middle + window <= rows else []
    if not wanted:
        with pytest.raises(datasets.DataError, match=f"no labelled window of {window} rows"):
            datasets.cut([recording], window, hop, NAMES)
        return
    found = datasets.cut([recording], window, hop, NAMES)
    assert found.signal[:, 0, 0].tolist() == wanted
    assert np.array_equal(np.diff(found.signal[:, :, 0]), np.ones((len(wanted), window - 1)))
    assert set(found.labels.tolist()) == {2} and set(found.people.tolist()) == {3}


def test_the_signal_steps_see_the_whole_recording() -> None:
    signal = np.arange(20, dtype=np.float32)[:, None]
    recording = Recording(1, signal, (Stretch(0, 8, 12),))

    def running_sum(values: np.ndarray) -> np.ndarray:
        return np.hstack([np.cumsum(values, axis=0), values])

    found = datasets.cut([recording], 4, 4, NAMES, running_sum)
    assert found.signal.tolist() == [[[36, 8], [45, 9], [55, 10], [66, 11]]]


def windows(labels: list[int]) -> Windows:
    count = len(labels)
    signal = np.arange(count, dtype=np.float32)[:, None, None]
    return Windows(signal, np.array(labels), np.arange(count) % 5, NAMES)


@given(labels=st.lists(st.integers(0, 2), min_size=1, max_size=40), seed=st.integers(0, 99))
def test_oversampling_copies_windows_until_classes_are_equal(labels: list[int], seed: int) -> None:
    found = datasets.oversample(windows(labels), seed)
    largest = max(labels.count(c) for c in set(labels))
    assert {c: int((found.labels == c).sum()) for c in set(labels)} == dict.fromkeys(
        set(labels), largest
    )
    copied = found.signal[:, 0, 0].astype(int)
    assert set(copied.tolist()) == set(range(len(labels))), "every window is still there"
    assert found.labels.tolist() == [labels[i] for i in copied]


@given(count=st.integers(3, 60), seed=st.integers(0, 99))
def test_the_random_split_is_a_partition(count: int, seed: int) -> None:
    train, test = datasets.random_split(windows([i % 3 for i in range(count)]), seed)
    numbers = np.concatenate([train.signal, test.signal]).ravel().tolist()
    assert sorted(numbers) == list(range(count))
    assert len(test) == round(count / 5)
    assert test.labels.tolist() == [int(i) % 3 for i in test.signal.ravel()]


def test_the_sets_split_people_as_they_say(data_dir: Path) -> None:
    legs = ("left_leg_acc_x", "left_leg_acc_y")
    for name, channels in (("hapt", ()), ("wisdm_watch", ()), ("dsads", legs)):
        chosen = datasets.SETS[name]
        people = {}
        for split in datasets.SPLITS:
            found = chosen.windows(data_dir, split, channels, 100, 200)
            people[split] = set(found.people.tolist())
            assert set(found.labels.tolist()) == set(range(len(chosen.labels))), (name, split)
            assert np.isfinite(found.signal).all()
        assert not people["train"] & people["test"]
        said = chosen.split.removeprefix("test people ").split()
        assert people["test"] <= {int(person) for person in said}


def test_postural_transitions_are_not_lost(data_dir: Path) -> None:
    """Some are shorter than a window; each that is at least half as long gives one."""
    recordings = datasets.hapt(data_dir)
    found = datasets.cut(recordings, 128, 10**6, datasets.HAPT_LABELS)
    lengths = [(s.label, s.end - s.begin) for r in recordings for s in r.stretches]
    wanted = [sum(label == c and rows >= 64 for label, rows in lengths) for c in range(12)]
    assert np.bincount(found.labels).tolist() == wanted
    assert min(wanted[6:]) >= 58, "nearly 60 of each"
