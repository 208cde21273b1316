"""Cells of later loans beside their intervals: counted by thickness of file, and luck told from refutation."""

import json

import numpy as np
import pytest

from gnn.evaluation.coverage import ClassCoverage, measure_coverage
from gnn.models.calibrate import probability
from gnn.models.interval import IntervalRule, Intervals, fit_intervals

RULE = IntervalRule(score_bins=4, thickness=(5, 20))
FACTS = np.array([2, 10, 50])


def loans(seed: int, n: int, off: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is said of n loans, own facts, and outcomes, where the truth is `off` by class of thickness."""
    rng = np.random.default_rng(seed)
    place = rng.choice(3, n)
    said = rng.normal(-2.0, 0.9, n)
    return said, FACTS[place], (rng.random(n) < probability(said + np.array(off)[place])).astype(np.int8)


@pytest.fixture(scope="module")
def intervals() -> Intervals:
    said, facts, bad = loans(0, 6000)
    return fit_intervals(said, bad, facts, RULE)


def test_every_loan_is_counted_in_the_class_of_its_file(intervals: Intervals) -> None:
    said, facts, bad = loans(1, 3000)
    found = measure_coverage(intervals, said, facts, bad)
    assert [one.words for one in found] == ["0 to 4", "5 to 19", "20 or more"]
    assert [one.loans for one in found] == [int((facts == own).sum()) for own in FACTS]
    assert [one.bad for one in found] == [int(bad[facts == own].sum()) for own in FACTS]
    assert [one.cells for one in found] == [RULE.score_bins] * 3


def test_world_as_it_was_refutes_hardly_any_cell_and_most_hold(intervals: Intervals) -> None:
    found = [one for seed in range(20) for one in measure_coverage(intervals, *loans(seed + 10, 6000))]
    cells = sum(one.cells for one in found)
    assert sum(one.held for one in found) > 0.75 * cells
    assert sum(one.refuted for one in found) < 0.05 * cells


def test_thin_files_that_go_bad_more_often_refute_the_cells_of_thin_files_alone(intervals: Intervals) -> None:
    thin, middle, thick = measure_coverage(intervals, *loans(2, 6000, (1.5, 0.0, 0.0)))
    assert (thin.held, thin.refuted) == (0, 4)
    assert middle.refuted + thick.refuted <= 1


def test_cell_of_few_loans_may_miss_its_interval_by_luck_alone(intervals: Intervals) -> None:
    found = measure_coverage(intervals, np.full(3, -2.0), np.full(3, 50), np.zeros(3, np.int8))
    assert [(one.cells, one.held, one.refuted) for one in found] == [(0, 0, 0), (0, 0, 0), (1, 0, 0)]


def test_no_loans_give_no_cells(intervals: Intervals) -> None:
    found = measure_coverage(intervals, np.empty(0), np.empty(0, np.int64), np.empty(0, np.int8))
    assert [(one.loans, one.cells) for one in found] == [(0, 0)] * 3


def test_coverage_reads_back_from_plain_values(intervals: Intervals) -> None:
    found = measure_coverage(intervals, *loans(3, 500))
    told = json.loads(json.dumps([one.to_json() for one in found]))
    assert tuple(ClassCoverage.from_json(one) for one in told) == found
