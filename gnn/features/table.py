"""Tables of features: a plan applied to subjects, each as of its own instant.

A row is a function of the facts known before its instant and of nothing else: not of other rows, of row numbers, or of
what became known later, to the last bit. It knows no label and no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.features.aggregates import OF_AGES, OF_SIZES, OF_VALUES, Floats, Groups, divided
from gnn.features.census import CensusReader
from gnn.features.layout import Block, Sheet, build_layout
from gnn.features.path_facts import Gathered, Stream, gather_facts
from gnn.features.plan import FeaturePlan, Scope, Statistic
from gnn.features.planning import plan_features
from gnn.features.shared import SharedReader
from gnn.features.stated import Ints, Values
from gnn.features.walk import Walk
from graph.snapshot import Snapshot
from graph.vocabulary import Family, RelType

__all__ = ["FeaturePlan", "FeatureReader", "FeatureTable", "Scope", "build_features", "plan_features"]


@dataclass(frozen=True)
class FeatureTable:
    """Values float64 [n, f]; NaN where no fact speaks. `names` and `families` describe the f columns."""

    names: tuple[str, ...]
    families: tuple[Family, ...]
    values: NDArray[np.float64]

    def take(self, index: NDArray[np.int64]) -> "FeatureTable":
        """The rows at these positions, in the order given."""
        return FeatureTable(self.names, self.families, self.values[index])


def build_features(
    snapshot: Snapshot,
    plan: FeaturePlan,
    rows: NDArray[np.int64],
    as_of_s: NDArray[np.int64],
    without: frozenset[Family | RelType] = frozenset(),
) -> FeatureTable:
    """Compute the columns of a plan for subjects, each from facts with known_at_s < its as_of_s.

    Args:
        snapshot: Facts to read.
        plan: Columns to compute.
        rows: int64 [n], node rows of the subjects; a row may recur with another instant.
        as_of_s: int64 [n], UTC seconds, exclusive.
        without: Families or relations to leave out, as if they held no facts.

    Returns:
        Table of n rows in the order given.

    Raises:
        KeySpaceExceeded: an instant that no fact's could be compared with.
    """
    return FeatureTable(plan.names, plan.families, FeatureReader(plan).read(snapshot, rows, as_of_s, without))


class FeatureReader:
    """One plan, sorted once, for many questions."""

    def __init__(self, plan: FeaturePlan) -> None:
        self._plan, self._layout = plan, build_layout(plan)

    def read(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints, without: frozenset[Family | RelType] = frozenset()) -> Floats:
        """The values of `build_features` alone, float64 [n, f]."""
        return self.read_walk(Walk(snapshot, rows, as_of_s, self._plan.label, without, frozenset(self._plan.unseen)))

    def read_walk(self, walk: Walk) -> Floats:
        """The values for a walk's subjects, float64 [n, f]; what it reached is kept there for others to use."""
        rows = walk.rows
        if not len(rows):
            return np.empty((0, len(self._plan.columns)))
        out = np.empty((len(self._plan.columns), len(rows)))
        self._fill(out, gather_facts(walk, self._layout, self._plan.currency))
        reader = SharedReader(walk, self._plan.currency)
        for shared in self._layout.shared:
            reader.fill(out, shared)
        everyone = CensusReader(walk)
        for census in self._layout.census:
            everyone.fill(out, census)
        places, over, under = self._layout.ratios
        out[places] = divided(out[over].ravel(), out[under].ravel()).reshape(len(places), len(rows))
        return np.ascontiguousarray(out.T)

    def _fill(self, out: Floats, gathered: Gathered) -> None:
        layout, n = self._layout, out.shape[1]
        for sheet, stream in ((layout.peers, gathered.peers), (layout.facts, gathered.facts)):
            for block, groups, _ in _windows(sheet, stream, n):
                _put(out, block, groups.count())
        for block, groups, days in _windows(layout.ages, gathered.ages, n):
            _put(out, block, OF_AGES[block.statistic](groups, days))
        for block, groups, sizes in _windows(layout.sizes, gathered.sizes, n):
            _put(out, block, OF_SIZES[block.statistic](groups, sizes))
        for sheet, stream in ((layout.integers, gathered.integers), (layout.decimals, gathered.decimals)):
            for block, groups, values in _windows(sheet, stream, n):
                _put(out, block, OF_VALUES[block.statistic](groups, values))
        self._fill_categories(out, gathered, n)

    def _fill_categories(self, out: Floats, gathered: Gathered, n: int) -> None:
        sheet = self._layout.categories
        of_it = np.bincount(gathered.categories, minlength=len(sheet.series) * n).astype(np.float64)
        of_all = np.bincount(gathered.facts.group, minlength=len(self._layout.readings) * n).astype(np.float64).reshape(-1, n)
        for block in sheet.blocks:
            if block.statistic is Statistic.CATEGORY_SHARE:
                path = [series.path for series in sheet.series]
                _put(out, block, divided(of_it, of_all[path].ravel()))
            else:
                _put(out, block, of_it)


def _windows(sheet: Sheet, stream: Stream, n: int) -> Sequence[tuple[Block, Groups, Values]]:
    """Each block of a sheet with what its window holds; blocks of the same window share it."""
    held: dict[int | None, tuple[Groups, Values]] = {}
    size = len(sheet.series) * n
    for window in {block.window_days for block in sheet.blocks}:
        inside = slice(None) if window is None else stream.known_days < window
        held[window] = (Groups(stream.group[inside], size), stream.values[inside])
    return [(block, *held[block.window_days]) for block in sheet.blocks]


def _put(out: Floats, block: Block, of_series: Floats) -> None:
    out[block.places] = of_series.reshape(-1, out.shape[1])[block.series]
