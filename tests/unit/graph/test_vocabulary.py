import dataclasses
from pathlib import Path

import pytest

from graph import derived, dictionary, vocabulary
from graph.derived import FACT_COLUMNS, edges_at, fact_schema, reverse_edge, table_name, vocabulary_digest
from graph.vocabulary import DESCRIBING, RELATIONS, SPECS, EdgeType, Kind, NodeLabel, RelSpec, RelType

PROJECT = Path(dictionary.__file__).parent.parent


def test_every_label_and_every_relation_has_a_declaration() -> None:
    assert {n.label for n in vocabulary.NODES} == set(NodeLabel)
    assert {r.edge.rel for r in RELATIONS} == set(RelType)


def test_no_edge_type_is_declared_twice() -> None:
    assert len(SPECS) == len(RELATIONS)


@pytest.mark.parametrize("spec", RELATIONS, ids=lambda s: table_name(s.edge))
def test_amounts_stand_beside_a_currency_and_no_property_shadows_a_fact_column(spec: RelSpec) -> None:
    names = [p.name for p in spec.properties]
    assert len(set(names)) == len(names)
    assert not set(names) & set(FACT_COLUMNS)
    assert ("currency" in names) == any(p.kind is Kind.MONEY for p in spec.properties)


def test_money_and_units_are_named_by_their_ending() -> None:
    money = {p.name for r in RELATIONS for p in r.properties if p.kind is Kind.MONEY}
    assert all(name.endswith("_minor") for name in money)


def test_a_relation_of_a_node_to_itself_is_never_owned() -> None:
    assert not [r for r in RELATIONS if r.owned and r.edge.source == r.edge.target]


def test_relations_that_describe_join_a_label_to_itself() -> None:
    assert all(r.edge.source is r.edge.target for r in RELATIONS if r.edge.rel in DESCRIBING)


def test_a_refusal_and_an_investors_affairs_are_never_a_reason() -> None:
    silent = {RelType.DECLINED, RelType.INVESTED_IN, RelType.PAID_OUT}
    assert [r.reason for r in RELATIONS if r.edge.rel in silent and r.reason is not None] == []


def test_a_unilateral_claim_is_never_crossed() -> None:
    claims = [r for r in RELATIONS if r.edge.rel is RelType.LISTS_CONTACT]
    assert [r.crossed_by for r in claims] == [frozenset()]


def test_the_digest_changes_with_a_property_and_not_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def digest_with(**change: object) -> str:
        first = dataclasses.replace(RELATIONS[0], **change)  # type: ignore[arg-type]  # any field may be changed
        monkeypatch.setattr(derived, "RELATIONS", (first, *RELATIONS[1:]))
        return vocabulary_digest.__wrapped__()

    declared = vocabulary_digest()
    assert digest_with(meaning="other words") == declared
    assert digest_with(properties=()) != declared
    assert digest_with(owned=not RELATIONS[0].owned) != declared


def test_names_that_follow_from_an_edge_type() -> None:
    edge = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.HELD_AT, NodeLabel.PLACE)
    assert table_name(edge) == "bankaccount__held_at__place"
    assert reverse_edge(edge) == ("Place", "rev_HELD_AT", "BankAccount")
    assert edge in edges_at(NodeLabel.PLACE)
    assert edge not in edges_at(NodeLabel.LOAN)
    assert list(fact_schema(edge)) == list(FACT_COLUMNS)


def test_the_committed_dictionary_is_what_the_vocabulary_gives() -> None:
    assert (PROJECT / "docs" / "vocabulary.md").read_text(encoding="utf-8") == dictionary.build_page()
