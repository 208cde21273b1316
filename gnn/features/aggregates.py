"""Turns the facts of one path into one number a subject, exactly: integers are summed as integers, decimals in the order given.

No owner's number depends on another owner's facts, to the last bit. Knows arrays only, no graph and no plan.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gnn.features.plan import Statistic

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Values = Ints | NDArray[np.float64]


class Unordered(ABC):
    """Values by owner of which no order need be known: what can be said of integers, exactly.

    `counts` int64 [size] is how many values each owner has.
    """

    size: int
    counts: Ints

    def count(self) -> Floats:
        """Values of each owner."""
        return self.counts.astype(np.float64)

    def total(self, values: Values) -> Floats:
        """Sum; integers exactly."""
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

    @abstractmethod
    def _reduced(self, ufunc: np.ufunc, values: Values, empty: float = np.nan) -> Floats:
        """What a ufunc makes of each owner's values, `empty` for one without."""


class Groups(Unordered):
    """Values by owner: `owner` int64 [n], ascending, below `size`."""

    def __init__(self, owner: Ints, size: int) -> None:
        self.owner, self.size = owner, size
        self.counts = np.bincount(owner, minlength=size)
        self.filled = self.counts.nonzero()[0]
        self._starts = (self.counts.cumsum() - self.counts)[self.filled]

    def kept(self, keep: NDArray[np.bool_]) -> "Groups":
        """The same owners with only some of their values."""
        return Groups(self.owner[keep], self.size)

    def total(self, values: Values) -> Floats:
        """Sum; integers exactly, decimals one after the other in the order given."""
        if values.dtype.kind == "f":
            return np.bincount(self.owner, weights=values, minlength=self.size).astype(np.float64)
        return super().total(values)

    def deviation(self, values: Values) -> Floats:
        """Standard deviation about the mean (divisor n), NaN below two values."""
        off = values.astype(np.float64) - self.mean(values)[self.owner]
        spread = np.sqrt(divided(self.total(off * off), self.count()))
        return np.where(self.counts > 1, spread, np.nan)

    def first(self, values: Values) -> Floats:
        """First value in the order given."""
        return self._at(values, self._starts, self.filled)

    def last(self, values: Values, back: int = 0) -> Floats:
        """Last value in the order given, or the one `back` places before it."""
        long = self.counts[self.filled] > back
        filled = self.filled[long]
        return self._at(values, self._starts[long] + self.counts[filled] - 1 - back, filled)

    def reduced(self, ufunc: np.ufunc, values: Values) -> Values:
        """What a ufunc makes of the values of each owner that has any, in the order of `filled`."""
        found: Values = ufunc.reduceat(values, self._starts) if len(values) else values
        return found

    def _at(self, values: Values, places: Ints, owners: Ints) -> Floats:
        out = np.full(self.size, np.nan)
        out[owners] = values[places]
        return out

    def _reduced(self, ufunc: np.ufunc, values: Values, empty: float = np.nan) -> Floats:
        out = np.full(self.size, empty)
        out[self.filled] = self.reduced(ufunc, values)
        return out


class NestedGroups(Unordered):
    """Integers of nodes that several owners reach, reduced once a node and then once an owner.

    Args:
        nodes: The values by node.
        owner: int64 [m], ascending, below `size`: who reaches a node, repeated for each.
        reached: int64 [m], which node that is.
        size: How many owners there are.
    """

    def __init__(self, nodes: Groups, owner: Ints, reached: Ints, size: int) -> None:
        self._nodes, self._all, self.size = nodes, (owner, reached), size
        full = np.flatnonzero(nodes.counts[reached])
        place = np.zeros(nodes.size, np.int64)
        place[nodes.filled] = np.arange(len(nodes.filled))
        self._owners, self._place = Groups(owner[full], size), place[reached[full]]
        self.counts = np.zeros(size, np.int64)
        self.counts[self._owners.filled] = self._owners.reduced(np.add, nodes.counts[reached[full]])

    def kept(self, keep: NDArray[np.bool_]) -> "NestedGroups":
        """The same owners and nodes with only some of the values."""
        return self if keep.all() else NestedGroups(self._nodes.kept(keep), *self._all, self.size)

    def _reduced(self, ufunc: np.ufunc, values: Values, empty: float = np.nan) -> Floats:
        of_node = self._nodes.reduced(ufunc, values)
        out = np.full(self.size, empty)
        out[self._owners.filled] = self._owners.reduced(ufunc, of_node[self._place])
        return out


def divided(over: Floats, under: Floats) -> Floats:
    """Quotient, NaN where the divisor is 0 or either is missing."""
    out = np.full(len(over), np.nan)
    np.divide(over, under, out=out, where=(under != 0) & ~np.isnan(under))
    return out


OF_UNORDERED: dict[Statistic, Callable[[Unordered, Values], Floats]] = {
    Statistic.SUM: lambda groups, values: groups.total(values),
    Statistic.MEAN: Unordered.mean,
    Statistic.MIN: Unordered.least,
    Statistic.MAX: Unordered.most,
    Statistic.POSITIVE_SHARE: lambda groups, values: groups.mean((values > 0).astype(np.int64)),
}
"""Statistics of a property's values for which their order does not matter, as long as they are integers."""

OF_VALUES: dict[Statistic, Callable[[Groups, Values], Floats]] = {
    **OF_UNORDERED,
    Statistic.LAST: Groups.last,
    Statistic.STD: Groups.deviation,
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
