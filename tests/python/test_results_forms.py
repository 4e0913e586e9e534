"""The table of the student's five forms: its numbers and what is said of them."""

from __future__ import annotations

import pytest

from training.results.forms import FORMS, distillation
from training.results.frameworks import Agreement
from training.results.measure import Cost, Shipped

F1 = {
    **{"wisdm_teacher": 0.87, "wisdm_lm": 0.80, "wisdm_rb_kd": 0.82},
    **{"wisdm_lm_att": 0.81, "wisdm_rb_kd_att": 0.835, "wisdm_rab_kd": 0.85},
}


def shipped(name: str, f1: float, half: float) -> Shipped:
    mean = {"macro_f1": f1, "macro_f1_interval_95": [f1 - half, f1 + half]}
    record = {"mean_of_seeds": {"fp32": mean, "int8": {**mean, "macro_f1": f1 - 0.0012}}}
    macs = 9000 if name == "wisdm_teacher" else 1000
    fp32, int8 = Cost(500, macs, 4000, 0, 0, 1.0), Cost(500, macs, 1500, 0, 0, 1.0)
    agreement = Agreement(name, "PyTorch", 100, 1e-6, f1, f1)
    return Shipped(name, record, {}, {"fp32": fp32, "int8": int8}, agreement)


def networks(half: float, **changed: float) -> list[Shipped]:
    return [shipped(name, f1, half) for name, f1 in {**F1, **changed}.items()]


def test_the_table_has_a_row_for_each_form() -> None:
    text = distillation(networks(0.001))
    row = "| RAB-KD | **85.00** | 84.90 to 85.10 | 84.88 | 500 | 2,000 | 9.0 | 4,000 | 1,500 |"
    assert row in text.splitlines()
    found = [line.split(" | ")[0][2:] for line in text.splitlines() if line.startswith("| ")]
    assert found == ["form", "---", *FORMS.values()]


@pytest.mark.parametrize(
    ("half", "said"),
    [
        (0.001, "Their intervals do not overlap."),
        (0.0101, "The intervals of RB-KD and LM overlap:"),
        (0.1, "The intervals of RAB-KD and RB-KD, RB-KD and LM, RAB-KD and LM overlap:"),
    ],
)
def test_overlapping_intervals_are_said(half: float, said: str) -> None:
    assert said in distillation(networks(half))


def test_the_order_and_the_gains_are_those_measured() -> None:
    text = distillation(networks(0.001))
    assert "In macro F1: RAB-KD > RB-KD > LM." in text
    assert "responses give +2.0 without attention and +2.5 with it, attention +1.0" in text
    assert "maps +1.5 over RB-KD-Att; all of it +5.0." in text
    other = distillation(networks(0.001, wisdm_lm=0.86))
    assert "In macro F1: LM > RAB-KD > RB-KD." in other and "responses give -4.0" in other


def test_without_all_forms_there_is_no_section() -> None:
    assert distillation(networks(0.001)[1:]) == ""
