"""The calibrator recovers what distorted the odds, and stays sober where there is little to learn from."""

import numpy as np
import pytest

from gnn.models.calibrate import Calibrator, fit_calibrator, probability


def test_known_slope_and_shift_are_recovered():
    generator = np.random.default_rng(1)
    log_odds = generator.normal(size=40_000)
    label = (generator.random(40_000) < probability(0.6 * log_odds - 1.0)).astype(np.int8)
    found = fit_calibrator(log_odds, label)
    assert found.slope == pytest.approx(0.6, abs=0.04)
    assert found.intercept == pytest.approx(-1.0, abs=0.04)


def test_calibrated_probabilities_average_to_the_share_gone_bad():
    generator = np.random.default_rng(2)
    log_odds = generator.normal(2.0, 1.0, size=5_000)
    label = (generator.random(5_000) < 0.1).astype(np.int8)
    assert probability(fit_calibrator(log_odds, label).apply(log_odds)).mean() == pytest.approx(label.mean(), abs=0.005)


def test_no_examples_leave_the_odds_as_they_are():
    assert fit_calibrator(np.empty(0), np.empty(0, np.int8)) == Calibrator(1.0, 0.0)


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_outcome_only_moves_the_level_and_stays_finite(outcome):
    found = fit_calibrator(np.linspace(-1, 1, 20), np.full(20, outcome, np.int8))
    assert np.isfinite([found.slope, found.intercept]).all()
    assert (found.intercept > 0) == bool(outcome)


def test_a_handful_of_separated_loans_does_not_run_away():
    found = fit_calibrator(np.array([-0.1, -0.2, 0.1, 0.2]), np.array([0, 0, 1, 1], np.int8))
    assert 0.5 < found.slope < 2.0


def test_extreme_log_odds_do_not_overflow():
    found = fit_calibrator(np.array([-1e4, 1e4, 1e4]), np.array([0, 1, 1], np.int8))
    assert np.isfinite([found.slope, found.intercept]).all()
