"""A data set as if the graph held no fact of one signal family, for models to be fitted anew on.

Tables are as in such a graph, and no step over a relation of the family is taken, so neither trees nor network see it.
Who is one person stays known: that is said by linkage, not by a family.
"""

from dataclasses import replace

import numpy as np

from gnn.dataset import Dataset
from gnn.features.masked import FeatureMask
from gnn.features.plan import FeaturePlan
from gnn.features.table import FeatureReader, FeatureTable
from graph.snapshot.reader import EMPTY
from graph.steps import Step, steps_at
from graph.vocabulary import SPECS, Family, NodeLabel


def steps_of(family: Family) -> frozenset[Step]:
    """Every step over a relation of the family, in both directions."""
    return frozenset(step for label in NodeLabel for step in steps_at(label) if SPECS[step.edge].family is family)


def leave_out(data: Dataset, family: Family) -> Dataset:
    """The same examples without the facts of a family; tables are copies."""
    unseen = data.task.unseen | steps_of(family)

    def plan_of(plan: FeaturePlan) -> FeaturePlan:
        return replace(plan, unseen=tuple(sorted(unseen)))

    return replace(
        data,
        task=replace(data.task, unseen=unseen),
        own=_masked(data.own, data.own_plan, family),
        neighbours=_masked(data.neighbours, data.neighbours_plan, family),
        own_plan=plan_of(data.own_plan),
        neighbours_plan=plan_of(data.neighbours_plan),
    )


def _masked(table: FeatureTable, plan: FeaturePlan, family: Family) -> FeatureTable:
    nothing = FeatureReader(plan).read(EMPTY, np.zeros(1, np.int64), np.zeros(1, np.int64))[0]
    values = FeatureMask(plan).apply_to_table(table.values, nothing, frozenset({family}))
    return replace(table, values=values)
