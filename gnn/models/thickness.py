"""How thick a file is: the facts that are the subject's own, those of others it is tied to, and when both are too few.

Each fact is counted once, whatever the model makes of it. Knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.features.paths import is_owned
from gnn.features.plan import Column, FeaturePlan, Statistic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ScorableRule:
    """When there is nothing to score by: fewer own facts than `least_own`, and fewer of neighbours than `least_neighbours`."""

    least_own: int = 3
    least_neighbours: int = 1

    def is_unscorable(self, own_facts: Ints, neighbours_facts: Ints) -> NDArray[np.bool_]:
        """Which of n subjects no score should be given to, bool [n]."""
        return (own_facts < self.least_own) & (neighbours_facts < self.least_neighbours)


def own_facts(plan: FeaturePlan, values: Floats) -> Ints:
    """How many facts are each subject's own, int64 [n], from rows float64 [n, f] of this plan's columns."""
    return _counted(plan, values, own=True)


def neighbours_facts(plan: FeaturePlan, values: Floats) -> Ints:
    """How many facts of others each subject is tied to speak, int64 [n]; a plan of own columns alone knows none."""
    return _counted(plan, values, own=False)


def counting_places(plan: FeaturePlan) -> Ints:
    """Which columns of a plan count facts, each fact once, int64; what `own_facts` and `neighbours_facts` read."""
    return np.array([place for place, column in enumerate(plan.columns) if _counts_facts(column)], np.int64)


def _counted(plan: FeaturePlan, values: Floats, *, own: bool) -> Ints:
    places = [place for place in counting_places(plan).tolist() if _is_own(plan.columns[place]) is own]
    return np.asarray(np.nan_to_num(values[:, places]).sum(axis=1), np.float64).astype(np.int64)


def _counts_facts(column: Column) -> bool:
    return column.statistic is Statistic.COUNT and column.window_days is None and column.over is None


def _is_own(column: Column) -> bool:
    """Whether every step before the last stays within what the subject holds or applied for."""
    return all(is_owned(step) for step in column.path[:-1])
