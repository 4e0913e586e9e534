"""How scores become activities: the settings of a stream's decision."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, fields

from libhar import _capi
from libhar._capi import check, lib
from libhar.bounds import I64, whole
from libhar.model import Model


@dataclass(frozen=True)
class Decision:
    """The fields of `har_decision_config`; include/har/decision.h has the rules and the bounds.

    Without arguments each window stands alone, at temperature 1. `Decision.of(model)` is what the
    model's file says; `dataclasses.replace` changes some of it.
    """

    temperature: float = 1.0
    smoothing: float = 0.0
    majority: int = 0
    enter_above: float = 0.0
    exit_below: float = 0.0
    min_duration_ns: int = 0
    abstain_below: float = 0.0

    @classmethod
    def of(cls, model: Model) -> Decision:
        """What the model's file says. Raises HarError where it has no network."""
        config = _capi.DecisionConfig()
        size = ctypes.sizeof(config)
        check(lib.har_decision_config_init(ctypes.byref(config), size, model.handle))
        return cls(**{f.name: getattr(config, f.name) for f in fields(cls)})

    def as_struct(self) -> _capi.DecisionConfig:
        """For the C library. Raises ValueError for numbers that its fields cannot hold."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["majority"] = whole(self.majority, "majority")
        values["min_duration_ns"] = whole(self.min_duration_ns, "min_duration_ns", I64, -I64)
        return _capi.DecisionConfig(struct_size=ctypes.sizeof(_capi.DecisionConfig), **values)
