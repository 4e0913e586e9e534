"""Makes the model files of one sequence model from trained seeds, and measures them.

python -m training.hapt_sequence.publish --network gru --runs build/hapt_gru
"""

from __future__ import annotations

from pathlib import Path

from training.common import publish
from training.common.recipe import RANDOM_SPLIT
from training.common.signal import signal_steps
from training.common.windows import evenly
from training.hapt_sequence import data
from training.hapt_sequence.network import LAYERS

CALIBRATION_WINDOWS = 512
GOLDEN_ROWS = 192
"""A window and one hop: there are no filters to settle."""


def main() -> None:
    parser = publish.parser_with_random_split(__doc__)
    parser.add_argument("--network", choices=sorted(LAYERS), required=True)
    options = publish.parse(parser)
    spec = Path(__file__).resolve().with_name(f"hapt_{options.network}.toml")
    folder, steps = options.data_dir, signal_steps(spec)
    training = data.training_windows(folder, steps, transition_hop=data.HOP)
    publication = publish.Publication(
        spec=spec,
        data="hapt",
        split=data.TESTED_ON,
        test=data.test_windows(folder, steps),
        calibration=evenly(training, CALIBRATION_WINDOWS),
        golden=data.golden_recordings(folder, GOLDEN_ROWS),
        recordings=data.training_recordings(folder),
    )
    random_split = None
    if options.random_runs is not None:
        split = f"{RANDOM_SPLIT}, oversampled before the split: copies stand on both sides"
        other = publish.at_random(publication, *data.random_split(folder, steps), split)
        random_split = (other, options.random_runs)
    publish.publish(publication, options.runs, random_split)


if __name__ == "__main__":
    main()
