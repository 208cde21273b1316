"""Excess loss and the share restored, against numbers worked out by hand."""

import numpy as np
import pytest

from benchmarks.model.restored import excess_loss, measure_restored


def log_odds(*chances: float) -> np.ndarray:
    chance = np.array(chances)
    return np.log(chance / (1 - chance))


def test_the_truth_itself_has_no_excess() -> None:
    truth = log_odds(0.02, 0.3, 0.9)
    assert excess_loss(truth, truth) == pytest.approx(np.zeros(3))


def test_excess_is_the_divergence_of_the_score_from_the_truth() -> None:
    by_hand = 0.2 * np.log(0.2 / 0.1) + 0.8 * np.log(0.8 / 0.9)
    assert excess_loss(log_odds(0.2), log_odds(0.1)) == pytest.approx([by_hand])


def test_the_share_is_what_is_won_back_of_what_was_lost() -> None:
    calm, person = np.full(50, 0.01), np.arange(50)
    found = measure_restored((calm, person), (np.full(40, 0.05), np.full(40, 0.02), np.arange(40)), draws=20)
    assert (found.calm.value, found.after.value, found.anew.value) == pytest.approx((0.01, 0.05, 0.02))
    assert found.loss.value == pytest.approx(0.04)
    assert found.share is not None
    assert (found.share.value, found.share.low, found.share.high) == pytest.approx((0.75, 0.75, 0.75))


def test_what_is_not_surely_lost_is_not_divided_by() -> None:
    draw = np.random.default_rng(0)
    calm, after = draw.normal(0.05, 0.02, 60), draw.normal(0.05, 0.02, 60)
    found = measure_restored((calm, np.arange(60)), (after, after - 0.01, np.arange(60, 120)), draws=200)
    assert found.loss.low <= 0 <= found.loss.high
    assert found.share is None


def test_a_person_brings_the_applications_of_both_periods() -> None:
    # One person's calm loans are dear and so are the later ones: drawn together, the loss is the same in every draw.
    level = np.array([0.0, 1.0, 5.0])
    found = measure_restored((level, np.arange(3)), (level + 0.5, level + 0.1, np.arange(3)), draws=50)
    assert (found.loss.low, found.loss.high) == pytest.approx((0.5, 0.5))
    assert found.share is not None
    assert (found.share.low, found.share.high) == pytest.approx((0.8, 0.8))


def test_a_period_without_applications_is_refused() -> None:
    none = np.empty(0)
    with pytest.raises(ValueError, match="0 applications before"):
        measure_restored((none, none.astype(np.int64)), (np.ones(2), np.ones(2), np.arange(2)), draws=5)
