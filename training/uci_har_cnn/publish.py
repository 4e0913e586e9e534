"""Makes the model files of this recipe from trained seeds, and measures them on the test people.

python -m training.uci_har_cnn.publish --runs build/uci_har_cnn
"""

from __future__ import annotations

from pathlib import Path

from libhar import datasets

from training.common import publish
from training.common.signal import signal_steps
from training.common.windows import evenly
from training.uci_har_cnn.data import (
    TESTED_ON,
    golden_recordings,
    training_recordings,
    training_windows,
)

SPEC = Path(__file__).resolve().with_name("spec.toml")
CALIBRATION_WINDOWS = 512
GOLDEN_ROWS = 448
"""Nine seconds: the slowest filter has settled before the last window."""


def main() -> None:
    options = publish.parse(publish.parser(__doc__))
    folder = options.data_dir
    publication = publish.Publication(
        spec=SPEC,
        data="uci_har",
        split=TESTED_ON,
        test=datasets.uci_har(folder, "test"),
        calibration=evenly(training_windows(folder, signal_steps(SPEC)), CALIBRATION_WINDOWS),
        golden=golden_recordings(folder, GOLDEN_ROWS),
        recordings=training_recordings(folder),
    )
    publish.publish(publication, options.runs)


if __name__ == "__main__":
    main()
