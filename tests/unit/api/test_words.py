"""Facts in words: every relation says something, amounts are in major units, and no unit is lost."""

import pytest

from api.cli.words import edge_words, property_words
from graph.vocabulary import SPECS, EdgeType, NodeLabel, RelType

PERSON = NodeLabel.PERSON


@pytest.mark.parametrize("edge", SPECS, ids="-".join)
def test_every_kind_of_fact_has_words_without_notation(edge: EdgeType) -> None:
    words = edge_words(edge)
    assert words
    assert "`" not in words
    assert not any(label in words for label in NodeLabel)


def test_facts_of_one_relation_at_different_things_are_told_apart() -> None:
    assert edge_words(EdgeType(PERSON, RelType.LIVES_AT, NodeLabel.ADDRESS)) == "lives at (address)"
    assert edge_words(EdgeType(PERSON, RelType.LIVES_AT, NodeLabel.PLACE)) == "lives at (place)"
    assert edge_words(EdgeType(PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)).endswith("(bank account)")


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, ""),
        ({"amount_minor": 1_234_550, "currency": "EUR"}, "12,345.50 EUR"),
        ({"declared_income_minor": 235_328, "currency": "EUR", "purpose": "new_home"},
         "declared income 2,353.28 EUR, purpose new home"),
        ({"instalment": 3, "days_late": 12}, "instalment 3, 12 days late"),
        ({"days_late": 1}, "1 day late"),
        ({"days_late": 0}, "on the day"),
        ({"days_late": -2}, "2 days early"),
        ({"duration_seconds": 34}, "duration 34 seconds"),
        ({"term_months": 9, "rate_pct": 7.5}, "term 9 months, rate 7.5 %"),
    ],
)  # fmt: skip
def test_properties_are_written_as_people_write_them(properties: dict[str, int | float | str], words: str) -> None:
    assert property_words(properties) == words
