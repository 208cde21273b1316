"""Gaps, months and headlines of economies whose answers are known by hand."""

import json
import math

import numpy as np
import pytest

from benchmarks.model.drawn import Drawn
from benchmarks.model.figures import sandbox_figures
from benchmarks.model.judged import Judged
from benchmarks.model.measured import Measured, measure
from benchmarks.model.roster import Roster
from gnn.evaluation.slices import MonthError

ROSTER = Roster((("lightgbm", "peers", "champion", "control"),), "champion", ("lightgbm", "peers"), "control")
MONTHS = (MonthError("2024-05", 900, 50, 0.012, 0.010), MonthError("2024-06", 800, 40, 0.018, 0.004))
OTHERS = {"lightgbm": 0.70, "control": 0.73, "truth": 0.90}


def drawn(value: float, spread: float = 0.001) -> Drawn:
    return Drawn(value, value + spread * np.linspace(-1, 1, 101))


def economy(champion: float, peers: float = 0.72, slope: float = 1.0, months: tuple[MonthError, ...] = MONTHS) -> Measured:
    values = {"champion": champion, "peers": peers} | OTHERS
    return Measured({name: drawn(value) for name, value in values.items()}, drawn(slope, 0.01), months, 25_000, 1_500, 20_000)


def test_gaps_begin_at_own_history_and_end_at_the_truth() -> None:
    one = economy(0.75)
    assert one.gap_closed("champion").value == pytest.approx(0.25)
    assert one.gap_closed("peers").value == pytest.approx(0.10)
    assert one.gap_margin(ROSTER) == pytest.approx(0.25 - 1.3 * 0.10)


def test_the_best_trees_are_found_on_the_test_and_trees_alone_count() -> None:
    assert economy(0.75).best_tree(ROSTER) == "peers"
    assert economy(0.75, peers=0.69).best_tree(ROSTER) == "lightgbm"


def test_where_the_trees_close_nothing_the_champion_has_to_close_something() -> None:
    assert economy(0.71, peers=0.69).gap_margin(ROSTER) == pytest.approx(0.05)
    assert economy(0.69, peers=0.68).gap_margin(ROSTER) < 0


def test_the_worst_month_is_the_one_furthest_above_the_truth_and_not_the_one_of_largest_error() -> None:
    noisy = MonthError("2024-07", 30, 2, 0.050, 0.049)
    assert economy(0.75, months=(*MONTHS, noisy)).worst_month.month == "2024-06"


def test_headlines_are_those_of_the_fourth_best_economy_and_say_which() -> None:
    champions = {101: 0.760, 102: 0.726, 103: 0.750, 104: 0.727, 105: 0.740}
    slopes = {101: 1.00, 102: 0.90, 103: 1.02, 104: 0.80, 105: 1.01}
    found = {f.key: f for f in sandbox_figures({s: economy(champions[s], slope=slopes[s]) for s in champions}, ROSTER)}
    over_tree = found["model.sandbox.champion_minus_best_tree"]
    assert (over_tree.seed, over_tree.value) == (104, pytest.approx(0.007))
    assert over_tree.counts["keeping_bar"] == 5
    assert over_tree.note.startswith("economy 104, number 4 of 5; champion less peers")
    over_control = found["model.sandbox.champion_minus_control"]
    assert (over_control.seed, over_control.counts["keeping_bar"]) == (104, 3)
    slope = found["model.sandbox.calibration_slope"]
    assert (slope.seed, slope.counts["keeping_bar"]) == (102, 3)
    assert found["model.sandbox.auc.champion"].value == pytest.approx(np.mean(list(champions.values())))
    gap, trees = found["model.sandbox.gap_closed.champion"], found["model.sandbox.gap_closed.best_tree"]
    assert (gap.seed, trees.seed) == (104, 104)
    assert gap.rival == pytest.approx(1.3 * trees.value)
    assert gap.counts["keeping_bar"] == 5


def test_the_auc_of_the_champion_is_told_under_that_name_too() -> None:
    roster = Roster((("lightgbm", "peers"),), "peers", ("lightgbm",))
    found = {figure.key: figure for figure in sandbox_figures({101: economy(0.75)}, roster)}
    champion, model = (found[f"model.sandbox.auc.{name}"] for name in ("champion", "peers"))
    assert (champion.value, champion.low, champion.high) == (model.value, model.low, model.high)
    assert champion.note.startswith("peers, named beforehand;")


def test_the_headline_of_the_months_is_the_fourth_lowest_excess() -> None:
    excesses = {101: 0.002, 102: 0.02, 103: 0.004, 104: 0.012, 105: 0.003}
    by_seed = {s: economy(0.75, months=(MonthError("2024-05", 9, 1, 0.01 + e, 0.01),)) for s, e in excesses.items()}
    found = {figure.key: figure for figure in sandbox_figures(by_seed, ROSTER)}["model.sandbox.calibration_error"]
    assert (found.seed, found.value, found.counts["keeping_bar"]) == (104, pytest.approx(0.012), 3)


def test_without_a_control_nothing_is_said_of_one() -> None:
    roster = Roster((("lightgbm", "champion"),), "champion", ("lightgbm",))
    keys = [figure.key for figure in sandbox_figures({101: economy(0.75)}, roster)]
    assert not [key for key in keys if "control" in key and "auc" not in key]


def test_the_truth_itself_has_no_error_above_its_own_and_measures_survive_being_kept() -> None:
    generator = np.random.default_rng(0)
    truth = generator.normal(-2, 1, 4_000)
    label = (generator.random(4_000) < 1 / (1 + np.exp(-truth))).astype(np.int8)
    when = np.repeat(1_717_200_000 + np.arange(4) * 2_629_746, 1_000)
    person = np.arange(4_000) // 2
    judged = Judged(label, person, person % 5 < 2, when, np.ones(4_000, np.int64), truth)
    one = measure(judged, {"champion": truth, "flat": truth / 2}, "champion", learnt=1, seed=101, draws=20)
    assert {month.excess for month in one.months} == {0.0}
    assert one.slope.interval.low < 1 < one.slope.interval.high
    again = Measured.from_json(json.loads(json.dumps(one.to_json())))
    assert again.months == one.months
    assert again.auc["truth"].interval == one.auc["truth"].interval
    halved = measure(judged, {"champion": truth / 2}, "champion", learnt=1, seed=101, draws=20)
    assert halved.slope.value == pytest.approx(2 * one.slope.value)
    assert not math.isnan(halved.worst_month.excess)
    assert halved.worst_month.excess > 0.01
