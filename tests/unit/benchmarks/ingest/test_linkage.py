"""The judge of linkage finds fault where there is some: a figure of 1.0 means something."""

import polars as pl
import pytest

from benchmarks.ingest.linkage import Hits, count_hits

PEOPLE = pl.DataFrame({"node": ["a", "b", "c", "d", "e"], "person": ["P1", "P1", "P1", "P2", "P2"]})


def hits(*joins: tuple[str, str]) -> Hits:
    return count_hits(pl.DataFrame(list(joins), schema={"source_id": pl.String, "target_id": pl.String}, orient="row"), PEOPLE)


def test_all_pairs_of_a_group_are_said_not_its_joins_alone():
    assert hits(("a", "b"), ("b", "c"), ("d", "e")) == Hits(said=4, true=4, both=4)


def test_no_joins_find_nothing():
    assert hits().recall == 0


def test_one_wrong_join_between_two_groups_costs_all_their_pairs():
    found = hits(("a", "b"), ("b", "c"), ("d", "e"), ("c", "d"))
    assert found.precision == pytest.approx(0.4)
    assert found.recall == 1


def test_groups_may_be_held_together_by_nodes_nobody_is_asked_about():
    assert hits(("a", "tel:1"), ("b", "tel:1")) == Hits(said=1, true=4, both=1)
