import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnn.scores import ANCHOR_POINTS, HIGHEST_SCORE, LOWEST_SCORE, POINTS_TO_DOUBLE, points, probability


@pytest.mark.parametrize(
    ("good_to_one_bad", "score"),
    [(20, ANCHOR_POINTS), (40, ANCHOR_POINTS + POINTS_TO_DOUBLE), (10, 620), (1, 487), (1e9, 850), (1e-9, 300)],
)
def test_score_follows_the_odds_as_worked_out_by_hand(good_to_one_bad: float, score: int) -> None:
    assert points(-math.log(good_to_one_bad)) == score


@given(st.floats(-60, 60), st.floats(0, 20))
def test_score_never_rises_with_the_probability_of_default(log_odds: float, more: float) -> None:
    assert probability(log_odds) <= probability(log_odds + more)
    assert points(log_odds) >= points(log_odds + more)


@given(st.floats(-1e6, 1e6))
def test_score_and_probability_stay_in_their_ranges(log_odds: float) -> None:
    assert LOWEST_SCORE <= points(log_odds) <= HIGHEST_SCORE
    assert 0.0 <= probability(log_odds) <= 1.0


@pytest.mark.parametrize(("log_odds", "expected"), [(0.0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25)])
def test_probability_is_the_logistic_of_the_log_odds(log_odds: float, expected: float) -> None:
    assert probability(log_odds) == pytest.approx(expected)
