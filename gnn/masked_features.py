"""Tables of features as if the graph lacked some families or relations, from two tables instead of one a variant.

A column reads the facts of its path only, so a column whose path crosses something removed is as in a graph without any
facts, and every other is as in the whole graph.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gnn.aggregates import divided
from gnn.feature_plan import FeaturePlan
from graph.neighbourhood import Step
from graph.vocabulary import SPECS, Family, RelType

EVERYTHING: frozenset[Family | RelType] = frozenset(Family)
Without = frozenset[Family | RelType]


def mask_features(
    plan: FeaturePlan, full: NDArray[np.float64], empty: NDArray[np.float64], removed: Sequence[Without]
) -> NDArray[np.float64]:
    """One subject's table in each variant, float64 [len(removed), f].

    Args:
        plan: Columns of the tables.
        full: float64 [f], as built from the whole graph.
        empty: float64 [f], as built without `EVERYTHING`.
        removed: Families or relations that each variant lacks.
    """
    touched = np.array([[_touches(column.path, without) for column in plan.columns] for without in removed], dtype=bool)
    values = np.where(touched.reshape(len(removed), len(plan.columns)), empty, full)
    places = {column.name: place for place, column in enumerate(plan.columns)}
    for place, column in enumerate(plan.columns):
        if column.over is not None:  # follows from two others, which may be touched differently
            values[:, place] = divided(*(values[:, places[name]] for name in column.over))
    return values


def _touches(path: Sequence[Step], without: Without) -> bool:
    return any(step.edge.rel in without or SPECS[step.edge].family in without for step in path)
