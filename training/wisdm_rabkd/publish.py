"""Makes the model files of one form from trained seeds, and measures them on the test people.

python -m training.wisdm_rabkd.publish --form rab_kd --runs build/wisdm_rab_kd
"""

from __future__ import annotations

from pathlib import Path

from libhar.datasets import Preprocess

from training.common import publish
from training.common.integers import Gate
from training.common.recipe import RANDOM_SPLIT
from training.common.signal import signal_steps
from training.common.tune import Tuning
from training.common.windows import evenly, split_people
from training.wisdm_rabkd import data
from training.wisdm_rabkd.distil import FORMS
from training.wisdm_rabkd.train import SETTINGS, TEACHER

CALIBRATION_WINDOWS = 512
MAX_DROP = 0.003
"""Of the accuracy in INT8; a third of it is aimed at, as FP32 was trained on the gate's people."""
GOLDEN_ROWS = 300
"""A window and one hop: there are no filters to settle."""


def main() -> None:
    parser = publish.parser_with_random_split(__doc__)
    parser.add_argument("--form", choices=[TEACHER, *FORMS], required=True)
    options = publish.parse(parser)
    spec = Path(__file__).resolve().with_name(f"wisdm_{options.form}.toml")
    folder, steps = options.data_dir, signal_steps(spec)
    chosen = gate(folder, steps)
    publication = publish.Publication(
        spec=spec,
        data="wisdm_watch",
        split=data.TESTED_ON,
        test=data.test_windows(folder, steps),
        calibration=evenly(chosen.tuned_on, CALIBRATION_WINDOWS),
        golden=data.golden_recordings(folder, GOLDEN_ROWS),
        gate=chosen,
    )
    random_split = None
    if options.random_runs is not None:
        parts = data.random_split(folder, steps)
        other = publish.at_random(publication, *parts, RANDOM_SPLIT)
        random_split = (other, options.random_runs)
    publish.publish(publication, options.runs, random_split)


def gate(folder: Path, preprocess: Preprocess) -> Gate:
    """Checked on windows, as they are tested on, of training people that nothing is tuned on."""
    training = data.training_windows(folder, preprocess)
    people = sorted(data.GATE_PEOPLE & set(training.people.tolist()))
    tuned_on, _ = split_people(training, people)
    _, checked_on = split_people(data.training_windows(folder, preprocess, data.HOP), people)
    tuning = Tuning(data.LAYOUT, SETTINGS.augmentation)
    return Gate(MAX_DROP / 3, MAX_DROP, tuned_on, checked_on, tuning)


if __name__ == "__main__":
    main()
