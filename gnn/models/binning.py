"""Cuts a column into bins whose share of bad loans only rises or only falls; what is missing is a bin of its own.

Of all ways to join up to `PREBINS` ranges of about equal size into at most `MAXIMUM_BINS` bins, the one of highest
information value is found by dynamic programming, so the optimum is exact and the same each time. It is the problem that
the package optbinning hands to a solver of integer programmes (Navas-Palencia 2020, arXiv:2001.08025), which a test
compares with where that package is there. Knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PREBINS = 20  # ranges a column is first cut into
MAXIMUM_BINS = 6
LEAST_SHARE = 0.05  # of the loans where the column is known, in every bin
LEAST_OF_EACH = 3.0  # good and bad loans in every bin
MISSING_PRIOR_LOANS = 20.0  # how many average loans the bin of missing values is mixed with: it may hold a handful


@dataclass(frozen=True)
class Bins:
    """How one column is read.

    Bin i holds cuts[i - 1] <= value < cuts[i], the first and the last are open outward, and the one after them, the
    last of `woe`, holds what is missing. `woe`: weight of evidence, the logarithm of the bin's share of good loans over
    its share of bad ones. `share`: of all loans. `chance_value`: what as many bins of noise would have on average.
    """

    cuts: tuple[float, ...]
    woe: tuple[float, ...]
    share: tuple[float, ...]
    information_value: float
    chance_value: float

    def place(self, values: Floats) -> Ints:
        """Bin of each value, int64 [n]; every value has one, seen in training or not."""
        return _place(np.array(self.cuts), values)

    @property
    def value_beyond_chance(self) -> float:
        """Information value less what as many bins of noise would have on average."""
        return self.information_value - self.chance_value


@dataclass(frozen=True)
class Loans:
    """Weights of good and bad loans, float64 [k], in each of k ranges or bins."""

    good: Floats
    bad: Floats

    @classmethod
    def count(cls, place: Ints, bad: Floats, weight: Floats, k: int) -> "Loans":
        """Loans in each of k places; `bad` is 1 or 0."""
        good: Floats = np.bincount(place, weight * (1 - bad), k).astype(np.float64)
        return cls(good, np.bincount(place, weight * bad, k).astype(np.float64))


def fit_bins(values: Floats, label: NDArray[np.int8], weight: Floats) -> Bins | None:
    """The best bins of a column; None where it says nothing that could be binned.

    Args:
        values: float64 [n], NaN where missing.
        label: int8 [n], 1 = bad; both outcomes are there.
        weight: float64 [n].
    """
    bad, known = label.astype(np.float64), ~np.isnan(values)
    good_all, bad_all = float((weight * (1 - bad)).sum()), float((weight * bad).sum())
    edges = _edges(values[known])
    ranges = Loans.count(np.searchsorted(edges, values[known], side="right"), bad[known], weight[known], len(edges) + 1)
    allowed = _allowed(ranges)
    starts = _join(Loans(ranges.good / good_all, ranges.bad / bad_all), allowed)
    if len(starts) < 2 and (known.all() or not allowed[0, -1]):
        return None
    cuts = edges[starts[1:] - 1]
    k = len(cuts) + 2
    loans = Loans.count(_place(cuts, values), bad, weight, k)
    prior = np.where(np.arange(k) == k - 1, MISSING_PRIOR_LOANS, 0.0)
    average = bad_all / (good_all + bad_all)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (loans.good + prior * (1 - average)) / (loans.bad + prior * average)
        woe = np.log(odds) - np.log(good_all / bad_all)
    # A column always missing alike leaves one of the bins empty, or with one outcome only: it carries no weight.
    empty = (loans.good + loans.bad == 0) | ~np.isfinite(woe)
    woe = np.where(empty, 0.0, woe)
    value = float(((loans.good / good_all - loans.bad / bad_all) * woe).sum())
    filled = int(((loans.good + loans.bad) > 0).sum())
    share = (loans.good + loans.bad) / (good_all + bad_all)
    chance = max(filled - 1, 0) * (1 / good_all + 1 / bad_all)
    return Bins(tuple(cuts.tolist()), tuple(woe.tolist()), tuple(share.tolist()), value, chance)


def _place(cuts: Floats, values: Floats) -> Ints:
    return np.where(np.isnan(values), len(cuts) + 1, np.searchsorted(cuts, values, side="right")).astype(np.int64)


def _edges(known: Floats) -> Floats:
    """Bounds between at most `PREBINS` ranges of about equal size, ascending, each midway between two values that occur."""
    if not len(known):
        return np.empty(0)
    distinct, counts = np.unique(known, return_counts=True)
    reached = np.cumsum(counts) / len(known)
    last = np.searchsorted(reached, np.arange(1, PREBINS) / PREBINS)
    last = np.unique(np.clip(last, 0, len(distinct) - 1))
    # A value that many loans share may be a bin of its own: it is parted from those below too.
    last = np.union1d(last, np.flatnonzero(counts >= LEAST_SHARE * len(known)) - 1)
    last = last[(last >= 0) & (last < len(distinct) - 1)]
    return np.unique((distinct[last] + distinct[last + 1]) / 2)


def _allowed(ranges: Loans) -> NDArray[np.bool_]:
    """Whether ranges i to j, joined, are a bin with loans enough: bool [p, p]."""
    good, bad = _joined(ranges.good), _joined(ranges.bad)
    enough = (good >= LEAST_OF_EACH) & (bad >= LEAST_OF_EACH)
    return np.asarray(enough & (good + bad >= LEAST_SHARE * (ranges.good + ranges.bad).sum()) & (_order(len(good)) >= 0))


def _join(share: Loans, allowed: NDArray[np.bool_]) -> Ints:
    """First range of each bin of the best partition, ascending from 0."""
    good, bad = _joined(share.good), _joined(share.bad)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(allowed, (good - bad) * (np.log(good) - np.log(bad)), -np.inf)
        risk = np.where(allowed, bad / (good + bad), np.nan)
    rising, rising_value = _best(value, risk)
    falling, falling_value = _best(value, -risk)
    return rising if rising_value >= falling_value else falling


def _best(value: Floats, risk: Floats) -> tuple[Ints, float]:
    """The partition of highest summed `value` [p, p] whose `risk` rises from bin to bin, by its first ranges."""
    p = len(value)
    total = np.full((MAXIMUM_BINS, p, p), -np.inf)  # of k + 1 bins, the last of ranges i to j
    before = np.zeros((MAXIMUM_BINS, p, p), np.int64)  # where the last but one begins
    total[0, 0] = value[0]
    for k in range(1, MAXIMUM_BINS):
        for i in range(k, p):
            rises = risk[:i, i - 1, None] < risk[None, i, i:]
            found = np.where(rises, total[k - 1, :i, i - 1, None], -np.inf)
            before[k, i, i:] = found.argmax(axis=0)
            total[k, i, i:] = found.max(axis=0) + value[i, i:]
    ends = total[:, :, p - 1]
    k, i = divmod(int(ends.argmax()), p)
    if not np.isfinite(ends[k, i]):
        return np.zeros(1, np.int64), -np.inf
    starts, end = [i], p - 1
    for bins in range(k, 0, -1):
        first = int(before[bins, starts[-1], end])
        starts, end = [*starts, first], starts[-1] - 1
    return np.array(starts[::-1], np.int64), float(ends[k, i])


def _joined(each: Floats) -> Floats:
    """Sum of ranges i to j at [i, j], where i <= j."""
    upto = np.concatenate([[0.0], np.cumsum(each)])
    return np.asarray(upto[None, 1:] - upto[:-1, None])


def _order(p: int) -> Ints:
    return np.arange(p)[None, :] - np.arange(p)[:, None]
