"""Numbers of one owner are exact and do not depend on the others."""

import numpy as np
import pytest

from gnn.features.aggregates import OF_UNORDERED, OF_VALUES, Groups, NestedGroups, divided
from gnn.features.plan import Statistic

OWNER = np.array([0, 0, 0, 2, 2])
VALUES = np.array([4, -2, 1, 7, 7])
EXPECTED = {
    Statistic.SUM: [3.0, 0.0, 14.0],
    Statistic.MEAN: [1.0, np.nan, 7.0],
    Statistic.MIN: [-2.0, np.nan, 7.0],
    Statistic.MAX: [4.0, np.nan, 7.0],
    Statistic.LAST: [1.0, np.nan, 7.0],
    Statistic.STD: [np.sqrt(6.0), np.nan, 0.0],
    Statistic.POSITIVE_SHARE: [2 / 3, np.nan, 1.0],
}


@pytest.mark.parametrize("statistic", OF_VALUES)
def test_statistics_of_an_owner_with_and_without_values(statistic):
    assert OF_VALUES[statistic](Groups(OWNER, 3), VALUES) == pytest.approx(EXPECTED[statistic], nan_ok=True)


@pytest.mark.parametrize("statistic", OF_VALUES)
def test_nothing_at_all_is_as_many_owners_without_values(statistic):
    empty = 0.0 if statistic is Statistic.SUM else np.nan
    found = OF_VALUES[statistic](Groups(np.empty(0, np.int64), 2), np.empty(0, np.int64))
    assert found == pytest.approx([empty, empty], nan_ok=True)


def test_sums_beyond_what_a_float_holds_are_exact():
    large = 2**53
    assert Groups(np.zeros(3, np.int64), 1).total(np.array([large, 1, -large]))[0] == 1.0


def test_decimals_of_an_owner_sum_to_the_same_bits_in_any_company():
    generator = np.random.default_rng(0)
    mine = generator.normal(size=37) * 10.0 ** generator.integers(-8, 8, 37)
    alone = Groups(np.zeros(37, np.int64), 1).total(mine)[0]
    crowd = Groups(np.repeat([0, 1, 2], [11, 37, 5]), 3).total(np.concatenate([np.ones(11), mine, np.ones(5)]))[1]
    assert alone == crowd


def test_last_but_one_is_missing_where_there_is_only_one():
    assert Groups(np.array([0, 1, 1]), 2).last(np.array([5, 6, 7]), back=1) == pytest.approx([np.nan, 6.0], nan_ok=True)


def test_quotient_by_nothing_or_of_nothing_is_missing():
    found = divided(np.array([1.0, 1.0, np.nan, 6.0]), np.array([0.0, np.nan, 2.0, 3.0]))
    assert found == pytest.approx([np.nan, np.nan, np.nan, 2.0], nan_ok=True)


@pytest.mark.parametrize("statistic", OF_UNORDERED)
def test_integers_reduced_once_a_node_and_once_an_owner_are_those_reduced_at_once(statistic):
    draw = np.random.default_rng(3)
    values = draw.integers(-(2**60), 2**60, 400)
    node, owner, reached = np.sort(draw.integers(0, 50, 400)), np.sort(draw.integers(0, 30, 500)), draw.integers(0, 60, 500)
    nested = NestedGroups(Groups(node, 60), owner, reached, 33)
    of_owner = np.repeat(np.arange(500), np.bincount(node, minlength=60)[reached])
    of_value = np.concatenate([np.flatnonzero(node == one) for one in reached])
    for keep in (np.ones(400, np.bool_), values % 3 == 0, np.zeros(400, np.bool_)):
        chosen = keep[of_value]
        plain = Groups(owner[of_owner[chosen]], 33)
        expected = OF_VALUES[statistic](plain, values[of_value[chosen]])
        kept = nested.kept(keep)
        assert OF_UNORDERED[statistic](kept, values[keep]).tobytes() == expected.tobytes()
        assert kept.count().tobytes() == plain.count().tobytes()
