"""libhar: what a person is doing, from motion sensors.

stream = libhar.Stream(libhar.Model("models/uci_har_cnn.har"))
for event in stream.run(recording):
    print(event.name, event.confidence)
"""

from libhar.decision import Decision
from libhar.errors import HarError
from libhar.model import ChannelInfo, Info, Model, OverlapStep, PlanStep, SelftestReport
from libhar.source import Source, SourceSensor
from libhar.stream import (
    AFTER_GAP,
    CONTRACT,
    ENTER,
    EXIT,
    REPEATED,
    UNKNOWN,
    Counters,
    Event,
    Stream,
)
from libhar.swap import SwappingStream

__version__ = "0.1.0"

__all__ = [
    "AFTER_GAP",
    "CONTRACT",
    "ENTER",
    "EXIT",
    "REPEATED",
    "UNKNOWN",
    "ChannelInfo",
    "Counters",
    "Decision",
    "Event",
    "HarError",
    "Info",
    "Model",
    "OverlapStep",
    "PlanStep",
    "SelftestReport",
    "Source",
    "SourceSensor",
    "Stream",
    "SwappingStream",
]
