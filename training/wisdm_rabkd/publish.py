"""Makes the model files of one form from trained seeds, and measures them on the test people.

python -m training.wisdm_rabkd.publish --form rab_kd --runs build/wisdm_rab_kd
"""

from __future__ import annotations

from pathlib import Path

from training.common import publish
from training.common.recipe import RANDOM_SPLIT
from training.common.signal import signal_steps
from training.common.windows import evenly
from training.wisdm_rabkd import data
from training.wisdm_rabkd.distil import FORMS
from training.wisdm_rabkd.train import TEACHER

CALIBRATION_WINDOWS = 512
GOLDEN_ROWS = 300
"""A window and one hop: there are no filters to settle."""


def main() -> None:
    parser = publish.parser_with_random_split(__doc__)
    parser.add_argument("--form", choices=[TEACHER, *FORMS], required=True)
    options = publish.parse(parser)
    spec = Path(__file__).resolve().with_name(f"wisdm_{options.form}.toml")
    folder, steps = options.data_dir, signal_steps(spec)
    publication = publish.Publication(
        spec=spec,
        data="wisdm_watch",
        split=data.TESTED_ON,
        test=data.test_windows(folder, steps),
        calibration=evenly(data.training_windows(folder, steps), CALIBRATION_WINDOWS),
        golden=data.golden_recordings(folder, GOLDEN_ROWS),
    )
    random_split = None
    if options.random_runs is not None:
        parts = data.random_split(folder, steps)
        other = publish.at_random(publication, *parts, RANDOM_SPLIT)
        random_split = (other, options.random_runs)
    publish.publish(publication, options.runs, random_split)


if __name__ == "__main__":
    main()
