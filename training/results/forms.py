"""The table of the watch's student in five forms beside its teacher, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from training.results.measure import Shipped
from training.results.tables import interval, percent, table

TEACHER = "wisdm_teacher"
LM, RB_KD = "wisdm_lm", "wisdm_rb_kd"
LM_ATT, RB_KD_ATT, RAB_KD = "wisdm_lm_att", "wisdm_rb_kd_att", "wisdm_rab_kd"
FORMS = {
    TEACHER: "teacher",
    LM: "LM",
    RB_KD: "RB-KD",
    LM_ATT: "LM-Att",
    RB_KD_ATT: "RB-KD-Att",
    RAB_KD: "RAB-KD",
}
COLUMNS = [
    *("form", "macro F1, FP32", "interval", "macro F1, INT8", "parameters", "FLOPs of a window"),
    *("teacher's FLOPs over its", "file, FP32", "file, INT8"),
]


def distillation(networks: Sequence[Shipped]) -> str:
    """The section of the page; nothing where not all six networks are there."""
    found = {network.name: network for network in networks if network.name in FORMS}
    if set(found) != set(FORMS):
        return ""
    rows = [_row(form, found[name], found[TEACHER]) for name, form in FORMS.items()]
    return "\n\n".join(
        [
            "## What attention and distillation give\n"
            "The lightweight model of `training/wisdm_rabkd` alone (LM), taught the teacher's "
            "responses (RB-KD), with attention (Att), and\n"
            "taught its attention maps, too (RAB-KD). Means of seeds; a multiply-accumulate is "
            "two FLOPs; a file holds golden vectors of three recordings of 15 s.",
            table(COLUMNS, rows),
            _sentences(found),
        ]
    )


def _row(form: str, network: Shipped, teacher: Shipped) -> list[str]:
    fp32, int8 = network.costs["fp32"], network.costs["int8"]
    means = network.recorded["mean_of_seeds"]
    return [
        form,
        f"**{percent(_f1(network))}**",
        interval(means["fp32"]["macro_f1_interval_95"]),
        percent(means["int8"]["macro_f1"]),
        f"{fp32.parameters:,}",
        f"{2 * fp32.macs:,}",
        f"{teacher.costs['fp32'].macs / fp32.macs:.1f}",
        f"{fp32.file_bytes:,}",
        f"{int8.file_bytes:,}",
    ]


def _f1(network: Shipped) -> float:
    return float(network.recorded["mean_of_seeds"]["fp32"]["macro_f1"])


def _sentences(found: dict[str, Shipped]) -> str:
    """What the paper claims, beside what was measured."""

    def gain(of: str, over: str) -> str:
        return f"{100 * (_f1(found[of]) - _f1(found[over])):+.1f}"

    order = sorted((LM, RB_KD, RAB_KD), key=lambda name: -_f1(found[name]))
    touching = [
        f"{FORMS[better]} and {FORMS[worse]}"
        for better, worse in ((RAB_KD, RB_KD), (RB_KD, LM), (RAB_KD, LM))
        if _touch(found[better], found[worse])
    ]
    overlap = (
        f"The intervals of {', '.join(touching)} overlap: three seeds do not settle that order."
        if touching
        else "Their intervals do not overlap."
    )
    return "\n".join(
        [
            f"In macro F1: {' > '.join(FORMS[name] for name in order)}. {overlap}",
            f"In points of macro F1, responses give {gain(RB_KD, LM)} without attention and "
            f"{gain(RB_KD_ATT, LM_ATT)} with it, attention {gain(LM_ATT, LM)} and, with responses, "
            f"{gain(RB_KD_ATT, RB_KD)},",
            f"maps {gain(RAB_KD, RB_KD_ATT)} over RB-KD-Att; all of it {gain(RAB_KD, LM)}. The "
            "paper states 4 to 6 by distillation and 3 to 5 by attention.",
        ]
    )


def _touch(a: Shipped, b: Shipped) -> bool:
    """Whether the intervals of the mean over seeds overlap."""
    low, high = (
        [
            network.recorded["mean_of_seeds"]["fp32"]["macro_f1_interval_95"][end]
            for network in (a, b)
        ]
        for end in (0, 1)
    )
    return bool(max(low) <= min(high))
