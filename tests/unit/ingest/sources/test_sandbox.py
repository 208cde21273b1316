"""The sandbox delivery as a whole: what a row of each file becomes, and when it counts as known."""

import re
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.facts import FactBatch, check_batch
from graph.vocabulary import NAME_KEYS, EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.identity import phone_number
from ingest.load import read_facts
from ingest.report import LoadReport
from ingest.sources.columns import telephone
from tests.support.sandbox_files import RECORDED, statement_entry, statement_xml, write_sandbox
from tests.support.source_files import PEPPER, facts_of

PERSON, COMPANY, LENDER, LOAN = NodeLabel.PERSON, NodeLabel.COMPANY, NodeLabel.LENDER, NodeLabel.LOAN
ACCOUNT, PLACE, ADDRESS = NodeLabel.BANK_ACCOUNT, NodeLabel.PLACE, NodeLabel.ADDRESS
HAS_DOCUMENT = EdgeType(PERSON, RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT)
HAS_PHONE = EdgeType(PERSON, RelType.HAS_PHONE, NodeLabel.PHONE)
HAS_EMAIL = EdgeType(PERSON, RelType.HAS_EMAIL, NodeLabel.EMAIL)
KNOWN_AS = EdgeType(PERSON, RelType.KNOWN_AS, PERSON)
KEYED = [spec.name for spec in NAME_KEYS]
LIVES_AT = EdgeType(PERSON, RelType.LIVES_AT, ADDRESS)
LISTED_ON = EdgeType(PERSON, RelType.LISTED_ON, PERSON)
VISITED = EdgeType(PERSON, RelType.VISITED, PLACE)


def read(folder: Path) -> tuple[list[FactBatch], LoadReport]:
    batches, report = read_facts("sandbox", folder, PEPPER)
    for batch in batches:
        check_batch(batch)
    return batches, report


def key(label: NodeLabel, raw_id: str) -> str:
    return PEPPER.node_key(label, "sandbox", raw_id)


def customers(*numbers: str) -> set[str]:
    return {key(PERSON, number) for number in numbers}


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def ends(batches: list[FactBatch], edge: EdgeType) -> list[tuple[object, object]]:
    return [(fact["source_id"], fact["target_id"]) for fact in facts_of(batches, edge)]


def test_a_sound_delivery_is_accepted_whole_and_leaves_no_file_unread(tmp_path: Path) -> None:
    batches, report = read(write_sandbox(tmp_path, xml=statement_xml(statement_entry("X1", "1.00", "DBIT"))))

    assert report.rejected == {}
    assert (report.read, report.unread, report.withheld) == (report.accepted, {}, {})
    assert {batch.rows["basis"][0] for batch in batches} == {"research"}


def test_facts_are_known_when_recorded_and_never_before_they_happened_but_for_what_falls_due(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    at_once = {RelType.APPLIED_FOR, RelType.FUNDED, RelType.HAS_DOCUMENT, RelType.LISTS_CONTACT, RelType.HAS_PHONE}
    for batch in batches:
        assert (batch.rows["known_at_s"] * 1_000_000 >= batch.rows["at_us"]).all(), batch.edge
        if batch.edge.rel not in at_once:
            assert batch.rows["known_at_s"].to_list() == [second(RECORDED)] * len(batch), batch.edge


def test_a_person_is_the_institutions_own_customer_whatever_document_was_shown(tmp_path: Path) -> None:
    documents = [{"customer_id": customer} for customer in ("SHOP-00000001", "MAP-00000001")]
    batches, _ = read(write_sandbox(tmp_path, {"documents.csv": documents}))

    assert ends(batches, LIVES_AT) == [(key(PERSON, "SHOP-00000001"), key(ADDRESS, "weg 1|01234|ort"))]
    assert {source for source, _ in ends(batches, VISITED)} == {key(PERSON, "MAP-00000001")}
    shown = {key(PERSON, "SHOP-00000001"), key(PERSON, "MAP-00000001"), key(PERSON, "document:L001")}
    assert set(ends(batches, HAS_DOCUMENT)) == {(person, key(NodeLabel.DOCUMENT, "L001")) for person in shown}


def test_a_corrected_document_is_a_further_fact(tmp_path: Path) -> None:
    later = {"document_no": "L0O1", "recorded_at": "2022-03-01T07:00:00Z"}
    batches, _ = read(write_sandbox(tmp_path, {"documents.csv": [later, {}]}))

    shown = [target for source, target in ends(batches, HAS_DOCUMENT) if source == key(PERSON, "SHOP-00000001")]
    assert shown == [key(NodeLabel.DOCUMENT, "L0O1"), key(NodeLabel.DOCUMENT, "L001")]


@pytest.mark.parametrize("number", ["l001", " L 001", "L-001", "L.00/1"])
def test_a_document_is_one_however_its_number_is_written(tmp_path: Path, number: str) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"documents.csv": [{"document_no": number}]}))

    assert {target for _, target in ends(batches, HAS_DOCUMENT)} == {key(NodeLabel.DOCUMENT, "L001")}


