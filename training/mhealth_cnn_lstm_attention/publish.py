"""Makes the model files of some sensors from trained seeds, and measures them on the test people.

python -m training.mhealth_cnn_lstm_attention.publish --sensors both --runs build/mhealth_both
"""

from __future__ import annotations

from pathlib import Path

from training.common import publish
from training.common.recipe import RANDOM_SPLIT
from training.common.signal import signal_steps
from training.common.windows import evenly
from training.mhealth_cnn_lstm_attention import data
from training.mhealth_cnn_lstm_attention.train import name_of

CALIBRATION_WINDOWS = 512
PERCENTILES = (99.9, 99.99, 100.0)
"""What is rare matters here: a convolution's peaks, and the few steps that attention picks out."""
GOLDEN_ROWS = 150
"""A window and one hop: there are no filters to settle."""


def main() -> None:
    parser = publish.parser_with_random_split(__doc__)
    parser.add_argument("--sensors", choices=data.SENSORS, required=True)
    options = publish.parse(parser)
    sensors, folder = options.sensors, options.data_dir
    spec = Path(__file__).resolve().with_name(f"{name_of(sensors)}.toml")
    steps = signal_steps(spec)
    training = data.training_windows(folder, "dsads", sensors, steps)
    publication = publish.Publication(
        spec=spec,
        data="dsads",
        split=data.TESTED_ON,
        test=data.test_windows(folder, sensors, steps),
        calibration=evenly(training, CALIBRATION_WINDOWS),
        golden=data.golden_recordings(folder, sensors, GOLDEN_ROWS),
        percentiles=PERCENTILES,
    )
    random_split = None
    if options.random_runs is not None:
        parts = data.random_split(folder, "dsads", sensors, steps)
        other = publish.at_random(publication, *parts, RANDOM_SPLIT)
        random_split = (other, options.random_runs)
    publish.publish(publication, options.runs, random_split)


if __name__ == "__main__":
    main()
