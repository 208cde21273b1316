"""Cut-offs and profits worked out by hand; the cut-off comes from one period and the profit from another."""

import numpy as np
import pytest

from gnn.evaluation import profit
from gnn.evaluation.cutoffs import APPROVE_ALL, APPROVE_NONE, approved, cutoff_approving
from gnn.evaluation.profit import Book, Costs, best_cutoff, compare_profit, earned, measure_profit

COSTS = Costs(loss_given_default=0.5, margin=0.1, refusal_minor=2.0)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profit, "BOOTSTRAP_DRAWS", 100)


def _book(label: list[int], log_odds: list[float], amount: int = 100) -> Book:
    n = len(label)
    return Book(np.array(label, np.int8), np.array(log_odds), np.full(n, amount), np.arange(n))


@pytest.mark.parametrize(
    ("scores", "share", "expected"),
    [
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 0.74, 2.0),
        ([1.0, 2.0, 2.0, 2.0], 0.5, 1.0),  # a tie is approved as a whole or not at all
        ([2.0, 2.0], 0.5, APPROVE_NONE),
        ([1.0, 2.0], 1.0, 2.0),
        ([1.0, 2.0], 0.0, APPROVE_NONE),
        ([], 0.7, APPROVE_NONE),
    ],
)
def test_cutoff_approves_no_more_than_the_share(scores: list[float], share: float, expected: float):
    assert cutoff_approving(np.array(scores), share) == expected
    assert approved(np.array(scores), expected).mean() <= share if scores else True


def test_cutoff_counts_shares_that_floats_cannot_hold():
    assert cutoff_approving(np.arange(100.0), 0.29) == 28.0


def test_share_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        cutoff_approving(np.zeros(3), 1.1)


def test_each_application_earns_margin_or_loss_and_a_refused_one_costs():
    book = _book([0, 1, 0], [0.0, 0.0, 9.0])
    assert earned(COSTS, book.label, book.amount_minor, np.array([True, True, False])).tolist() == [10.0, -50.0, -2.0]


def test_best_cutoff_is_that_of_highest_profit():
    # Approving one after the other earns 10, 20, 30 + ..., then -50; what comes after it does not make up for that.
    assert best_cutoff(COSTS, _book([0, 0, 0, 1, 0], [1.0, 2.0, 3.0, 4.0, 5.0])) == 3.0
    assert best_cutoff(COSTS, _book([0, 1] + [0] * 6, [1, 2, 3, 4, 5, 6, 7, 8])) == APPROVE_ALL
    assert best_cutoff(COSTS, _book([1, 1], [1.0, 2.0])) == APPROVE_NONE


def test_best_cutoff_cannot_part_a_tie():
    assert best_cutoff(COSTS, _book([0, 0, 1], [1.0, 2.0, 2.0])) == 1.0


def test_of_equal_profits_the_least_is_lent():
    free = Costs(loss_given_default=0.5, margin=0.0)
    assert best_cutoff(free, _book([0, 0], [1.0, 2.0])) == APPROVE_NONE


def test_amounts_weigh():
    book = Book(np.array([0, 1], np.int8), np.array([2.0, 1.0]), np.array([10_000, 100]), np.arange(2))
    assert best_cutoff(COSTS, book) == APPROVE_ALL


def test_profit_is_of_the_later_period_at_the_earlier_cutoff():
    earlier = _book([0, 0, 1], [1.0, 2.0, 3.0])
    later = _book([0, 1, 0, 1], [1.5, 2.0, 2.5, 9.0])
    found = measure_profit(COSTS, earlier, later)
    assert found.cutoff == 2.0
    assert found.per_application.value == pytest.approx((10 - 50 - 2 - 2) / 4)
    assert found.over_all.value == pytest.approx((10 - 50 - 2 - 2) / 4 - (10 - 50 + 10 - 50) / 4)
    assert (found.approved_share, found.bad_share, found.examples) == (0.5, 0.5, 4)
    assert found.per_application.low <= found.per_application.value <= found.per_application.high


def test_profit_of_refusing_everyone_has_no_share_of_bad_loans():
    found = measure_profit(COSTS, _book([1, 1], [1.0, 2.0]), _book([0, 1], [1.0, 2.0]))
    assert np.isnan(found.bad_share)
    assert (found.per_application.low, found.per_application.high) == (-2.0, -2.0)


def test_models_are_compared_on_the_same_loans_alone():
    earlier, later = _book([0, 0, 1], [1.0, 2.0, 3.0]), _book([0, 1], [1.0, 9.0])
    worse = _book([0, 1], [1.0, 2.0])
    assert compare_profit(COSTS, (earlier, later), (earlier, worse)).value == pytest.approx((-2 + 50) / 2)
    with pytest.raises(ValueError, match="label differs"):
        compare_profit(COSTS, (earlier, later), (earlier, _book([1, 1], [1.0, 9.0])))


def test_break_even_weighs_both_outcomes():
    assert Costs(0.5, 0.1).break_even(100) == pytest.approx(0.1 / 0.6)
    assert COSTS.break_even(100) == pytest.approx(12 / 60)
    assert Costs(0.5, 0.1, refusal_minor=1e9).break_even(100) == 1.0


@pytest.mark.parametrize(("lost", "margin", "refusal"), [(1.1, 0.1, 0), (-0.1, 0.1, 0), (0.5, -0.1, 0), (0.5, 0.1, -1)])
def test_impossible_costs_are_refused(lost: float, margin: float, refusal: float):
    with pytest.raises(ValueError, match=r"must not|share in"):
        Costs(lost, margin, refusal)
