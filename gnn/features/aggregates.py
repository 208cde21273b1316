"""Turns the facts of one path into one number a subject, exactly: integers are summed as integers, decimals in the order given.

No owner's number depends on another owner's facts, to the last bit. Knows arrays only, no graph and no plan.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gnn.features.plan import Statistic

Floats = NDArray[np.float64]
Values = NDArray[np.int64] | NDArray[np.float64]


class Groups:
    """Values by owner: `owner` int64 [n], ascending, below `size`."""

    def __init__(self, owner: NDArray[np.int64], size: int) -> None:
        self.owner, self.size = owner, size
        self.counts = np.bincount(owner, minlength=size)
        self._filled = np.flatnonzero(self.counts)
        self._starts = (np.cumsum(self.counts) - self.counts)[self._filled]

    def kept(self, keep: NDArray[np.bool_]) -> "Groups":
        """The same owners with only some of their values."""
        return Groups(self.owner[keep], self.size)

    def count(self) -> Floats:
        """Values of each owner."""
        return self.counts.astype(np.float64)

    def total(self, values: Values) -> Floats:
        """Sum; integers exactly, decimals one after the other in the order given."""
        if values.dtype.kind == "f":
            return np.bincount(self.owner, weights=values, minlength=self.size).astype(np.float64)
        return self._reduced(np.add, values, empty=0.0)

    def mean(self, values: Values) -> Floats:
        """Sum over count, NaN for an owner without values."""
        return divided(self.total(values), self.count())

    def least(self, values: Values) -> Floats:
        """Smallest value, NaN without values."""
        return self._reduced(np.minimum, values)

    def most(self, values: Values) -> Floats:
        """Largest value, NaN without values."""
        return self._reduced(np.maximum, values)

    def deviation(self, values: Values) -> Floats:
        """Standard deviation about the mean (divisor n), NaN below two values."""
        off = values.astype(np.float64) - self.mean(values)[self.owner]
        spread = np.sqrt(divided(self.total(off * off), self.count()))
        return np.where(self.counts > 1, spread, np.nan)

    def first(self, values: Values) -> Floats:
        """First value in the order given."""
        return self._at(values, self._starts, self._filled)

    def last(self, values: Values, back: int = 0) -> Floats:
        """Last value in the order given, or the one `back` places before it."""
        long = self.counts[self._filled] > back
        filled = self._filled[long]
        return self._at(values, self._starts[long] + self.counts[filled] - 1 - back, filled)

    def _at(self, values: Values, places: NDArray[np.int64], owners: NDArray[np.int64]) -> Floats:
        out = np.full(self.size, np.nan)
        out[owners] = values[places]
        return out

    def _reduced(self, ufunc: np.ufunc, values: Values, empty: float = np.nan) -> Floats:
        out = np.full(self.size, empty)
        if len(values):
            out[self._filled] = ufunc.reduceat(values, self._starts)
        return out


def divided(over: Floats, under: Floats) -> Floats:
    """Quotient, NaN where the divisor is 0 or either is missing."""
    out = np.full(len(over), np.nan)
    np.divide(over, under, out=out, where=(under != 0) & ~np.isnan(under))
    return out


OF_VALUES: dict[Statistic, Callable[[Groups, Values], Floats]] = {
    Statistic.SUM: Groups.total,
    Statistic.MEAN: Groups.mean,
    Statistic.MIN: Groups.least,
    Statistic.MAX: Groups.most,
    Statistic.LAST: Groups.last,
    Statistic.STD: Groups.deviation,
    Statistic.POSITIVE_SHARE: lambda groups, values: groups.mean((values > 0).astype(np.int64)),
}
"""Statistics of a property's values."""

OF_AGES: dict[Statistic, Callable[[Groups, Values], Floats]] = {
    Statistic.RECENCY_DAYS: Groups.last,
    Statistic.PREVIOUS_DAYS: lambda groups, days: groups.last(days, back=1),
    Statistic.SPAN_DAYS: Groups.first,
}
"""Statistics of the facts' ages in whole days."""

OF_SIZES: dict[Statistic, Callable[[Groups, Values], Floats]] = {
    Statistic.SIZE_MEAN: Groups.mean,
    Statistic.SIZE_MAX: Groups.most,
}
"""Statistics of how many there are at each of several places."""
