"""Tables of features: a plan applied to subjects, each as of its own instant.

A row is a function of the facts known before its instant and of nothing else: not of other rows, of row numbers, or of
what became known later, to the last bit. It knows no label and no model.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gnn.aggregates import OF_AGES, OF_VALUES, Floats, Groups, Values, divided
from gnn.feature_plan import Column, FeaturePlan, Scope, Statistic
from gnn.paths import Found, Path, Walk, is_owned
from gnn.planning import plan_features
from graph.derived import properties
from graph.snapshot import MISSING, Snapshot
from graph.vocabulary import CURRENCY, Family, Kind, RelType

__all__ = ["FeaturePlan", "FeatureTable", "Scope", "build_features", "plan_features"]
DAY_SECONDS = 86_400
DAY_MICROSECONDS = DAY_SECONDS * 1_000_000
_SECOND_MICROSECONDS = 1_000_000


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
    """
    walk = Walk(snapshot, rows, as_of_s, plan.label, without)
    ends: dict[Path, _PathEnd] = {}
    done: dict[str, Floats] = {}
    for column in plan.columns:
        if column.over is not None:
            done[column.name] = divided(done[column.over[0]], done[column.over[1]])
            continue
        if column.path not in ends:
            ends[column.path] = _PathEnd(walk, column.path, plan.currency)
        done[column.name] = ends[column.path].compute(column)
    values = np.column_stack(list(done.values())) if done else np.empty((len(rows), 0))
    return FeatureTable(plan.names, plan.families, values)


class _PathEnd:
    """The facts at the end of one path, for all subjects; each property is read once."""

    def __init__(self, walk: Walk, path: Path, currency: str) -> None:
        self._walk, self._path, self._edge, self._currency = walk, path, path[-1].edge, currency
        self._kinds = {prop.name: prop.kind for prop in properties(self._edge)}
        self._values: dict[tuple[str, int | None], tuple[Groups, Values]] = {}

    def compute(self, column: Column) -> Floats:
        if column.statistic is Statistic.PEERS:
            return Groups(self._walk.nodes(self._path)[0], len(self._walk.rows)).count()
        if column.statistic in OF_AGES:
            dated = ~self._take("undated").astype(bool)
            return OF_AGES[column.statistic](self._all.kept(dated), self._ages[dated])
        if column.prop is None:
            return self._all.kept(self._within(column.window_days)).count()
        if column.category is not None:
            return self._of_category(column.statistic, column.prop, column.category)
        return OF_VALUES[column.statistic](*self._read(column.prop, column.window_days))

    @cached_property
    def _found(self) -> Found:
        # Numbers over other people's facts are sums, extremes and counts of integers: they need no order.
        own = all(is_owned(step) for step in self._path[:-1])
        return self._walk.ordered_facts(self._path) if own else self._walk.facts(self._path)

    @cached_property
    def _all(self) -> Groups:
        return Groups(self._found.owner, len(self._walk.rows))

    @cached_property
    def _ages(self) -> NDArray[np.int64]:
        """Whole days since each fact happened."""
        at_us = self._take("at_us")
        return (self._walk.as_of_s[self._found.owner] * _SECOND_MICROSECONDS - at_us) // DAY_MICROSECONDS

    @cached_property
    def _known_days(self) -> NDArray[np.int64]:
        """Whole days since each fact was known."""
        return (self._walk.as_of_s[self._found.owner] - self._take("known_at_s")) // DAY_SECONDS

    def _within(self, window_days: int | None) -> NDArray[np.bool_]:
        if window_days is None:
            return np.ones(len(self._found.ref), bool)
        return self._known_days < window_days

    def _read(self, prop: str, window_days: int | None) -> tuple[Groups, Values]:
        if (prop, window_days) not in self._values:
            values = self._take(prop)
            stated = ~np.isnan(values) if self._kinds[prop] is Kind.DECIMAL else values != MISSING
            if self._kinds[prop] is Kind.MONEY:
                stated &= self._is_category(CURRENCY.name, self._currency)
            stated &= self._within(window_days)
            self._values[prop, window_days] = (self._all.kept(stated), values[stated])
        return self._values[prop, window_days]

    def _of_category(self, statistic: Statistic, prop: str, category: str) -> Floats:
        of_it = self._is_category(prop, category).astype(np.int64)
        return self._all.total(of_it) if statistic is Statistic.CATEGORY_COUNT else self._all.mean(of_it)

    def _is_category(self, prop: str, category: str) -> NDArray[np.bool_]:
        texts = self._walk.snapshot.categories(self._edge, prop)
        codes = [code for code, text in enumerate(texts) if text == category]
        return np.isin(self._take(prop), codes)

    def _take(self, column: str) -> NDArray[np.int64]:
        if not len(self._found.ref):
            return np.empty(0, np.int64)
        return np.asarray(self._walk.snapshot.take(self._edge, column, self._found.ref))
