"""What scores earn at a lender's own costs: the best cut-off is chosen on one period and its profit told on a later one.

Interest and losses are shares of the amount lent, over the whole life of a loan, not discounted. Nothing here knows what
became of loans that the lender refused in truth: profits are of approving and refusing among loans that were granted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.evaluation.cutoffs import APPROVE_ALL, APPROVE_NONE, approved
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED
from gnn.evaluation.metrics import Interval, bootstrap_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """What a lender declares.

    `loss_given_default` is the share of the amount lost on a loan that goes bad, after recoveries; `margin` the share of the
    amount earned on one that goes well, after funding and running costs; `refusal_minor` what a refused application costs, in
    minor units of the loans' currency, such as what it cost to win the applicant.

    Raises:
        ValueError: a cost is below 0, or more is lost than was lent.
    """

    loss_given_default: float
    margin: float
    refusal_minor: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.loss_given_default <= 1:
            raise ValueError(f"the loss given default is a share in [0, 1], not {self.loss_given_default}")
        if not self.margin >= 0 or not self.refusal_minor >= 0:
            raise ValueError(f"margin {self.margin} and cost of refusal {self.refusal_minor} must not be below 0")

    def break_even(self, amount_minor: float) -> float:
        """Probability of going bad at which a loan of this amount earns as little as refusing it.

        Raises:
            ValueError: approving and refusing earn the same whatever happens.
        """
        at_stake = (self.margin + self.loss_given_default) * amount_minor
        if at_stake <= 0:
            raise ValueError("without margin and loss given default, or of no amount, no probability breaks even")
        return min((self.margin * amount_minor + self.refusal_minor) / at_stake, 1.0)


@dataclass(frozen=True)
class Book:
    """Scored loans: `label` int8 [n], `log_odds` float64 [n], `amount_minor` int64 [n] of one currency, `person` int64 [n]."""

    label: NDArray[np.int8]
    log_odds: Floats
    amount_minor: NDArray[np.int64]
    person: NDArray[np.int64]


@dataclass(frozen=True)
class Profit:
    """Profit of a mean application at the cut-off chosen beforehand, minor units.

    `over_all` is what it is above that of approving everyone; `approved_share` is of all applications, `bad_share` of those
    approved (NaN for none).
    """

    cutoff: float
    per_application: Interval
    over_all: Interval
    approved_share: float
    bad_share: float
    examples: int


def earned(costs: Costs, label: NDArray[np.int8], amount_minor: NDArray[np.int64], approve: NDArray[np.bool_]) -> Floats:
    """What each application earns, float64 [n] minor units; below 0 for a loss."""
    lent = np.where(label == 1, -costs.loss_given_default, costs.margin) * amount_minor
    return np.where(approve, lent, -costs.refusal_minor)


def best_cutoff(costs: Costs, book: Book) -> float:
    """The cut-off of highest profit; of several the lowest, which lends least.

    Returns:
        One of the scores, `APPROVE_NONE`, or `APPROVE_ALL` where even the riskiest loan pays.
    """
    if not len(book.label):
        raise ValueError("a cut-off cannot be chosen on no loans")
    every = np.ones(len(book.label), np.bool_)
    # From approving none, each loan approved in order of its score adds what it earns above being refused.
    added = earned(costs, book.label, book.amount_minor, every) + costs.refusal_minor
    order = np.argsort(book.log_odds, kind="stable")
    scores = book.log_odds[order]
    ends = np.flatnonzero(np.append(np.diff(scores) != 0, True))
    totals = np.concatenate([[0.0], np.cumsum(added[order])[ends]])
    best = int(totals.argmax())
    if best == 0:
        return APPROVE_NONE
    return APPROVE_ALL if best == len(ends) else float(scores[ends[best - 1]])


def measure_profit(costs: Costs, chosen_on: Book, judged_on: Book) -> Profit:
    """Profit on a later period at the cut-off that was best on an earlier one, with intervals over resampled persons."""
    cutoff = best_cutoff(costs, chosen_on)
    mine, all_approved = _earned_at(costs, judged_on, cutoff), _earned_at(costs, judged_on, APPROVE_ALL)
    approve = approved(judged_on.log_odds, cutoff)
    return Profit(
        cutoff,
        _mean(mine, judged_on),
        _mean(mine - all_approved, judged_on),
        float(approve.mean()),
        float(judged_on.label[approve].mean()) if approve.any() else float("nan"),
        len(approve),
    )


def compare_profit(costs: Costs, one: tuple[Book, Book], other: tuple[Book, Book]) -> Interval:
    """What the scores of `one` earn above those of `other`, of a mean application, each at its own best cut-off.

    Args:
        costs: The lender's.
        one: Books chosen and judged on, with one model's scores.
        other: The same loans with another model's.

    Raises:
        ValueError: the loans judged are not the same.
    """
    first, second = one[1], other[1]
    for name in ("label", "amount_minor", "person"):
        if not np.array_equal(getattr(first, name), getattr(second, name)):
            raise ValueError(f"profits can be compared on the same loans alone; {name} differs")
    gap = _earned_at(costs, first, best_cutoff(costs, one[0])) - _earned_at(costs, second, best_cutoff(costs, other[0]))
    return _mean(gap, first)


def _earned_at(costs: Costs, book: Book, cutoff: float) -> Floats:
    return earned(costs, book.label, book.amount_minor, approved(book.log_odds, cutoff))


def _mean(values: Floats, book: Book) -> Interval:
    return bootstrap_interval(
        lambda places: float(values[places].mean()), book.person, draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED
    )
