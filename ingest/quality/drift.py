"""How far a delivery of a table is from those before it: rows by weekday, empty values, refusals, and how many rows there are.

The measure is the population stability index of credit scoring; what it would be by chance alone is taken off first, so that a
small delivery does not look like a changed one.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from ingest.quality.history import TableDelivery

MOVED, DRIFTED = 0.1, 0.25
"""Usual bounds of the index (Siddiqi, Credit Risk Scorecards, 2006): below the first nothing has changed."""

SMOOTHING = 0.5  # added to each count, so that an empty class has a finite logarithm
LEAST_ROWS = 30  # fewer say nothing about shares
VOLUME_MOVED, VOLUME_DRIFTED = math.log(2), math.log(4)  # twice, four times as many rows, or as few
WEEKDAYS = 7


class Verdict(StrEnum):
    """What a drift score means."""

    FIRST = "first"
    STABLE = "stable"
    MOVED = "moved"
    DRIFTED = "drifted"


@dataclass(frozen=True)
class Drift:
    """One delivery of a table against all before it; scores are 0 where nothing changed and have no upper bound.

    Attributes:
        table: Name of the table.
        weekdays: Index of facts by weekday.
        rejections: Index of rows by what became of them.
        nulls: The largest index of empty values of any column.
        column: The column that has it; empty where no column moved.
        volume: Logarithm of rows against the median delivery; None for the first.
    """

    table: str
    weekdays: float = 0.0
    rejections: float = 0.0
    nulls: float = 0.0
    column: str = ""
    volume: float | None = None

    @property
    def score(self) -> float:
        """The largest index."""
        return max(self.weekdays, self.rejections, self.nulls)

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        if self.volume is None:
            return Verdict.FIRST
        far = abs(self.volume)
        if self.score >= DRIFTED or far >= VOLUME_DRIFTED:
            return Verdict.DRIFTED
        return Verdict.MOVED if self.score >= MOVED or far >= VOLUME_MOVED else Verdict.STABLE


def compare(delivery: TableDelivery, earlier: Sequence[TableDelivery]) -> Drift:
    """One delivery of a table against all before it together."""
    if not earlier:
        return Drift(delivery.table)
    before = sum(table.accepted for table in earlier)
    nulls = {
        column: psi(
            _either(delivery.nulls.get(column, 0), delivery.accepted),
            _either(sum(table.nulls.get(column, 0) for table in earlier), before),
        )
        for column in sorted({name for table in (delivery, *earlier) for name in table.nulls})
    }
    worst = max(nulls, key=nulls.__getitem__, default="")
    usual = median(table.read for table in earlier)
    return Drift(
        table=delivery.table,
        weekdays=psi(_weekdays(delivery.days), sum((_weekdays(table.days) for table in earlier), Counter[str]())),
        rejections=psi(_outcomes(delivery), sum((_outcomes(table) for table in earlier), Counter[str]())),
        nulls=nulls.get(worst, 0.0),
        column=worst if nulls.get(worst, 0.0) > 0 else "",
        volume=math.log((delivery.read + SMOOTHING) / (usual + SMOOTHING)),
    )


def psi(actual: Mapping[str, int], expected: Mapping[str, int]) -> float:
    """Population stability index of two counts by class, less what chance alone would give; 0 or more.

    Of samples of n and m from the same shares in k classes the index is about (k - 1)(1/n + 1/m) on average.
    """
    n, m = sum(actual.values()), sum(expected.values())
    classes = sorted({name for counts in (actual, expected) for name, count in counts.items() if count})
    if n < LEAST_ROWS or m < LEAST_ROWS or len(classes) < 2:
        return 0.0
    extra = SMOOTHING * len(classes)
    index = 0.0
    for name in classes:
        p = (actual.get(name, 0) + SMOOTHING) / (n + extra)
        q = (expected.get(name, 0) + SMOOTHING) / (m + extra)
        index += (p - q) * math.log(p / q)
    return max(0.0, index - (len(classes) - 1) * (1 / n + 1 / m))


def _weekdays(days: Mapping[date, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for day, count in days.items():
        counts[str(day.weekday())] += count
    return counts


def _outcomes(table: TableDelivery) -> Counter[str]:
    return Counter({"accepted": table.accepted}) + Counter(table.rejected)


def _either(nulls: int, rows: int) -> dict[str, int]:
    return {"null": nulls, "value": rows - nulls}
