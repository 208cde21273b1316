"""Facts of a request become fact batches that keep to the vocabulary, whatever their order."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.errors import RequestMalformed
from api.overlay import build_overlay
from api.schemas import Application, ScoreAsked
from graph.derived import properties
from graph.facts import check_batch
from graph.identity import Pepper
from graph.vocabulary import Attestation, EdgeType, Kind, NodeLabel, RelType
from tests.support.scorers import BORROWER

PEPPER = Pepper("a pepper for tests alone")
AS_OF = datetime(2017, 7, 5, 16, 4, 41, tzinfo=UTC)
PERSON = {"label": "Person", **BORROWER}
LOAN = {"label": "Loan", "source": "superlender", "id": "1"}
ACCOUNT = {"label": "BankAccount", "source": "superlender", "id": "1"}
REPAID = {"relation": "REPAID", "source": PERSON, "target": LOAN, "at": "2017-05-30T14:44:49.25Z",
          "properties": {"instalment": 1, "days_late": -3}}  # fmt: skip
HOLDS = {"relation": "HOLDS", "source": PERSON, "target": ACCOUNT, "at": "2016-01-01T00:00:00Z", "attested_by": "subject"}


def asked(*facts: dict[str, Any]) -> ScoreAsked:
    return ScoreAsked.model_validate({"borrower": BORROWER, "facts": list(facts)})


def refusals(*facts: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(RequestMalformed) as caught:
        build_overlay(asked(*facts), AS_OF, PEPPER)
    return {p.field: p.problem for p in caught.value.problems}


def test_batches_keep_to_the_vocabulary_and_its_order() -> None:
    batches = build_overlay(asked(HOLDS, REPAID), AS_OF, PEPPER)
    for batch in batches:
        check_batch(batch)
    assert [b.edge.rel for b in batches] == [RelType.REPAID, RelType.HOLDS]


def test_the_order_of_facts_does_not_matter() -> None:
    later = REPAID | {"target": LOAN | {"id": "2"}}
    one, other = (build_overlay(asked(*facts), AS_OF, PEPPER) for facts in ((REPAID, later), (later, REPAID)))
    assert all(a.rows.equals(b.rows) for a, b in zip(one, other, strict=True))


def test_the_same_statement_twice_counts_once() -> None:
    (batch,) = build_overlay(asked(REPAID, REPAID), AS_OF, PEPPER)
    assert len(batch) == 1


def test_identifiers_are_hashed_as_ingest_hashes_them() -> None:
    (batch,) = build_overlay(asked(REPAID), AS_OF, PEPPER)
    assert batch.rows["source_id"][0] == PEPPER.node_key(NodeLabel.PERSON, "superlender", BORROWER["id"])
    assert BORROWER["id"] not in str(batch.rows.to_dicts())


def test_known_at_is_when_it_happened_rounded_up_unless_told() -> None:
    (batch,) = build_overlay(asked(REPAID), AS_OF, PEPPER)
    moment = datetime(2017, 5, 30, 14, 44, 50, tzinfo=UTC)
    assert batch.rows["known_at_s"][0] == moment.timestamp()
    assert batch.rows["at_us"][0] == int(moment.timestamp()) * 1_000_000 - 750_000


def test_what_only_the_subject_asserts_keeps_that_mark() -> None:
    (batch,) = build_overlay(asked(HOLDS), AS_OF, PEPPER)
    assert batch.rows["attested_by"][0] == Attestation.SUBJECT


def test_a_due_date_to_come_may_be_known_already() -> None:
    owes = {"relation": "OWES", "source": PERSON, "target": LOAN, "at": "2017-08-01T00:00:00Z",
            "known_at": "2017-07-01T00:00:00Z", "properties": {"instalment": 1}}  # fmt: skip
    (batch,) = build_overlay(asked(owes), AS_OF, PEPPER)
    assert len(batch) == 1


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"instalment": 1}, "days_late", "required"),
        ({"instalment": 1, "days_late": 1.5}, "days_late", "integer"),
        ({"instalment": 1, "days_late": "x"}, "days_late", "integer"),
        ({"instalment": 1, "days_late": 1, "amount_minor": 100}, "amount_minor", "currency"),
        ({"instalment": 1, "days_late": 1, "amount_minor": -1, "currency": "NGN"}, "amount_minor", "negative"),
        ({"instalment": 1, "days_late": 1, "currency": "naira"}, "currency", "ISO 4217"),
        ({"instalment": 1, "days_late": 1, "mood": "good"}, "mood", "not declared"),
    ],
)
def test_a_property_the_vocabulary_does_not_allow_is_named(given: dict[str, Any], field: str, problem: str) -> None:
    assert problem in refusals(REPAID | {"properties": given})[f"body.facts[0].properties.{field}"]


def test_ends_that_the_relation_does_not_join_are_refused_with_those_it_does() -> None:
    assert "Person to Loan" in refusals(REPAID | {"target": ACCOUNT})["body.facts[0].relation"]


def test_no_one_refers_themselves() -> None:
    assert "body.facts[0].target" in refusals(
        {"relation": "REFERRED", "source": PERSON, "target": PERSON, "at": "2017-01-01T00:00:00Z"}
    )


def test_all_problems_are_told_at_once() -> None:
    assert len(refusals(REPAID | {"properties": {}}, HOLDS | {"target": LOAN})) == 3


def test_the_application_has_the_terms_the_vocabulary_declares() -> None:
    declared = {p.name for p in properties(EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN))}
    assert set(Application.model_fields) == declared | {"loan_id", "at"}


def test_every_term_of_an_application_reaches_its_fact() -> None:
    """All that the schema takes and the vocabulary declares, so that no term that training reads is lost on the way."""
    declared = properties(EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN))
    terms = {spec.name: number for number, spec in enumerate(declared, 1) if spec.name in Application.model_fields}
    terms |= {spec.name: f"code{terms[spec.name]}" for spec in declared if spec.kind is Kind.CATEGORY} | {"currency": "NGN"}
    for left_out in ("term_days", "term_months"):  # the two do not stand beside each other
        given = {name: value for name, value in terms.items() if name != left_out}
        (batch,) = build_overlay(ScoreAsked.model_validate({"borrower": BORROWER, "application": given}), AS_OF, PEPPER)
        (row,) = batch.rows.to_dicts()
        assert {spec.name: row[spec.name] for spec in declared} == given | {left_out: None}


@pytest.mark.parametrize("relation", ["SAME_AS", "KNOWN_AS", "CONSENTED", "KNOWS"])
def test_no_request_decides_who_is_who_or_who_consented(relation: str) -> None:
    other = PERSON | {"id": "another"} if relation in ("SAME_AS", "KNOWS") else PERSON
    found = refusals({"relation": relation, "source": PERSON, "target": other, "at": "2017-05-30T14:44:49Z"})
    assert found == {
        "body.facts[0].relation": f"{relation} is for ingest alone: no request decides who is who, knows whom or consented"
    }