def test_a_document_number_without_letter_or_digit_is_refused(tmp_path: Path) -> None:
    _, report = read(write_sandbox(tmp_path, {"documents.csv": [{}, {"document_no": "--"}]}))

    assert report.rejected == {RejectReason.MISSING_VALUE: 1}


def test_a_changed_phone_is_a_further_fact(tmp_path: Path) -> None:
    rows = [{}, {"phone": "+491560000009"}, {"phone": "", "email": ""}]
    batches, _ = read(write_sandbox(tmp_path, {"customers.csv": rows}))

    phones = {target for source, target in ends(batches, HAS_PHONE) if source == key(PERSON, "SHOP-00000001")}
    assert phones == {key(NodeLabel.PHONE, "+491560000001"), key(NodeLabel.PHONE, "+491560000009")}


@pytest.mark.parametrize(
    ("written", "edge"),
    [
        ({"phone": "0156 / 0000001"}, HAS_PHONE),
        ({"phone": "+49 (0)156 0000001"}, HAS_PHONE),
        ({"email": " ADA+shop@Mail.example"}, HAS_EMAIL),
    ],
)
def test_a_number_or_a_mailbox_is_one_however_it_is_written(tmp_path: Path, written: dict[str, str], edge: EdgeType) -> None:
    batches, report = read(write_sandbox(tmp_path, {"customers.csv": [{}, written | {"customer_id": "TEL-00000001"}]}))

    targets = {target for source, target in ends(batches, edge) if source in customers("SHOP-00000001", "TEL-00000001")}
    assert len(targets) == 1
    assert report.rejected == {}


@pytest.mark.parametrize(("written", "reason"), [({"phone": "call me"}, "bad_number"), ({"email": "at home"}, "missing_value")])
def test_what_is_no_number_or_mailbox_is_refused(tmp_path: Path, written: dict[str, str], reason: str) -> None:
    _, report = read(write_sandbox(tmp_path, {"customers.csv": [{}, written]}))

    assert report.rejected == {RejectReason(reason): 1}


@given(number=st.from_regex(r"[1-9][0-9]{7,11}", fullmatch=True))
def test_numbers_written_as_we_do_are_taken_as_they_stand(number: str) -> None:
    written = pl.DataFrame({"raw": [f"+49{number}", f"0049 {number}", None]})

    assert written.select(telephone(pl.col("raw"))).to_series().to_list() == [f"+49{number}", f"+49{number}", None]
    assert written.select(phone_number(pl.col("raw"))).equals(written.select(telephone(pl.col("raw"))))


