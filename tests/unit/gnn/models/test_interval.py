"""Intervals hold as often as they say, for thin files too; a thinner file's is never narrower."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gnn.models.calibrate import probability
from gnn.models.interval import IntervalRule, Intervals, fit_intervals

RULE = IntervalRule(score_bins=4, thickness=(5, 20))
FACTS = np.array([2, 10, 50])  # of a file in each class
SHARE_OF_CLASS = (0.1, 0.3, 0.6)
OFF_BY_CLASS = np.array([1.0, 0.4, 0.1])  # the thinner the file, the further the model is off
RIGHT = np.zeros(3)
RARE = -4.3  # mean of the log-odds said where 2 % of loans go bad
REPEATS = 120


def drawn(rng: np.random.Generator, n: int, wrong: np.ndarray, mean: float = -2.2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a model says of n loans, what is true, and the class of thickness; `wrong` is how far it is off in each class."""
    place = rng.choice(3, n, p=SHARE_OF_CLASS)
    said = rng.normal(mean, 0.9, n)
    return said, said + wrong[place], place


def outcomes(rng: np.random.Generator, log_odds: np.ndarray) -> np.ndarray:
    return (rng.random(len(log_odds)) < probability(log_odds)).astype(np.int8)


def held_by_cell(loans: int, spread: float, mean: float, repeats: int = REPEATS) -> np.ndarray:
    """How often intervals of so many loans held the share of bad ones to come, by score bin and class of thickness."""
    rng = np.random.default_rng(0)
    held, seen = np.zeros((RULE.score_bins, 3)), np.zeros((RULE.score_bins, 3))
    for _ in range(repeats):
        wrong = rng.normal(0, spread, 3) * OFF_BY_CLASS
        said, true, place = drawn(rng, loans, wrong, mean)
        fitted = fit_intervals(said, outcomes(rng, true), FACTS[place], RULE)
        said, true, place = drawn(rng, 6000, wrong, mean)
        low, high = fitted.bounds(said, FACTS[place])
        score_bin = np.searchsorted(fitted.edges, said, side="right")
        for cell in np.ndindex(held.shape):
            mine = (score_bin == cell[0]) & (place == cell[1])
            seen[cell] += mine.any()
            held[cell] += mine.any() and low[mine].mean() <= probability(true[mine]).mean() <= high[mine].mean()
    return held / seen


@pytest.mark.parametrize("spread", [0.0, 0.6, 1.2])
@pytest.mark.parametrize("loans", [400, 4000])
def test_share_of_bad_loans_to_come_lies_in_the_interval_of_every_cell_as_often_as_it_says(loans, spread):
    held = held_by_cell(loans, spread, -2.2)
    assert held.mean(axis=0).min() >= RULE.coverage - 0.01
    assert held.min() >= RULE.coverage - 0.07  # two standard errors of so many repeats, and a little


@pytest.mark.parametrize("spread", [0.0, 0.6, 1.2])
@pytest.mark.parametrize("loans", [79, 400])
def test_intervals_hold_where_one_loan_in_fifty_goes_bad_and_hardly_any_did(loans, spread):
    held = held_by_cell(loans, spread, RARE)
    assert held.mean(axis=0).min() >= RULE.coverage
    assert held.min() >= 0.84


@pytest.mark.parametrize("loans", [79, 400])
def test_without_a_bad_loan_the_share_may_still_be_higher_than_was_said(loans):
    said, _, place = drawn(np.random.default_rng(6), loans, RIGHT, RARE)
    _, high = fit_intervals(said, np.zeros(loans, np.int8), FACTS[place], RULE).bounds(said, FACTS[place])
    assert np.mean(high > 1.1 * probability(said)) > 0.8


def test_interval_is_no_wider_than_it_has_to_be_where_loans_are_many():
    rng = np.random.default_rng(1)
    said, _, place = drawn(rng, 40_000, RIGHT)
    bad = outcomes(rng, said)
    low, high = fit_intervals(said, bad, FACTS[place], RULE).bounds(np.array([-2.2]), np.array([50]))
    assert 0.01 < high[0] - low[0] < 0.04


