"""Columns made of what is removed read as if there were none of it, be there ratios among them or not."""

import numpy as np
import pytest

from gnn.features.masked import FeatureMask
from gnn.features.plan import Column, FeaturePlan, Scope, Statistic
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType

PERSON = NodeLabel.PERSON
KNOWS = (Step(EdgeType(PERSON, RelType.KNOWS, PERSON), Direction.OUT),)
CALLED = (Step(EdgeType(PERSON, RelType.CALLED, PERSON), Direction.OUT),)
COLUMNS = (
    Column("known", Family.SOCIAL, KNOWS, Statistic.COUNT),
    Column("called", Family.SOCIAL, CALLED, Statistic.COUNT),
    Column("known_per_call", Family.SOCIAL, KNOWS, Statistic.RATIO, over=("known", "called")),
)


@pytest.mark.parametrize(("count", "without_known"), [(2, [0.0, 4.0]), (3, [0.0, 4.0, 0.0])])
def test_what_is_removed_is_gone_and_ratios_follow(count, without_known):
    mask = FeatureMask(FeaturePlan(PERSON, Scope.NEIGHBOURS, "EUR", COLUMNS[:count]))
    full, empty = np.array([8.0, 4.0, 2.0])[:count], np.array([0.0, 0.0, np.nan])[:count]
    found = mask.apply(full, empty, [frozenset(), frozenset({RelType.KNOWS})])
    assert found.tolist() == [full.tolist(), without_known]
    assert mask.apply_to_table(full[None], empty, frozenset({RelType.KNOWS})).tolist() == [without_known]