def test_a_name_and_a_birth_date_become_keyed_hashes_that_are_equal_at_every_institution(tmp_path: Path) -> None:
    rows = [
        {},
        {"customer_id": "TEL-00000001", "full_name": "MUSTER, Dr. Ada"},
        {"customer_id": "MAP-00000001", "full_name": "Ada Mustre", "birth_date": "1950-03-02"},
        {"customer_id": "BK1-00000001", "full_name": "", "birth_date": ""},
    ]
    batches, report = read(write_sandbox(tmp_path, {"customers.csv": rows}))

    shop, telecom, maps = facts_of(batches, KNOWN_AS)
    assert {name: shop[name] for name in KEYED} == {name: telecom[name] for name in KEYED}
    assert all(re.fullmatch("[0-9a-f]{16}( [0-9a-f]{16})*", str(shop[name])) for name in KEYED)
    assert (shop["given_name"], shop["family_name"]) == (maps["given_name"], shop["family_name"])
    for name in ("family_name", "birth_date"):
        assert shop[name] != maps[name]
        assert set(str(shop[f"{name}_near"]).split()) & set(str(maps[f"{name}_near"]).split())
    assert report.rejected == {}


def test_each_way_a_name_was_written_is_a_fact_and_the_first_that_wrote_it_stands(tmp_path: Path) -> None:
    later = {"recorded_at": "2023-07-01T08:00:00Z"}
    batches, _ = read(write_sandbox(tmp_path, {"customers.csv": [{}, later, later | {"full_name": "Ada Munster"}]}))

    known = facts_of(batches, KNOWN_AS)
    assert (known[0]["id"] == known[1]["id"], known[0]["id"] == known[2]["id"]) == (True, False)


def test_addresses_of_parcels_and_of_homes_are_one_node(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    delivered = ends(batches, EdgeType(PERSON, RelType.DELIVERED_TO, ADDRESS))
    assert delivered == ends(batches, LIVES_AT)


def test_an_older_birth_date_than_the_computers_clock_is_a_birth_year(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    described = facts_of(batches, EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON))
    assert [fact["birth_year"] for fact in described] == [1950]


def test_a_trip_is_a_visit_where_it_ended_when_it_ended(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"visits.csv": [{"visit_id": "W1"}]}))

    trip = next(fact for fact in facts_of(batches, VISITED) if fact["minutes"] is None)
    assert trip["target_id"] == key(PLACE, "52.6,13.5")
    assert trip["at_us"] == second("2023-05-01T09:20:00Z") * 1_000_000
    assert len({fact["id"] for fact in facts_of(batches, VISITED)}) == 2


def test_log_ins_are_facts_of_their_own(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, logins=[{}, {"login_id": "I2"}]))

    used = facts_of(batches, EdgeType(PERSON, RelType.USES_DEVICE, NodeLabel.DEVICE))
    assert len({fact["id"] for fact in used}) == 2


def test_bills_say_how_late_they_were_paid(tmp_path: Path) -> None:
    rows = [{}, {"bill_id": "B2", "paid_on": ""}, {"bill_id": "B3", "paid_on": "2023-03-10"}]
    batches, _ = read(write_sandbox(tmp_path, {"bills.csv": rows}))

    billed = facts_of(batches, EdgeType(PERSON, RelType.BILLED_BY, COMPANY))
    assert [(fact["bill_kind"], fact["days_late"]) for fact in billed] == [("utility", 5), ("utility", None), ("utility", -5)]


def test_a_job_is_taken_up_and_left(tmp_path: Path) -> None:
    rows = [{}, {"event": "ended", "on": "2023-05-30", "salary": "", "currency": ""}]
    batches, _ = read(write_sandbox(tmp_path, {"employment.csv": rows}))

    works, left = (facts_of(batches, EdgeType(PERSON, rel, COMPANY)) for rel in (RelType.WORKS_AT, RelType.LEFT))
    assert [(fact["salary_minor"], fact["currency"]) for fact in works] == [(215_000, "EUR")]
    assert [(fact["source_id"], fact["target_id"]) for fact in left] == [(works[0]["source_id"], works[0]["target_id"])]


