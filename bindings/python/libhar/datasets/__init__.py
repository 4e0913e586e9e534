"""The recordings that models are trained and measured on.

A folder of recordings (HAR_DATA_DIR) holds packed arrays, `hapt.npz` and so on, or the unpacked
original archives; every set here reads both where both exist. Recordings carry their labelled
stretches, `cut` makes windows of them, `SETS` names what `libhar eval --data` takes.
"""

from __future__ import annotations

from libhar.datasets._dsads import DSADS_CHANNELS, DSADS_LABELS, DSADS_TEST_PEOPLE, dsads
from libhar.datasets._hapt import HAPT_LABELS, HAPT_TEST_PEOPLE, hapt, hapt_recordings
from libhar.datasets._mhealth import MHEALTH_LABELS, MHEALTH_TEST_PEOPLE, mhealth
from libhar.datasets._opportunity import OPPORTUNITY_LABELS, opportunity
from libhar.datasets._random_split import oversample, random_split
from libhar.datasets._recording import (
    SPLITS,
    DataError,
    Preprocess,
    Recording,
    Stretch,
    Windows,
    cut,
    data_folder,
    of_split,
)
from libhar.datasets._sets import SETS, DataSet
from libhar.datasets._uci_har import UCI_LABELS, WINDOW, uci_har
from libhar.datasets._wisdm_watch import WISDM_LABELS, WISDM_TEST_PEOPLE, wisdm_watch

__all__ = [
    "DSADS_CHANNELS",
    "DSADS_LABELS",
    "DSADS_TEST_PEOPLE",
    "HAPT_LABELS",
    "HAPT_TEST_PEOPLE",
    "MHEALTH_LABELS",
    "MHEALTH_TEST_PEOPLE",
    "OPPORTUNITY_LABELS",
    "SETS",
    "SPLITS",
    "UCI_LABELS",
    "WINDOW",
    "WISDM_LABELS",
    "WISDM_TEST_PEOPLE",
    "DataError",
    "DataSet",
    "Preprocess",
    "Recording",
    "Stretch",
    "Windows",
    "cut",
    "data_folder",
    "dsads",
    "hapt",
    "hapt_recordings",
    "mhealth",
    "of_split",
    "opportunity",
    "oversample",
    "random_split",
    "uci_har",
    "wisdm_watch",
]
