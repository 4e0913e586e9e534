"""Trains the network of this recipe on the official training people of UCI HAR.

    python -m training.uci_har_cnn.train --seed 0 --out build/uci_har_cnn/seed0

Writes checkpoint.pt, uci_har_cnn.onnx and metrics.json below --out; called again, it goes on
from the checkpoint. No test person is read here: `data` can load none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from libhar.datasets import Windows

from training.common import command
from training.common.augment import Augmentation
from training.common.export import export_onnx
from training.common.fit import Checkpoint, Progress, Result, Schedule, fit
from training.common.losses import cross_entropy
from training.common.signal import signal_steps
from training.common.windows import split_people
from training.uci_har_cnn.data import LAYOUT, training_windows
from training.uci_har_cnn.network import (
    CHANNELS,
    CLASSES,
    WINDOW,
    UciHarCnn,
    channels_last_logits,
)


@dataclass(frozen=True)
class Settings:
    """Everything that decides the weights, together with the windows and the seed."""

    schedule: Schedule
    label_smoothing: float
    augmentation: Augmentation


SETTINGS = Settings(
    Schedule(epochs=80, batch=128, learning_rate=3e-3, weight_decay=3e-2, averaging=0.995),
    label_smoothing=0.05,
    augmentation=Augmentation(rotation_deg=20.0, time_scale=0.1, amplitude=0.15, mixup=0.1),
)
"""Chosen on held-out training people; README.md shows how."""

SPEC = Path(__file__).with_name("spec.toml")


def main() -> None:
    parser = command.parser(__doc__)
    parser.add_argument("--rotation-deg", type=float, default=SETTINGS.augmentation.rotation_deg)
    parser.add_argument("--mixup", type=float, default=SETTINGS.augmentation.mixup)
    options = command.parse(parser)
    windows = training_windows(options.data_dir, signal_steps(SPEC))
    trained_on, held_out = split_people(windows, options.holdout)
    settings = replace(
        SETTINGS,
        schedule=command.scheduled(SETTINGS.schedule, options),
        augmentation=replace(
            SETTINGS.augmentation, rotation_deg=options.rotation_deg, mixup=options.mixup
        ),
    )
    checkpoint = command.checkpoint(options.out, **asdict(settings))
    result = train(trained_on, settings, options.seed, checkpoint, command.show)
    export_onnx(result.network, options.out / "uci_har_cnn.onnx", CHANNELS, WINDOW)
    command.write_metrics(
        options.out,
        result,
        trained_on,
        held_out,
        partial(channels_last_logits, result.network),
        seed=options.seed,
        settings=asdict(settings),
    )


def train(
    windows: Windows,
    settings: Settings,
    seed: int,
    checkpoint: Checkpoint,
    report: Callable[[Progress], None],
) -> Result:
    """Trains on all `windows`."""
    loss = cross_entropy(
        CLASSES,
        LAYOUT,
        settings.augmentation,
        settings.label_smoothing,
        logits_of=channels_last_logits,
    )
    return fit(UciHarCnn, windows, loss, settings.schedule, seed, checkpoint, report)


if __name__ == "__main__":
    main()
