"""The sets by name, as `libhar eval --data` and the recipes ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from libhar.datasets._dsads import DSADS_LABELS, DSADS_TEST_PEOPLE, dsads
from libhar.datasets._hapt import HAPT_LABELS, HAPT_TEST_PEOPLE, hapt
from libhar.datasets._mhealth import MHEALTH_LABELS, MHEALTH_TEST_PEOPLE, mhealth
from libhar.datasets._opportunity import OPPORTUNITY_LABELS, opportunity
from libhar.datasets._recording import Preprocess, Recording, Windows, cut, of_split
from libhar.datasets._wisdm_watch import WISDM_LABELS, WISDM_TEST_PEOPLE, wisdm_watch

Recordings = Callable[[Path, str, Sequence[str]], list[Recording]]


@dataclass(frozen=True)
class DataSet:
    """A set of recordings: its classes, and how its people are split."""

    labels: tuple[str, ...]
    split: str
    """Who is tested on, in words."""
    recordings: Recordings
    """The recordings below a folder of one split, with the channels named."""

    def windows(
        self,
        folder: Path,
        split: str,
        channels: Sequence[str],
        window: int,
        hop: int,
        preprocess: Preprocess | None = None,
    ) -> Windows:
        """Labelled windows of one split, "train" or "test". Raises DataError."""
        recordings = self.recordings(folder, split, channels)
        return cut(recordings, window, hop, self.labels, preprocess)


def _people(numbers: frozenset[int]) -> str:
    return "test people " + " ".join(map(str, sorted(numbers)))


SETS = {
    "hapt": DataSet(
        HAPT_LABELS,
        _people(HAPT_TEST_PEOPLE),
        lambda folder, split, _: of_split(hapt(folder), HAPT_TEST_PEOPLE, split),
    ),
    "dsads": DataSet(
        DSADS_LABELS,
        _people(DSADS_TEST_PEOPLE),
        lambda folder, split, names: of_split(dsads(folder, names), DSADS_TEST_PEOPLE, split),
    ),
    "wisdm_watch": DataSet(
        WISDM_LABELS,
        _people(WISDM_TEST_PEOPLE),
        lambda folder, split, _: of_split(wisdm_watch(folder), WISDM_TEST_PEOPLE, split),
    ),
    "mhealth": DataSet(
        MHEALTH_LABELS,
        _people(MHEALTH_TEST_PEOPLE),
        lambda folder, split, names: of_split(mhealth(folder, names), MHEALTH_TEST_PEOPLE, split),
    ),
    "opportunity": DataSet(
        OPPORTUNITY_LABELS,
        "runs ADL4 and ADL5 of people 2 and 3",
        lambda folder, split, _: opportunity(folder, split),
    ),
}
