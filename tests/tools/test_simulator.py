"""training/simulator: reproducible, physically sound, and like the recordings of HAPT."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.recordings.layout import CLASSES
from training.simulator import RATE_HZ, harmonics
from training.simulator.__main__ import main
from training.simulator.gait import GAITS
from training.simulator.measure import measure, stretches
from training.simulator.noise import wander
from training.simulator.posture import angular_rate, turn
from training.simulator.scenario import TRANSITIONS, TWO_MINUTES, simulate
from training.simulator.sensor import STEP

SHIPPED = Path(__file__).resolve().parents[2] / "examples" / "recordings" / "simulated.csv"
GAIT_NAMES = CLASSES[:3]
POSTURE_NAMES = CLASSES[3:]

Floats = NDArray[np.float64]


def minute_of(activity: str, seed: int = 5) -> Floats:
    """A minute of one activity without its first and last two seconds."""
    return simulate(((activity, 64.0),), seed).samples[100:-100]


def test_the_shipped_recording_is_what_the_simulator_makes(tmp_path: Path) -> None:
    assert "seed 1:" in SHIPPED.read_text().splitlines()[0]
    main(["--seed", "1", "--out", str(tmp_path / "again.csv")])
    assert (tmp_path / "again.csv").read_bytes() == SHIPPED.read_bytes()
    assert SHIPPED.stat().st_size < 700_000


def test_another_seed_makes_another_recording(tmp_path: Path) -> None:
    main(["--seed", "2", "--out", str(tmp_path / "other.csv")])
    other = (tmp_path / "other.csv").read_text().splitlines()
    ours = SHIPPED.read_text().splitlines()
    assert len(other) == len(ours)
    assert other[1] == ours[1]
    assert sum(a == b for a, b in zip(other[2:], ours[2:], strict=True)) < len(ours) // 100


def test_two_minutes_hold_every_class() -> None:
    simulation = simulate(TWO_MINUTES, 1)
    assert 115 * RATE_HZ < len(simulation.labels) < 130 * RATE_HZ
    assert set(simulation.labels) == {*CLASSES, *TRANSITIONS}
    assert simulation.samples.shape == (len(simulation.labels), 6)
    assert np.isfinite(simulation.samples).all()


@pytest.mark.parametrize("activity", POSTURE_NAMES)
def test_who_is_still_feels_one_g(activity: str) -> None:
    norm = np.linalg.norm(minute_of(activity)[:, :3], axis=1)
    assert norm.mean() == pytest.approx(1.0, abs=0.001)
    assert norm.std() < 0.006


@pytest.mark.parametrize("activity", GAIT_NAMES)
def test_who_walks_feels_one_g_on_average(activity: str) -> None:
    """Nobody leaves the ground for good, so acceleration averages to gravity."""
    assert np.linalg.norm(minute_of(activity)[:, :3].mean(axis=0)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("activity", GAIT_NAMES)
def test_the_step_frequency_is_found_again(activity: str) -> None:
    vertical = minute_of(activity)[:, 0]
    power = np.abs(np.fft.rfft((vertical - vertical.mean()) * np.hanning(len(vertical)))) ** 2
    frequency = np.fft.rfftfreq(len(vertical), 1 / RATE_HZ)
    strongest = frequency[np.argmax(power)]
    assert strongest == pytest.approx(GAITS[activity].harmonics.step_hz, rel=0.03)


@pytest.mark.parametrize("transition", TRANSITIONS)
def test_the_gyroscope_tells_how_gravity_turned(transition: str) -> None:
    """Integrating dv/dt = v x w over the angular rate carries gravity to the new posture."""
    start, end = TRANSITIONS[transition]
    path = turn(start, end, 2000, lean=0.3)
    rate = angular_rate(path)
    direction = path[0]
    for before, after in itertools.pairwise(rate):
        w = (before + after) / 2 / RATE_HZ
        angle = np.linalg.norm(w)
        axis = w / max(angle, 1e-300)
        direction = (
            direction * np.cos(angle)
            - np.cross(axis, direction) * np.sin(angle)
            + axis * (axis @ direction) * (1 - np.cos(angle))
        )
    np.testing.assert_allclose(direction, path[-1], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), 1.0, atol=1e-12)


def test_samples_lie_on_the_steps_of_the_converters() -> None:
    steps = minute_of("WALKING") / STEP
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)


@pytest.mark.parametrize("seconds", [0.2, 0.6])
def test_a_wander_has_unit_spread(seconds: float) -> None:
    noise = wander(np.random.default_rng(3), 100_000, 1, seconds)[:, 0]
    assert noise.std() == pytest.approx(1.0, abs=0.05)
    assert np.diff(noise).std() * RATE_HZ == pytest.approx(1 / seconds, rel=0.08)


@pytest.fixture(scope="module")
def packed() -> Path:
    folder = os.environ.get("HAR_DATA_DIR")
    if not folder:
        pytest.skip("HAR_DATA_DIR is not set")
    return Path(folder) / "hapt.npz"


@pytest.mark.parametrize("activity", GAIT_NAMES)
def test_the_harmonics_are_those_measured(packed: Path, activity: str) -> None:
    stated: harmonics.Harmonics = getattr(harmonics, activity)
    step_hz, amplitudes, phases = measure(packed, 1 + CLASSES.index(activity))
    assert stated.step_hz == pytest.approx(step_hz, abs=0.006)
    np.testing.assert_allclose(np.array(stated.amplitudes), amplitudes, atol=6e-4)
    np.testing.assert_allclose(np.cos(stated.phases - phases), 1.0, atol=1e-4)


BANDS_HZ = ((0.3, 1.2), (1.2, 2.4), (2.4, 5.0), (5.0, 8.0), (8.0, 12.0), (12.0, 25.0))


def band_levels(samples: Floats) -> Floats:
    """Root mean square [windows, bands, 6] of 256-sample windows, Welch's way."""
    frequency = np.fft.rfftfreq(256, 1 / RATE_HZ)
    weights = np.hanning(256)[:, None]
    levels = []
    for begin in range(0, len(samples) - 255, 128):
        window = samples[begin : begin + 256]
        spectrum = np.abs(np.fft.rfft((window - window.mean(axis=0)) * weights, axis=0)) ** 2
        power = spectrum * 2 / (256 * (weights**2).sum())
        chosen = [(frequency >= low) & (frequency < high) for low, high in BANDS_HZ]
        levels.append([np.sqrt(power[band].sum(axis=0)) for band in chosen])
    return np.array(levels)


@pytest.mark.parametrize("activity", GAIT_NAMES)
def test_every_band_is_as_loud_as_in_hapt(packed: Path, activity: str) -> None:
    """Within a factor of 1.8 of the median of the training people, each band of each channel."""
    long_enough = (s for s in stretches(packed, 1 + CLASSES.index(activity)) if len(s) >= 256)
    real = np.median(np.concatenate([band_levels(samples) for samples in long_enough]), axis=0)
    ours = np.median(band_levels(minute_of(activity)), axis=0)
    assert (np.abs(np.log(ours / real)) < np.log(1.8)).all(), ours / real


@pytest.mark.parametrize("activity", CLASSES)
def test_gravity_points_where_it_does_in_hapt(packed: Path, activity: str) -> None:
    """Within 5 degrees of the median of the training people."""
    means = [s[:, :3].mean(axis=0) for s in stretches(packed, 1 + CLASSES.index(activity))]
    real = np.median(means, axis=0)
    ours = minute_of(activity)[:, :3].mean(axis=0)
    cosine = real @ ours / np.linalg.norm(real) / np.linalg.norm(ours)
    assert np.degrees(np.arccos(cosine)) < 5.0
