"""Calls and address books: whose number it is, and when two people count as knowing each other."""

from pathlib import Path

from graph.facts import FactBatch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from ingest.report import LoadReport
from tests.support.sandbox_files import write_sandbox
from tests.support.source_files import PEPPER, facts_of

PERSON = NodeLabel.PERSON
CALLED, KNOWS = EdgeType(PERSON, RelType.CALLED, PERSON), EdgeType(PERSON, RelType.KNOWS, PERSON)
LISTS_CONTACT = EdgeType(PERSON, RelType.LISTS_CONTACT, PERSON)
ADA, BOB = {}, {"msisdn": "+491560000002", "customer_id": "TEL-00000002"}
ADA_LISTS_BOB = {"UID": "1", "REV": "20230301T101112Z"}
BOB_LISTS_ADA = {
    "UID": "2",
    "SOURCE": "urn:customer:TEL-00000002",
    "TEL;VALUE=uri": "tel:+491560000001",
    "REV": "20230401T000000Z",
}


def read(folder: Path) -> tuple[list[FactBatch], LoadReport]:
    return read_facts("sandbox", folder, PEPPER)


def key(raw_id: str) -> str:
    return PEPPER.node_key(PERSON, "sandbox", raw_id)


def test_a_call_joins_the_subscribers_of_both_numbers(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"subscribers.csv": [ADA, BOB]}))

    call = facts_of(batches, CALLED)[0]
    assert (call["source_id"], call["target_id"]) == (key("TEL-00000001"), key("TEL-00000002"))
    assert call["duration_seconds"] == 90


def test_a_number_without_a_known_subscriber_is_a_person_of_its_own(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    assert facts_of(batches, CALLED)[0]["target_id"] == key("tel:+491560000002")


def test_a_number_of_several_subscribers_is_nobodys_in_particular(tmp_path: Path) -> None:
    shared = {"customer_id": "TEL-00000003"}
    batches, report = read(write_sandbox(tmp_path, {"subscribers.csv": [ADA, shared]}))

    assert facts_of(batches, CALLED)[0]["source_id"] == key("tel:+491560000001")
    assert report.rejected == {}


def test_a_contact_listed_by_one_side_is_a_claim_and_no_tie(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"subscribers.csv": [ADA, BOB]}, contacts=[ADA_LISTS_BOB]))

    listed = facts_of(batches, LISTS_CONTACT)
    assert [(f["source_id"], f["target_id"], f["attested_by"]) for f in listed] == [
        (key("TEL-00000001"), key("TEL-00000002"), "subject")
    ]
    assert facts_of(batches, KNOWS) == []


def test_two_who_list_each_other_know_each_other_once_from_when_the_later_one_did(tmp_path: Path) -> None:
    again = ADA_LISTS_BOB | {"UID": "3", "REV": "20231201T000000Z"}
    contacts = [again, BOB_LISTS_ADA, ADA_LISTS_BOB]
    batches, _ = read(write_sandbox(tmp_path, {"subscribers.csv": [ADA, BOB]}, contacts=contacts))

    known = facts_of(batches, KNOWS)
    assert [(f["attested_by"], f["known_at_s"], f["at_us"]) for f in known] == [
        ("both", 1_680_307_200, 1_680_307_200_000_000)  # 2023-04-01 00:00 UTC
    ]
    assert {known[0]["source_id"], known[0]["target_id"]} == {key("TEL-00000001"), key("TEL-00000002")}
    assert len(facts_of(batches, LISTS_CONTACT)) == 3


def test_the_order_of_cards_does_not_matter(tmp_path: Path) -> None:
    contacts = [ADA_LISTS_BOB, BOB_LISTS_ADA]
    one, other = (
        facts_of(read(write_sandbox(tmp_path / name, {"subscribers.csv": [ADA, BOB]}, contacts=cards))[0], KNOWS)
        for name, cards in (("a", contacts), ("b", contacts[::-1]))
    )

    assert one == other


def test_a_person_who_lists_the_own_number_is_withheld(tmp_path: Path) -> None:
    own = {"UID": "1", "TEL;VALUE=uri": "tel:+491560000001"}
    batches, report = read(write_sandbox(tmp_path, contacts=[own]))

    assert facts_of(batches, KNOWS) == []
    assert report.withheld == {LISTS_CONTACT: 1}
