"""What is usual at a time: the mean of each column over those asked about lately, to be taken off before a model reads it.

Histories grow longer as the data do, so that the same person has more of everything a year later; a column as it stands
would tell the date. Only inputs are read, never an outcome, and only those of months before. It knows no model.
"""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Real = TypeVar("Real", np.float32, np.float64)
MONTHS = 3  # calendar months before the one at hand
ENOUGH = 1_000  # rows that say by themselves what is usual now


def usual_levels(table: NDArray[Real], as_of_s: Ints) -> NDArray[Real]:
    """For each row the mean over the rows of the `MONTHS` calendar months before its own, [n, f] as the table.

    Rows of the first month of all have none before them and take their own month's.

    Args:
        table: floats [n, f], at least one row, without missing values.
        as_of_s: int64 [n] UTC seconds.
    """
    month = months_of(as_of_s)
    first, last = int(month.min()), int(month.max())
    sums = np.zeros((last - first + 1, table.shape[1]))
    np.add.at(sums, month - first, table.astype(np.float64))
    counts = np.bincount(month - first, minlength=len(sums))
    levels = np.stack([_mean(sums, counts, at) for at in range(len(sums))])
    usual: NDArray[Real] = levels.astype(table.dtype)[month - first]
    return usual


def months_with_those_before(as_of_s: Ints) -> Iterator[tuple[Ints, Ints]]:
    """For each calendar month that has any: positions int64 of its own, and of the latest before it; the first has its own."""
    month = months_of(as_of_s)
    for at in np.unique(month).tolist():
        before, of_month = latest_before(month, at), np.flatnonzero(month == at)
        yield of_month, before if len(before) else of_month


def latest_before(month: Ints, at: int) -> Ints:
    """Positions int64 of the last whole months before month `at`: as many as hold `ENOUGH` rows, `MONTHS` of them at most.

    Where these have none, of the last that has any; none where nothing is earlier.
    """
    begin = at - 1
    while begin > at - MONTHS and np.count_nonzero((month >= begin) & (month < at)) < ENOUGH:
        begin -= 1
    earlier = month[month < at]
    begin = min(begin, int(earlier.max())) if len(earlier) else begin
    return np.flatnonzero((month >= begin) & (month < at))


def latest_level(table: NDArray[np.float32], as_of_s: Ints) -> NDArray[np.float32]:
    """The mean over the rows of the last `MONTHS` calendar months there are, float32 [f]: what is usual after all of them."""
    month = months_of(as_of_s)
    late = month > month.max() - MONTHS
    return np.asarray(table[late].astype(np.float64).mean(axis=0), np.float32)


def months_of(as_of_s: Ints) -> Ints:
    """Number of the UTC calendar month of each second, counted from 1970."""
    return as_of_s.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def _mean(sums: NDArray[np.float64], counts: Ints, at: int) -> NDArray[np.float64]:
    """Of the months before `at` that have rows; further back where the usual ones have none."""
    begin = max(at - MONTHS, 0)
    while begin > 0 and not counts[begin:at].any():
        begin -= 1
    end = at if counts[begin:at].any() else at + 1
    return np.asarray(sums[begin:end].sum(axis=0) / max(counts[begin:end].sum(), 1))
