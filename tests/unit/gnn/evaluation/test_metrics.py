"""Metrics against numbers worked out by hand, and what they say when there is nothing to say."""

import math

import numpy as np
import pytest

from gnn.evaluation.metrics import (
    auc,
    average_precision,
    bootstrap_interval,
    brier,
    calibration_slope,
    expected_calibration_error,
    ks,
)
from gnn.models.calibrate import probability

LABEL = np.array([1, 0, 1, 0, 0], np.int8)
SCORE = np.array([2.0, 1.0, 1.0, 0.0, -1.0])


def test_auc_counts_pairs_with_ties_half():
    # Bad 2.0 beats all three goods; bad 1.0 ties one and beats two: (3 + 2.5) / 6.
    assert auc(LABEL, SCORE) == pytest.approx(5.5 / 6)


def test_auc_of_reversed_scores_is_its_complement():
    assert auc(LABEL, -SCORE) == pytest.approx(1 - 5.5 / 6)


def test_average_precision_takes_all_of_a_tie_or_none():
    # The first bad one at precision 1, the second with its tie at 2 of 3: half each.
    assert average_precision(LABEL, SCORE) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_average_precision_of_equal_scores_is_the_share_of_bad_ones():
    assert average_precision(LABEL, np.zeros(5)) == pytest.approx(2 / 5)


def test_average_precision_knows_the_best_order_and_needs_a_bad_one():
    assert average_precision(LABEL, LABEL.astype(np.float64)) == 1.0
    assert average_precision(np.ones(3, np.int8), np.arange(3.0)) == 1.0
    assert math.isnan(average_precision(np.zeros(3, np.int8), np.arange(3.0)))


def test_ks_takes_all_of_a_tie_or_none():
    # Above 2.0: 1/2 - 0; above 1.0 (both of the tie): 2/2 - 1/3; above 0.0: 1 - 2/3.
    assert ks(LABEL, SCORE) == pytest.approx(2 / 3)


def test_ks_is_zero_where_all_score_alike():
    assert ks(LABEL, np.zeros(5)) == 0.0


@pytest.mark.parametrize("metric", [auc, ks])
@pytest.mark.parametrize("outcome", [0, 1])
def test_ranking_of_one_outcome_is_not_a_number(metric, outcome):
    assert math.isnan(metric(np.full(3, outcome, np.int8), np.arange(3.0)))


def test_probability_of_extreme_log_odds_neither_overflows_nor_warns():
    assert probability(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]


def test_brier_is_the_mean_squared_error_of_probabilities():
    even, three_to_one = 0.0, math.log(3)
    assert brier(np.array([0, 1], np.int8), np.array([even, three_to_one])) == pytest.approx((0.25 + 0.0625) / 2)


def test_calibration_error_weighs_bins_of_equal_count():
    # Two bins of two: stated 0.5 and 0.5, gone bad 1 of 2 (gap 0); stated 0.75 twice, gone bad 2 of 2 (gap 0.25).
    score = np.array([0.0, 0.0, math.log(3), math.log(3)])
    assert expected_calibration_error(np.array([0, 1, 1, 1], np.int8), score, bins=2) == pytest.approx(0.125)


def test_calibration_error_does_not_cancel_between_bins():
    score = np.array([0.0, 0.0])
    label = np.array([0, 1], np.int8)
    assert expected_calibration_error(label, score, bins=1) == pytest.approx(0.0)
    assert expected_calibration_error(label, score, bins=2) == pytest.approx(0.5)


def test_bootstrap_draws_persons_with_all_their_examples():
    persons = np.array([7, 7, 7, 9])
    seen = set()

    def measure(places):
        seen.add(tuple(np.bincount(places, minlength=4).tolist()))
        return float(len(places))

    interval = bootstrap_interval(measure, persons, draws=50, seed=0)
    assert interval.value == 4.0
    assert seen == {(1, 1, 1, 1), (2, 2, 2, 0), (0, 0, 0, 2)}


def test_bootstrap_leaves_out_draws_without_an_answer():
    persons = np.arange(2)
    label = np.array([0, 1], np.int8)
    interval = bootstrap_interval(lambda places: auc(label[places], places.astype(float)), persons, draws=40, seed=0)
    assert (interval.value, interval.low, interval.high) == (1.0, 1.0, 1.0)


def test_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).normal(size=50)
    first, second = (bootstrap_interval(lambda at: values[at].mean(), np.arange(50), draws=30, seed=3) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high


def test_slope_of_scores_that_hold_is_one():
    # Of four loans at even odds two are bad, of four at one to three one: both shares are what the odds say.
    score = np.repeat([0.0, -np.log(3.0)], 4)
    label = np.array([1, 1, 0, 0, 1, 0, 0, 0], np.int8)
    assert calibration_slope(label, score) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("factor", "shift"), [(2.0, 0.0), (0.25, 3.0), (30.0, -200.0)])
def test_slope_undoes_a_spread_and_ignores_a_shift(factor, shift):
    score = np.repeat([0.0, -np.log(3.0)], 4)
    label = np.array([1, 1, 0, 0, 1, 0, 0, 0], np.int8)
    assert calibration_slope(label, score * factor + shift) == pytest.approx(1 / factor, rel=1e-6)


@pytest.mark.parametrize(
    ("label", "score"),
    [([1, 1], [0.0, 1.0]), ([0, 0], [0.0, 1.0]), ([0, 1], [0.0, 1.0]), ([1, 0], [0.0, 1.0]), ([0, 1, 1], [2.0, 2.0, 2.0])],
    ids=["all bad", "all good", "parted", "parted backwards", "all alike"],
)
def test_slope_that_no_data_can_fix_is_not_a_number(label, score):
    assert math.isnan(calibration_slope(np.array(label, np.int8), np.array(score)))