def test_thinner_file_never_has_a_narrower_interval_and_the_probability_lies_within():
    rng = np.random.default_rng(2)
    said, true, place = drawn(rng, 900, 0.8 * OFF_BY_CLASS)
    fitted = fit_intervals(said, outcomes(rng, true), FACTS[place], RULE)
    grid = np.linspace(-8, 4, 60)
    ends = [fitted.bounds(grid, np.full(60, facts)) for facts in (0, 2, 10, 50, 10_000)]
    for thin, thick in pairwise(ends):
        assert np.all(thin[0] <= thick[0])
        assert np.all(thin[1] >= thick[1])
    assert all(np.all((low <= probability(grid)) & (probability(grid) <= high)) for low, high in ends)


def test_class_no_loan_spoke_for_has_a_wide_interval():
    rng = np.random.default_rng(3)
    said, _, _ = drawn(rng, 3000, RIGHT)
    fitted = fit_intervals(said, outcomes(rng, said), np.full(3000, 50), RULE)
    (low_thin, low_thick), (high_thin, high_thick) = fitted.bounds(np.array([-2.2, -2.2]), np.array([0, 50]))
    assert high_thin - low_thin > 3 * (high_thick - low_thick)


def test_model_that_says_half_of_what_happens_is_covered_upward():
    rng = np.random.default_rng(4)
    said, _, place = drawn(rng, 8000, RIGHT)
    bad = (rng.random(8000) < np.minimum(2 * probability(said), 1)).astype(np.int8)
    _, high = fit_intervals(said, bad, FACTS[place], RULE).bounds(np.array([-2.2]), np.array([50]))
    assert high[0] > 1.8 * probability(np.array([-2.2]))[0]


def test_intervals_without_any_loan_tell_that_nothing_is_known():
    low, high = fit_intervals(np.empty(0), np.empty(0, np.int8), np.empty(0, np.int64)).bounds(
        np.zeros(1), np.zeros(1, np.int64)
    )
    assert high[0] - low[0] > 0.4


def test_intervals_read_back_bit_for_bit_and_another_shape_is_refused():
    rng = np.random.default_rng(5)
    said, true, place = drawn(rng, 500, 0.5 * OFF_BY_CLASS)
    fitted = fit_intervals(said, outcomes(rng, true), FACTS[place], RULE)
    back = Intervals.from_json(json.loads(json.dumps(fitted.to_json())))
    assert back.to_json() == fitted.to_json()
    for one, other in zip(fitted.bounds(said, FACTS[place]), back.bounds(said, FACTS[place]), strict=True):
        assert one.tobytes() == other.tobytes()
    cut = replace(fitted, low=fitted.low[:, 1:])
    with pytest.raises(ValueError, match="do not fit"):
        Intervals.from_json(cut.to_json())


@pytest.mark.parametrize(
    ("part", "place", "value", "problem"),
    [
        ("low", (0, 0), 0.2, "low <= 0 <= high"),
        ("high", (1, 0), -0.2, "low <= 0 <= high"),
        ("low", (0, 0), float("nan"), "finite"),
        ("high", (1, 2), float("inf"), "finite"),
        ("high", (0, 0), 0.0, "narrower"),
        ("edges", 0, 9.0, "ascend"),
        ("thickness", 0, 5.5, "whole numbers"),
        ("thickness", 0, 30, "whole numbers"),
    ],
)
def test_stored_intervals_that_are_none_are_refused(part, place, value, problem):
    said, true, cell = drawn(np.random.default_rng(7), 500, 0.5 * OFF_BY_CLASS)
    told = fit_intervals(said, outcomes(np.random.default_rng(8), true), FACTS[cell], RULE).to_json()
    target, at = (told[part], place) if isinstance(place, int) else (told[part][place[0]], place[1])
    target[at] = value
    with pytest.raises(ValueError, match=problem):
        Intervals.from_json(told)


@pytest.mark.parametrize("wrong", [{"coverage": 1.0}, {"prior_loans": 0.0}, {"thickness": (20, 5)}, {"score_bins": 0}])
def test_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"no interval|must ascend"):
        IntervalRule(**wrong)
