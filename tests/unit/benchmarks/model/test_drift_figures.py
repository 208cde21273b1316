"""The month of the alarm, false ones before it, and what the figures say where there is nothing to say."""

from typing import Any

import numpy as np
import pytest

from benchmarks.model.drift import MONTHS, SIZES_OF
from benchmarks.model.drift_figures import alarm_figure, find_alarm, restored_figures
from benchmarks.model.life import Months, kinds_of
from benchmarks.model.restored import excess_loss
from benchmarks.model.turning import TURN, month_s
from benchmarks.pieces import apart
from benchmarks.scale import Scale
from gnn.evaluation.arrears import Arrears
from gnn.evaluation.drift import Drift, Level

OLD = {"learnt_to": "2023-01-31", "fit": 1, "stop": 2, "calibrate": 3}
NEW = {"learnt_to": "2024-12-31", "fit": 10, "stop": 20, "calibrate": 30}


def look(month: int, *kinds: str, is_measured: bool = True) -> dict[str, Any]:
    return {"month": month, "is_measured": is_measured, "kinds": list(kinds), "reasons": [f"{kind} moved" for kind in kinds]}


def test_the_turn_is_a_january() -> None:
    assert month_s(TURN) - month_s(0) == (365 + 365) * 86_400


def test_alarm_at_the_end_of_the_month_of_the_turn_comes_after_its_days() -> None:
    found = find_alarm([look(23), look(24), look(25, "scores"), look(26, "outcomes")], turn=24)
    assert (found.days, found.reasons) == (31.0, ("scores moved",))
    assert (found.calm, found.false, found.noisy) == (2, 0, ())
    assert alarm_figure(found, 1).value == 31.0


def test_a_month_missed_is_a_month_later() -> None:
    assert find_alarm([look(24), look(25), look(26, "scores")], turn=24).days == 31.0 + 29.0


def test_what_spoke_in_the_calm_is_false_and_no_sign_of_the_turn() -> None:
    found = find_alarm([look(22, "age"), look(23), look(24, "age"), look(25, "age"), look(26, "age", "scores")], turn=24)
    assert (found.days, found.calm, found.false) == (60.0, 3, 2)
    assert (found.noisy, found.kinds) == (("age",), ("scores",))
    figure = alarm_figure(found, 1)
    assert figure.counts == {"calm_months": 3, "false_alarms": 2}
    assert figure.note is not None
    assert "2 of 3 month-ends before the turn an alarm was given, by age, which therefore" in figure.note


def test_month_ends_with_too_few_decisions_are_neither_calm_nor_false() -> None:
    found = find_alarm([look(23, is_measured=False), look(24), look(25, "scores")], turn=24)
    assert (found.calm, found.false) == (1, 0)


def test_no_alarm_is_said_with_the_days_it_was_waited_for() -> None:
    figure = alarm_figure(find_alarm([look(24, "age"), look(25, "age"), look(26, "age")], turn=24), 1)
    assert figure.value == 60.0
    assert figure.note is not None
    assert "nothing else spoke" in figure.note


def drift(stability: float, shifted: int, level: Level | None, arrears: Arrears | None, reasons: int) -> Drift:
    return Drift(100, stability, tuple((f"f{n}", 1.0) for n in range(shifted)), 20, level, ("said",) * reasons, arrears)


def test_reasons_are_told_apart_by_what_speaks() -> None:
    off, calm = Arrears(1_000, 80, 50.0, 4.0), Arrears(1_000, 50, 50.0, 0.0)
    assert kinds_of(drift(0.1, 2, None, calm, 0)) == []
    assert kinds_of(drift(0.9, 3, Level(100, 20, 8.0, 4.5), off, 4)) == ["scores", "features", "outcomes", "instalments"]
    assert kinds_of(drift(0.1, 0, None, off, 1)) == ["instalments"]
    assert kinds_of(drift(0.9, 0, None, None, 1)) == ["scores"]


def scores(after: float, anew: float, by_all: float) -> dict[str, np.ndarray]:
    """Log-odds of 20 calm and 20 later applications whose truth is 0; scores differ by a constant."""
    person = np.arange(20)
    found = {f"later_{name}": np.full(20, value) for name, value in (("old", after), ("new", anew), ("all", by_all))}
    found |= {"calm_old": np.zeros(20), "calm_truth": np.zeros(20), "later_truth": np.zeros(20)}
    return found | {"calm_person": person, "later_person": person}


def test_both_shares_are_of_the_same_loss() -> None:
    figures = {one.key: one for one in restored_figures(scores(2.0, 1.0, 0.0), MONTHS, OLD, NEW, 1)}
    lost, left = (excess_loss(np.zeros(1), np.array([value])).item() for value in (2.0, 1.0))
    share = figures["model.drift.restored_share"]
    assert share.value == pytest.approx(1 - left / lost)
    assert share.counts == {"before_turn": 20, "judged": 20, "learnt_old": 6, "learnt_new": 60}
    assert figures["model.drift.restored_share.all_known"].value == pytest.approx(1.0)
    assert figures["model.drift.loss"].value == pytest.approx(lost)


def test_a_loss_that_is_none_is_said_and_nothing_is_divided() -> None:
    share = restored_figures(scores(0.0, 0.0, 0.0), MONTHS, OLD, NEW, 1)[0]
    assert (share.value, share.low, share.high) == (0.0, None, None)
    assert share.note is not None
    assert share.note.startswith("nothing is divided: the loss by the turn")


@pytest.mark.parametrize("scale", Scale)
def test_a_model_learns_before_the_turn_and_is_judged_after_the_second_has_learnt(scale: Scale) -> None:
    months: Months = SIZES_OF[scale].months
    assert months.learnt < months.turn < months.watched <= months.anew < SIZES_OF[scale].making.months


def test_the_full_count_is_of_a_medium_economy_with_processes_of_its_own() -> None:
    full = SIZES_OF[Scale.FULL]
    assert (full.making.persons, full.trial.call, full.trial.champion) == (50_000, apart, "average")
