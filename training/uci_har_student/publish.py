"""Makes the model files of both students from trained seeds, and measures them on the test people.

python -m training.uci_har_student.publish --network small --runs build/uci_har_student
"""

from __future__ import annotations

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
from training.uci_har_student.network import WINDOW
from training.uci_har_student.train import STUDENTS

CALIBRATION_WINDOWS = 512
GOLDEN = "standing"
"""The one golden vector, of one window: three of nine seconds, as the teacher has, would be larger
than the whole network."""

CONTRACT_UNITS = {"small": 12, "paper": 3}
"""What the bounds of the INT8 files leave room for: 32,000 and 170,000 bytes."""


def main() -> None:
    parser = publish.parser(__doc__)
    parser.add_argument("--network", choices=STUDENTS, default="small")
    options = publish.parse(parser)
    folder, spec = options.data_dir, STUDENTS[options.network].spec
    publication = publish.Publication(
        spec=spec,
        data="uci_har",
        split=TESTED_ON,
        test=datasets.uci_har(folder, "test"),
        calibration=evenly(training_windows(folder, signal_steps(spec)), CALIBRATION_WINDOWS),
        golden={GOLDEN: golden_recordings(folder, WINDOW)[GOLDEN]},
        recordings=training_recordings(folder),
        contract_units=CONTRACT_UNITS[options.network],
        nameless=True,
    )
    publish.publish(publication, options.runs)


if __name__ == "__main__":
    main()
