"""Every member of the vocabulary is declared, and every declaration has facts that a store would take."""

import pytest

from graph.derived import properties
from graph.facts import check_batch
from graph.vocabulary import NODES, RELATIONS, SPECS, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch


def test_every_label_and_every_relation_has_a_declaration() -> None:
    assert {node.label for node in NODES} == set(NodeLabel)
    assert {spec.edge.rel for spec in RELATIONS} == set(RelType)


@pytest.mark.parametrize("edge", SPECS, ids=":".join)
def test_every_edge_type_has_example_facts(edge: EdgeType) -> None:
    batch = example_batch(edge, 30)
    check_batch(batch)
    assert all(batch.rows[prop.name].is_not_null().any() for prop in properties(edge))
