"""How far a probability may be off for loans like this one.

Loans of the calibration period are sorted by score and by thickness of file: how many facts are the subject's own. In each
cell the share of bad loans has a posterior (beta-binomial, on Jeffreys' prior), drawn towards that of its score bin as a
whole, and the interval is how far its quantiles lie from what the model said, in log-odds; so it is wide where loans were
few, where none went bad, and where the model was wrong about them. A thinner file never has a narrower one. It holds for the
*share of bad loans among loans of the same cell*: of one loan's own chance the outcomes, each seen once, cannot say more.
Knows no model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from gnn.models.calibrate import log_odds_of, probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
INTERVAL_FORMAT = 1  # raise when the fields of stored intervals change
JEFFREYS = 0.5  # loans of either kind that a cell counts as seen: where none went bad, the share need not be 0
LEAST_CHANCE = 1e-4  # no quantile is taken to lie nearer to 0 or to 1


@dataclass(frozen=True)
class IntervalRule:
    """What is chosen, not learnt.

    `coverage`: how often the interval should hold. `score_bins`: of about equal size. `thickness`: least own facts of every
    class but the thinnest, ascending. `prior_loans`: how many loans the prior of a cell, or of a score bin, weighs; with
    10 the intervals of thin files held too seldom in simulations where the model was far off about them.
    """

    coverage: float = 0.90
    score_bins: int = 5
    thickness: tuple[int, ...] = (5, 20, 80)
    prior_loans: float = 4.0

    def __post_init__(self) -> None:
        if not (0 < self.coverage < 1 and self.score_bins >= 1 and self.prior_loans > 0):
            raise ValueError(f"no interval can be made with {self}")
        if any(type(least) is not int for least in self.thickness) or list(self.thickness) != sorted(set(self.thickness)):
            raise ValueError(f"classes of thickness must ascend as whole numbers, these do not: {self.thickness}")


@dataclass(frozen=True)
class Intervals:
    """What to add to log-odds for either end: `low` <= 0 <= `high`, float64 [score bins, classes of thickness].

    `edges`: log-odds between score bins, ascending, float64 [score bins - 1].
    """

    rule: IntervalRule
    edges: Floats
    low: Floats
    high: Floats

    def bounds(self, log_odds: Floats, own_facts: Ints) -> tuple[Floats, Floats]:
        """Ends of the interval of the probability of going bad, float64 [n] each, with the probability between them."""
        low, high = self.ends(log_odds, own_facts)
        return probability(low), probability(high)

    def ends(self, log_odds: Floats, own_facts: Ints) -> tuple[Floats, Floats]:
        """The same ends as log-odds, float64 [n] each; row by row the same in any company.

        Args:
            log_odds: calibrated, float64 [n].
            own_facts: int64 [n].
        """
        cell = self.cells(log_odds, own_facts)
        return log_odds + self.low[cell], log_odds + self.high[cell]

    def cells(self, log_odds: Floats, own_facts: Ints) -> tuple[Ints, Ints]:
        """Score bin and class of thickness, ascending, int64 [n] each."""
        return _place(self.edges, log_odds), _place(self.rule.thickness, own_facts)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a manifest; they read back to the same, bit for bit."""
        rule = self.rule
        return {
            "format": INTERVAL_FORMAT,
            "coverage": rule.coverage,
            "score_bins": rule.score_bins,
            "thickness": list(rule.thickness),
            "prior_loans": rule.prior_loans,
            "edges": self.edges.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Intervals":
        """Read them back.

        Raises:
            ValueError: they have another format, or parts that do not fit together or are no intervals.
        """
        if told["format"] != INTERVAL_FORMAT:
            raise ValueError(f"the intervals have format {told['format']}, this code reads {INTERVAL_FORMAT}; train again")
        rule = IntervalRule(told["coverage"], told["score_bins"], tuple(told["thickness"]), told["prior_loans"])
        edges, low, high = (np.array(told[name], np.float64) for name in ("edges", "low", "high"))
        if not low.shape == high.shape == (len(edges) + 1, len(rule.thickness) + 1):
            raise ValueError(f"{len(edges)} edges do not fit ends of shapes {low.shape} and {high.shape}")
        if not all(np.isfinite(part).all() for part in (edges, low, high)):
            raise ValueError("edges and ends must be finite")
        if not (np.diff(edges) > 0).all():
            raise ValueError("edges between score bins must ascend")
        if not ((low <= 0).all() and (high >= 0).all()):
            raise ValueError("the probability must lie between its ends: low <= 0 <= high")
        if not ((np.diff(low, axis=1) >= 0).all() and (np.diff(high, axis=1) <= 0).all()):
            raise ValueError("a thinner file must not have a narrower interval")
        return cls(rule, edges, low, high)


def fit_intervals(log_odds: Floats, label: NDArray[np.int8], own_facts: Ints, rule: IntervalRule | None = None) -> Intervals:
    """Intervals from loans that the model did not learn from.

    Args:
        log_odds: calibrated, float64 [n]; for no loans at all the prior alone speaks, and the interval is wide.
        label: int8 [n], 1 = bad.
        own_facts: int64 [n].
        rule: What is chosen; the usual one where None.
    """
    rule = rule or IntervalRule()
    edges = _edges(log_odds, rule.score_bins)
    bins, classes = len(edges) + 1, len(rule.thickness) + 1
    cell = _place(edges, log_odds) * classes + _place(rule.thickness, own_facts)
    loans, bad, said = (
        np.bincount(cell, weight, bins * classes).reshape(bins, classes).astype(np.float64)
        for weight in (np.ones(len(cell)), label.astype(np.float64), probability(log_odds))
    )
    expected = _expected(loans, said, float(said.sum() / loans.sum()) if len(cell) else 0.5)
    # What was found beside what was said, of the bin as a whole, carries over to a cell that few loans speak for.
    pooled_said = np.array(said.sum(axis=1) + rule.prior_loans * expected.mean(axis=1))
    drift = (bad.sum(axis=1) + rule.prior_loans * expected.mean(axis=1)) / pooled_said
    prior = np.clip(expected * drift[:, None], LEAST_CHANCE, 1 - LEAST_CHANCE)
    alpha = JEFFREYS + rule.prior_loans * prior + bad
    beta = JEFFREYS + rule.prior_loans * (1 - prior) + loans - bad
    tail = (1 - rule.coverage) / 2
    middle = log_odds_of(expected, LEAST_CHANCE)
    ends = [log_odds_of(betaincinv(alpha, beta, q), LEAST_CHANCE) - middle for q in (tail, 1 - tail)]
    low, high = np.minimum(ends[0], 0.0), np.maximum(ends[1], 0.0)
    # From the thickest class to the thinnest, an end only moves outward.
    return Intervals(
        rule,
        edges,
        np.minimum.accumulate(low[:, ::-1], axis=1)[:, ::-1].copy(),
        np.maximum.accumulate(high[:, ::-1], axis=1)[:, ::-1].copy(),
    )


def _edges(log_odds: Floats, bins: int) -> Floats:
    if not len(log_odds):
        return np.empty(0)
    return np.unique(np.quantile(log_odds, np.arange(1, bins) / bins, method="inverted_cdf"))


def _place(edges: Floats | Sequence[int], values: Floats | Ints) -> Ints:
    return np.searchsorted(np.asarray(edges), values, side="right").astype(np.int64)


def _expected(loans: Floats, said: Floats, overall: float) -> Floats:
    """Mean probability that the model gave in each cell; in an empty one that of its score bin, or of all."""
    in_bin, said_in_bin = loans.sum(axis=1), said.sum(axis=1)
    of_bin = np.where(in_bin > 0, said_in_bin / np.maximum(in_bin, 1.0), overall)
    mean = np.where(loans > 0, said / np.maximum(loans, 1.0), of_bin[:, None])
    return np.clip(mean, LEAST_CHANCE, 1 - LEAST_CHANCE)
