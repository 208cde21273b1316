"""Whether intervals hold: in which cells of later loans the share of bad ones lies in the interval, by thickness of file.

A cell is a score bin and a class of thickness, and its interval the mean of its loans' ends. The interval is for the share
of bad loans in the long run, so the share of a few loans falls outside by luck as well: a cell is `refuted` only where a
share at the nearer end would give such a count more seldom than the interval may fail at that end. Knows no model.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Rule(Protocol):
    """What intervals promise, and the least own facts of every class of thickness but the thinnest, ascending."""

    @property
    def coverage(self) -> float:
        """How often they should hold."""
        ...

    @property
    def thickness(self) -> tuple[int, ...]:
        """Where a class begins."""
        ...


class CellIntervals(Protocol):
    """Intervals by cell of log-odds and own facts."""

    @property
    def rule(self) -> Rule:
        """What they were made by."""
        ...

    def bounds(self, log_odds: Floats, own_facts: Ints) -> tuple[Floats, Floats]:
        """Ends of the probability, float64 [n] each."""
        ...

    def cells(self, log_odds: Floats, own_facts: Ints) -> tuple[Ints, Ints]:
        """Score bin and class of thickness, int64 [n] each."""
        ...


@dataclass(frozen=True)
class ClassCoverage:
    """Of one class of thickness: loans, bad ones, cells that hold a loan, and of these cells how they fared.

    `least_own` and `most_own` own facts, ends included, None where there is no end. `held` cells have their share of bad
    loans in the interval; `refuted` ones lie outside by more than luck.
    """

    least_own: int
    most_own: int | None
    loans: int
    bad: int
    cells: int
    held: int
    refuted: int

    @property
    def words(self) -> str:
        """Which files these are."""
        return f"{self.least_own:,} or more" if self.most_own is None else f"{self.least_own:,} to {self.most_own:,}"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "ClassCoverage":
        """Read it back."""
        return cls(**told)


def measure_coverage(
    intervals: CellIntervals, log_odds: Floats, own_facts: Ints, label: NDArray[np.int8]
) -> tuple[ClassCoverage, ...]:
    """Coverage of each class of thickness, the thinnest first.

    Args:
        intervals: To be judged.
        log_odds: calibrated, float64 [n], of loans that neither the model nor the intervals were fitted on.
        own_facts: int64 [n].
        label: int8 [n], 1 = bad.
    """
    low, high = intervals.bounds(log_odds, own_facts)
    score_bin, thickness = intervals.cells(log_odds, own_facts)
    bounds = (0, *intervals.rule.thickness)
    found = []
    for place, least in enumerate(bounds):
        mine = thickness == place
        cells = [np.flatnonzero(mine & (score_bin == at)) for at in np.unique(score_bin[mine])]
        counts = [(len(at), int(label[at].sum()), float(low[at].mean()), float(high[at].mean())) for at in cells]
        found.append(
            ClassCoverage(
                least_own=least,
                most_own=bounds[place + 1] - 1 if place + 1 < len(bounds) else None,
                loans=int(mine.sum()),
                bad=int(label[mine].sum()),
                cells=len(counts),
                held=sum(under <= bad / loans <= over for loans, bad, under, over in counts),
                refuted=sum(_refutes(*count, coverage=intervals.rule.coverage) for count in counts),
            )
        )
    return tuple(found)


def _refutes(loans: int, bad: int, low: float, high: float, *, coverage: float) -> bool:
    tail = (1 - coverage) / 2
    return bool(binom.sf(bad - 1, loans, high) < tail or binom.cdf(bad, loans, low) < tail)
