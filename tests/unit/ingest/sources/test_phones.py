"""Calls and address books: whom a number stands for, and on whose word."""

from pathlib import Path

from graph.facts import FactBatch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from ingest.report import LoadReport
from tests.support.sandbox_files import write_sandbox
from tests.support.source_files import PEPPER, facts_of

PERSON, PHONE = NodeLabel.PERSON, NodeLabel.PHONE
CALLED, KNOWS = EdgeType(PERSON, RelType.CALLED, PERSON), EdgeType(PERSON, RelType.KNOWS, PERSON)
LISTS_CONTACT = EdgeType(PERSON, RelType.LISTS_CONTACT, PERSON)
HAS_PHONE = EdgeType(PERSON, RelType.HAS_PHONE, PHONE)
ADA, BOB = "+491560000001", "+491560000002"
MAY_S, MARCH_S = 1_685_606_400, 1_677_665_472  # 2023-06-01 08:00 and 2023-03-01 10:11:12 UTC


def read(folder: Path) -> tuple[list[FactBatch], LoadReport]:
    return read_facts("sandbox", folder, PEPPER)


def key(raw_id: str) -> str:
    return PEPPER.node_key(PERSON, "sandbox", raw_id)


def reached_by(batches: list[FactBatch], number: str) -> list[dict[str, object]]:
    """Facts that the person whom a number reaches has that number."""
    ends = (key(f"tel:{number}"), PEPPER.node_key(PHONE, "sandbox", number))
    return [fact for fact in facts_of(batches, HAS_PHONE) if (fact["source_id"], fact["target_id"]) == ends]


def test_a_call_joins_the_persons_whom_the_numbers_reach_whoever_subscribes_to_them(tmp_path: Path) -> None:
    subscribers = [{}, {"msisdn": BOB, "customer_id": "TEL-00000002"}, {"msisdn": BOB, "customer_id": "TEL-00000003"}]
    batches, report = read(write_sandbox(tmp_path, {"subscribers.csv": subscribers}))

    call = facts_of(batches, CALLED)[0]
    assert (call["source_id"], call["target_id"]) == (key(f"tel:{ADA}"), key(f"tel:{BOB}"))
    assert call["duration_seconds"] == 90
    assert report.rejected == {}


def test_a_number_has_one_fact_of_its_own_however_often_it_calls_or_is_called(tmp_path: Path) -> None:
    back = {"call_id": "T2", "caller_msisdn": BOB, "callee_msisdn": ADA, "started_at": "2023-05-02T10:00:00Z"}
    batches, _ = read(write_sandbox(tmp_path, {"calls.csv": [{}, back]}, contacts=[{"TEL;VALUE=uri": "tel:+491560000009"}]))

    for number in (ADA, BOB):
        facts = reached_by(batches, number)
        assert len({fact["id"] for fact in facts}) == 1
        assert {(fact["attested_by"], fact["known_at_s"]) for fact in facts} == {("institution", MAY_S)}


def test_a_call_to_the_own_number_is_withheld(tmp_path: Path) -> None:
    batches, report = read(write_sandbox(tmp_path, {"calls.csv": [{"callee_msisdn": ADA}]}))

    assert facts_of(batches, CALLED) == []
    assert report.withheld == {CALLED: 1}


def test_a_contact_is_a_claim_of_the_one_who_lists_it_and_makes_no_tie(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    listed = facts_of(batches, LISTS_CONTACT)
    assert [(f["source_id"], f["target_id"], f["attested_by"], f["known_at_s"]) for f in listed] == [
        (key("TEL-00000001"), key(f"tel:{BOB}"), "subject", MARCH_S)
    ]
    assert facts_of(batches, KNOWS) == []


def test_that_a_listed_number_reaches_somebody_is_the_listers_word_beside_the_telephone_companys(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    facts = reached_by(batches, BOB)
    assert {(fact["attested_by"], fact["known_at_s"]) for fact in facts} == {("institution", MAY_S), ("subject", MARCH_S)}
    assert len({fact["id"] for fact in facts}) == 2


def test_a_number_listed_twice_is_one_fact_and_two_claims(tmp_path: Path) -> None:
    contacts = [{"UID": "1"}, {"UID": "2", "SOURCE": "urn:customer:TEL-00000003", "REV": "20231201T000000Z"}]
    batches, _ = read(write_sandbox(tmp_path, contacts=contacts))

    assert len({fact["id"] for fact in reached_by(batches, BOB) if fact["attested_by"] == "subject"}) == 1
    assert len({fact["id"] for fact in facts_of(batches, LISTS_CONTACT)}) == 2
