"""Measures the harmonics of gait on HAPT.

`python -m training.simulator.measure FOLDER` prints them.

FOLDER holds hapt.npz. Only the training people are read. Every 256 samples of a walking stretch
become complex amplitudes at the multiples of half the step frequency; the origin of time is moved
to the peak of vertical acceleration at the step frequency; which of two steps begins the stride is
chosen so that the odd harmonics agree best with their mean. Amplitudes are medians, phases
circular means, both over all windows of all people.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.recordings.layout import CLASSES, TEST_PEOPLE
from training.simulator import RATE_HZ

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

WINDOW = 256
HOP = 128
HARMONICS = 8
STEP_HZ_SEARCHED = np.linspace(1.2, 2.4, 121)
ROUNDS = 30


def stretches(path: Path, activity: int) -> Iterator[Floats]:
    """The raw samples [T, 6] of every stretch of `activity` of a training person."""
    with np.load(path) as arrays:
        data = arrays["data"]
        first_row = {(e, person): first for e, person, first, _ in arrays["exp"].tolist()}
        for experiment, person, label, first, last in arrays["labels"].tolist():
            if label == activity and person not in TEST_PEOPLE:
                begin = first_row[experiment, person]
                yield data[begin + first - 1 : begin + last].astype(np.float64)


def amplitudes(samples: Floats, times: Floats, frequencies: Floats) -> Complexes:
    """Complex amplitudes [frequencies, channels] of `samples` [T, channels], Hann-weighted."""
    weights = np.hanning(len(samples))
    waves = np.exp(-2j * np.pi * frequencies[:, None] * times)
    result: Complexes = waves @ (samples * (2 * weights / weights.sum())[:, None])
    return result


def step_frequency(samples: Floats, times: Floats) -> float:
    """Where acc_x has most power at a frequency and twice that frequency together, in Hz."""
    vertical = samples[:, :1]
    once = amplitudes(vertical, times, STEP_HZ_SEARCHED)
    twice = amplitudes(vertical, times, 2 * STEP_HZ_SEARCHED)
    return float(STEP_HZ_SEARCHED[np.argmax((np.abs(once) ** 2 + np.abs(twice) ** 2)[:, 0])])


def window_harmonics(samples: Floats) -> tuple[float, Complexes]:
    """Step frequency in Hz and harmonics [8, 6] of one window."""
    times = np.arange(len(samples)) / RATE_HZ
    centred = samples - samples.mean(axis=0)
    step_hz = step_frequency(centred, times)
    numbers = np.arange(1, HARMONICS + 1)
    found = amplitudes(centred, times, numbers * step_hz / 2)
    to_peak = np.exp(-1j * np.angle(found[1, 0]) * numbers / 2)
    return step_hz, found * to_peak[:, None]


def mean_phases(found: Complexes) -> Floats:
    """Phases [8, 6] of windows [N, 8, 6], after turning strides so that the odd harmonics agree."""
    unit = found / np.abs(found)
    odd = np.arange(1, HARMONICS + 1) % 2 == 1
    turn = np.ones(len(found))
    for _ in range(ROUNDS):
        mean = (unit * np.where(odd, turn[:, None], 1.0)[:, :, None]).mean(axis=0)
        agreement = (found[:, odd] * mean[odd].conj()).real.sum(axis=(1, 2))
        turned = np.where(agreement < 0, -1.0, 1.0)
        if np.array_equal(turned, turn):
            break
        turn = turned
    phases: Floats = np.angle(mean)
    return phases


def measure(path: Path, activity: int) -> tuple[float, Floats, Floats]:
    """Median step frequency in Hz; amplitudes [8, 6] in g and rad/s; phases [8, 6] in rad."""
    windows = [
        window_harmonics(samples[begin : begin + WINDOW])
        for samples in stretches(path, activity)
        for begin in range(0, len(samples) - WINDOW + 1, HOP)
    ]
    found = np.array([harmonics for _, harmonics in windows])
    step_hz = float(np.median([hz for hz, _ in windows]))
    return step_hz, np.median(np.abs(found), axis=0), mean_phases(found)


def main(folder: str) -> None:
    for activity, name in enumerate(CLASSES[:3], 1):
        step_hz, sizes, phases = measure(Path(folder) / "hapt.npz", activity)
        print(f"{name}: {step_hz:.2f} steps a second")
        for number in range(HARMONICS):
            row = ", ".join(f"{value:.3f}" for value in sizes[number])
            print(f"    ({row}),")
        for number in range(HARMONICS):
            row = ", ".join(f"{value:.2f}" for value in phases[number])
            print(f"    ({row}),")


if __name__ == "__main__":
    main(sys.argv[1])
