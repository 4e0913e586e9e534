"""Whether a map can be believed: the deletion test and the sanity check together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from libhar import flat, schema
from libhar.datasets import Windows
from libhar.model import Model
from libhar.saliency.deletion import Deletion, counts_of, deletion
from libhar.saliency.maps import Report, Saliency, evenly, saliency
from libhar.saliency.sanity import SEEDS, Likeness, likeness, untrained

TESTED = 4000
"""Windows of the test people that are counted, evenly in their order."""


@dataclass(frozen=True)
class Checks:
    """What came of both."""

    deletion: Deletion
    alike: tuple[Likeness, ...]
    """The map, and those of untrained networks."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "deletion": self.deletion.as_dict(),
            "likeness_to_untrained": [asdict(one) for one in self.alike],
        }

    def as_text(self) -> str:
        """For people."""
        gone, (low, high) = self.deletion, self.deletion.random_range
        lines = [f"accuracy on {gone.windows} test windows: {gone.all:.4f}; without channels:"]
        lines += [
            f"{count:3d}  most salient {gone.salient[i]:.4f}  random {gone.random_mean[i]:.4f} "
            f"({low[i]:.4f} to {high[i]:.4f})  least salient {gone.least[i]:.4f}"
            for i, count in enumerate(gone.counts)
        ]
        ranks = [one.channels for one in self.alike]
        lines.append(
            f"rank correlation with the channels of {len(ranks)} untrained networks: "
            f"mean {np.mean(ranks):.3f}, {min(ranks):.3f} to {max(ranks):.3f}"
        )
        return "\n".join(lines)


def checks(
    model: Model,
    described: schema.Model,
    found: Saliency,
    windows: Windows,
    test: Windows,
    most: int,
    report: Report = lambda _: None,
) -> Checks:
    """Of a map that was made of `windows`, `most` of a class; `test` are windows of test people."""
    means = windows.signal.mean(axis=(0, 1), dtype=np.float64)
    some = test[evenly(np.arange(len(test)), TESTED)]
    counts = counts_of(len(found.columns))
    gone = deletion(model, some, found.ranking, means, counts, report=report)
    alike = []
    for seed in SEEDS:
        other = Model(flat.encode(untrained(described, seed)))
        alike.append(likeness(found, saliency(other, described.signal, windows, most=most)))
        report(f"untrained network {seed + 1} of {len(SEEDS)}: {alike[-1].channels:.3f}")
    return Checks(gone, tuple(alike))
