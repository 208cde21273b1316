"""Tables of features as if the graph lacked some of its facts, from two tables instead of one a variant.

A column reads the facts of its path only, so a column whose path crosses something removed is as in a graph without any
facts, and every other is as in the whole graph.
"""

from collections.abc import Sequence

import numpy as np

from gnn.features.aggregates import Floats, divided
from gnn.features.layout import build_layout
from gnn.features.plan import FeaturePlan
from gnn.features.removal import Touching, Without, removed_on


class FeatureMask:
    """What each column of a plan crosses."""

    def __init__(self, plan: FeaturePlan) -> None:
        self._touching = Touching([removed_on(column.path) for column in plan.columns])
        self._ratios = build_layout(plan).ratios

    def apply(self, full: Floats, empty: Floats, removed: Sequence[Without]) -> Floats:
        """One subject's table in each variant, float64 [len(removed), f].

        Args:
            full: float64 [f], as built from the whole graph.
            empty: float64 [f], as built from a graph without facts.
            removed: What each variant lacks.
        """
        return self._with_ratios(np.where(self._touching.of(removed), empty, full))

    def apply_to_table(self, table: Floats, empty: Floats, removed: Without) -> Floats:
        """A whole table float64 [n, f] as if the graph lacked what is removed, float64 [n, f].

        Args:
            table: As built from the whole graph.
            empty: float64 [f], as built from a graph without facts.
            removed: What every row lacks.
        """
        return self._with_ratios(np.where(self._touching.of([removed]), empty, table))

    def _with_ratios(self, values: Floats) -> Floats:
        places, over, under = self._ratios  # they follow from two others, which may be touched differently
        values[:, places] = divided(values[:, over].ravel(), values[:, under].ravel()).reshape(len(values), len(places))
        return values
