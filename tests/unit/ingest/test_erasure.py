"""Who and what goes with a subject, and which refused rows speak of one."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import Pepper
from graph.opening import open_store
from graph.store import GraphStore
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import REFUSAL_SCHEMA
from ingest.erasure.quarantined import Name, purge_quarantine
from ingest.erasure.subject import find_subject
from ingest.errors import SubjectAmbiguous
from ingest.quarantine.shelf import Origin, Shelf

PERSON, PHONE = NodeLabel.PERSON, NodeLabel.PHONE
HAS_PHONE = EdgeType(PERSON, RelType.HAS_PHONE, PHONE)
EMAIL = NodeLabel.EMAIL
HAS_EMAIL = EdgeType(PERSON, RelType.HAS_EMAIL, EMAIL)
SAME_AS = EdgeType(PERSON, RelType.SAME_AS, PERSON)
DESCRIBED = EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON)
PEPPER = Pepper("the pepper of these tests")


def key(label: NodeLabel, raw: str) -> str:
    return PEPPER.node_key(label, "s", raw)


def write(store: GraphStore, facts: Iterable[tuple[EdgeType, str, str]]) -> None:
    for number, (edge, source, target) in enumerate(facts):
        row = {
            "id": f"{number:032x}",
            "source_id": key(edge.source, source),
            "target_id": key(edge.target, target),
            "at_us": 0,
            "known_at_s": 0,
            "attested_by": "institution",
            "basis": "contract",
            "undated": False,
            "origin": "s",
        }
        store.write([FactBatch(edge, pl.DataFrame([row], schema=fact_schema(edge)))])


def test_other_customer_numbers_and_what_nobody_else_holds_go_with_a_subject(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        write(
            store,
            [
                (SAME_AS, "anna at the shop", "anna at the bank"),
                (HAS_PHONE, "anna at the bank", "her own"),
                (HAS_PHONE, "anna at the shop", "the family's"),
                (HAS_PHONE, "ben", "the family's"),
                (DESCRIBED, "ben", "ben"),
            ],
        )

        found = find_subject(store, [key(PERSON, "anna at the shop")], {})

    assert found == {
        PERSON: {key(PERSON, "anna at the shop"), key(PERSON, "anna at the bank")},
        PHONE: {key(PHONE, "her own")},
    }


def test_whoever_is_known_by_a_number_alone_goes_with_the_number(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        write(store, [(HAS_PHONE, "anna", "her own"), (HAS_PHONE, "tel:her own", "her own")])

        found = find_subject(store, [key(PERSON, "anna")], {})

    assert found == {PERSON: {key(PERSON, "anna"), key(PERSON, "tel:her own")}, PHONE: {key(PHONE, "her own")}}


def test_a_mailbox_tells_who_its_only_holder_is(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        write(store, [(HAS_EMAIL, "anna", "a@example.org"), (HAS_PHONE, "anna", "her own")])

        found = find_subject(store, [], {EMAIL: {key(EMAIL, "a@example.org")}})

    assert found[PERSON] == {key(PERSON, "anna")}


def test_a_shared_number_alone_names_nobody_and_beside_a_name_takes_no_other_with_it(tmp_path: Path) -> None:
    shared = {PHONE: {key(PHONE, "the family's")}}
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        write(
            store, [(HAS_PHONE, who, "the family's") for who in ("anna", "ben")] + [(DESCRIBED, w, w) for w in ("anna", "ben")]
        )

        with pytest.raises(SubjectAmbiguous, match="2 persons"):
            find_subject(store, [], shared)
        found = find_subject(store, [key(PERSON, "anna")], shared)

    assert found == {PERSON: {key(PERSON, "anna")}}


ANNA = Name(
    frozenset([PEPPER.token("given_name", "anna")]),
    frozenset([PEPPER.token("family_name", "vogel")]),
    frozenset([PEPPER.token("birth_date", "1970-01-02")]),
)


@pytest.mark.parametrize(
    ("fields", "goes"),
    [
        ('{"customer_id": "C1", "amount": "x"}', True),
        ('{"line": "7;C1;x"}', True),
        ('{"line": "call from +49 151 12345678 at noon"}', True),
        ('{"full_name": "Anna Vogel", "listed_on": "never"}', True),
        ('{"full_name": "VOGEL, Anna", "birth_date": "1970-01-02"}', True),
        ('{"full_name": "Anna Vogel", "birth_date": "1981-03-04"}', False),
        ('{"customer_id": "C2", "full_name": "Anna Berg"}', False),
    ],
)
def test_a_refused_row_goes_when_it_names_the_subject(tmp_path: Path, fields: str, goes: bool) -> None:
    shelf = Shelf(tmp_path)
    refused = [(1, "bad_date", "", fields), (2, "bad_date", "", '{"customer_id": "C9"}')]
    shelf.put(Origin("s", "t", "t.csv", "0" * 64, 0), 0, pl.DataFrame(refused, schema=REFUSAL_SCHEMA, orient="row"))
    subject = {
        PERSON: frozenset({PEPPER.node_key(PERSON, "s", "C1")}),
        PHONE: frozenset({PEPPER.node_key(PHONE, "s", "+4915112345678")}),
    }

    gone = purge_quarantine(shelf, subject, frozenset({ANNA}), PEPPER)

    assert gone == int(goes)
    assert shelf.entries()["row"].to_list() == ([2] if goes else [1, 2])
