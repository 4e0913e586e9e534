"""Makes the model files from trained seeds, and measures them on the test people.

python -m training.opportunity_resnet.publish --runs build/opportunity_resnet
"""

from __future__ import annotations

from training.common import publish
from training.common.recipe import RANDOM_SPLIT
from training.common.signal import signal_steps
from training.common.windows import evenly
from training.opportunity_resnet import data
from training.opportunity_resnet.train import SPEC

CALIBRATION_WINDOWS = 512
GOLDEN_ROWS = 30
"""Two windows: there are no filters to settle."""


def main() -> None:
    options = publish.parse(publish.parser_with_random_split(__doc__))
    folder, steps = options.data_dir, signal_steps(SPEC)
    publication = publish.Publication(
        spec=SPEC,
        data="dsads",
        split=data.TESTED_ON,
        test=data.test_windows(folder, steps),
        calibration=evenly(data.training_windows(folder, "dsads", steps), CALIBRATION_WINDOWS),
        golden=data.golden_recordings(folder, GOLDEN_ROWS),
    )
    random_split = None
    if options.random_runs is not None:
        parts = data.random_split(folder, "dsads", steps)
        other = publish.at_random(publication, *parts, RANDOM_SPLIT)
        random_split = (other, options.random_runs)
    publish.publish(publication, options.runs, random_split)


if __name__ == "__main__":
    main()