@pytest.mark.parametrize(
    ("owner_kind", "owner_id", "owned_kind", "owned_id", "edge"),
    [
        ("person", "REG-00000001", "company", "C0000001", EdgeType(PERSON, RelType.OWNS, COMPANY)),
        ("person", "REG-00000001", "lender", "L05", EdgeType(PERSON, RelType.OWNS, LENDER)),
        ("company", "C0000002", "company", "C0000001", EdgeType(COMPANY, RelType.OWNS, COMPANY)),
        ("company", "C0000002", "lender", "L05", EdgeType(COMPANY, RelType.OWNS, LENDER)),
    ],
)
def test_owners_and_what_they_own_may_be_of_either_kind(
    tmp_path: Path, owner_kind: str, owner_id: str, owned_kind: str, owned_id: str, edge: EdgeType
) -> None:
    row = {"owner_kind": owner_kind, "owner_id": owner_id, "owned_kind": owned_kind, "owned_id": owned_id}
    batches, _ = read(write_sandbox(tmp_path, {"ownership.csv": [row]}))

    assert ends(batches, edge) == [(key(edge.source, owner_id), key(edge.target, owned_id))]
    assert [batch.edge for batch in batches if batch.edge.rel is RelType.OWNS] == [edge]


def test_a_list_entry_is_about_whoever_bears_the_document_it_names(tmp_path: Path) -> None:
    rows = [{}, {"document_no": "", "list": "sanctions"}]
    batches, report = read(write_sandbox(tmp_path, {"watchlists.csv": rows}))

    bearer = key(PERSON, "document:L001")
    assert [(f["source_id"], f["target_id"], f["list"]) for f in facts_of(batches, LISTED_ON)] == [
        (bearer, bearer, "insolvency")
    ]
    assert (bearer, key(NodeLabel.DOCUMENT, "L001")) in ends(batches, HAS_DOCUMENT)
    assert report.rejected == {}


def test_what_is_recorded_before_it_happened_is_refused(tmp_path: Path) -> None:
    early = {"recorded_at": "2014-01-01T00:00:00Z"}
    files = ("addresses.csv", "calls.csv", "visits.csv", "bills.csv", "employment.csv", "applications.csv", "loan_tape.csv")
    _, report = read(write_sandbox(tmp_path, {file: [{}, early] for file in files}))

    refused = {table.file: dict(table.rejected) for table in report.tables if table.rejected}
    assert refused == {file: {RejectReason.OUT_OF_ORDER: 1} for file in files}


def test_a_consent_is_a_fact_of_the_customer_when_given_and_when_taken_back(tmp_path: Path) -> None:
    revoked = {"consent_id": "K2", "action": "revoked", "at": "2022-12-01T00:00:00Z", "recorded_at": "2022-12-02T00:00:00Z"}
    batches, _ = read(write_sandbox(tmp_path, {"consents.csv": [{}, revoked]}))

    facts = facts_of(batches, EdgeType(PERSON, RelType.CONSENTED, PERSON))
    assert {(f["source_id"], f["target_id"]) for f in facts} == {(key(PERSON, "SHOP-00000001"),) * 2}
    assert [(f["family"], f["purpose"], f["action"], f["known_at_s"]) for f in facts] == [
        ("social", "credit_scoring", "granted", second(RECORDED)),
        ("social", "credit_scoring", "revoked", second("2022-12-02T00:00:00Z")),
    ]
    assert len({fact["id"] for fact in facts}) == 2


@pytest.mark.parametrize("change", [{"family": "religion"}, {"purpose": "marketing"}, {"action": "perhaps"}])
def test_a_consent_to_what_is_not_declared_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    _, report = read(write_sandbox(tmp_path, {"consents.csv": [{}, change]}))

    assert report.rejected == {RejectReason.UNKNOWN_CODE: 1}
