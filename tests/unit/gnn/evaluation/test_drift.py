"""Drift figures against numbers worked out by hand, and bounds that samples of one population stay under."""

import numpy as np
import pytest

from gnn.evaluation.drift import (
    LEAST_SHARE,
    Level,
    calibration_in_the_large,
    chance_bound,
    population_stability,
)


def test_stability_of_two_halves_by_hand() -> None:
    reference = np.array([0.0, 1.0])
    latest = np.array([0.0, 0.0, 0.0, 1.0])
    # Two bins of 1/2 and 1/2 become 3/4 and 1/4; missing values have the smallest share in both.
    by_hand = 0.25 * np.log(1.5) - 0.25 * np.log(0.5)
    assert population_stability(reference, latest, bins=2) == pytest.approx(by_hand)


def test_the_same_values_have_not_shifted() -> None:
    values = np.random.default_rng(1).normal(size=500)
    assert population_stability(values, values[::-1]) == pytest.approx(0.0)


def test_values_that_go_missing_are_a_shift() -> None:
    values = np.arange(100.0)
    half = np.where(values % 2 == 0, values, np.nan)
    by_hand = (0.5 - LEAST_SHARE) * np.log(0.5 / LEAST_SHARE) + 10 * (0.05 - 0.1) * np.log(0.5)
    assert population_stability(values, half) == pytest.approx(by_hand)


def test_a_column_without_any_value_is_no_shift() -> None:
    nothing = np.full(10, np.nan)
    assert population_stability(nothing, nothing) == pytest.approx(0.0)


def test_samples_of_one_population_stay_under_the_bound_of_chance() -> None:
    draw = np.random.default_rng(5)
    bound = chance_bound(400, 200)
    found = [population_stability(draw.normal(size=400), draw.normal(size=200)) for _ in range(200)]
    assert sum(value > bound for value in found) <= 2
    assert population_stability(draw.normal(size=400), draw.normal(1.0, size=200)) > bound


def test_calibration_in_the_large_by_hand() -> None:
    level = calibration_in_the_large(np.array([1, 1, 1, 0], np.int8), np.zeros(4))
    assert (level.loans, level.bad, level.expected, level.deviations) == (4, 3, 2.0, 1.0)


@pytest.mark.parametrize(
    ("bad", "expected", "deviations", "off"),
    [(200, 100.0, 10.5, True), (50, 100.0, -5.2, True), (110, 100.0, 4.0, False), (4, 2.0, 1.5, False)],
)
def test_a_gap_counts_when_it_is_sure_and_worth_it(bad: int, expected: float, deviations: float, off: bool) -> None:
    assert Level(1000, bad, expected, deviations).is_off is off
