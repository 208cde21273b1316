"""Two real sources that nothing but a mapping file declares, and the examples beside them on deliveries made for them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from graph.facts import FactBatch, check_batch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from ingest.mapping import read_mapping
from tests.support.mappings import EXAMPLES, PEPPER

PERSON, COMPANY, CATEGORY, PLACE = NodeLabel.PERSON, NodeLabel.COMPANY, NodeLabel.CATEGORY, NodeLabel.PLACE

# by edge type: facts made, and facts with an id of their own
BITCOIN_OTC = {EdgeType(PERSON, RelType.RATED, PERSON): (35_592, 35_592)}
SMESD = {
    EdgeType(PERSON, RelType.INVESTED_IN, COMPANY): (3_711, 3_657),
    EdgeType(COMPANY, RelType.INVESTED_IN, COMPANY): (993, 955),
    EdgeType(PERSON, RelType.OWNS, COMPANY): (3_201, 3_155),
    EdgeType(COMPANY, RelType.LITIGATED, COMPANY): (15_366, 14_867),
    EdgeType(COMPANY, RelType.IN_CATEGORY, CATEGORY): (4_734, 4_734),
    EdgeType(COMPANY, RelType.QUALIFIED_FOR, CATEGORY): (3_827, 3_827),
    EdgeType(COMPANY, RelType.BRANCH_OF, COMPANY): (384, 378),
    EdgeType(COMPANY, RelType.DESCRIBED_AS, COMPANY): (4_028, 3_976),
    EdgeType(PERSON, RelType.MANAGES, COMPANY): (2_861, 2_806),
    EdgeType(PERSON, RelType.SUPERVISES, COMPANY): (1_972, 1_946),
    EdgeType(COMPANY, RelType.LOCATED_IN, PLACE): (4_028, 4_028),
}
ROWS = {
    "bitcoin_otc": {"otc_network.csv": 35_592},
    "smesd": {"companies.csv": 4_028, "edges.csv": 26_686, "hyperedges.csv": 12_589, "lawsuits.csv": 15_366},
}


def counts(batches: list[FactBatch]) -> dict[EdgeType, tuple[int, int]]:
    return {batch.edge: (batch.rows.height, batch.rows["id"].n_unique()) for batch in batches}


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "facts"), [("bitcoin_otc", BITCOIN_OTC), ("smesd", SMESD)])
def test_a_real_source_is_loaded_by_its_mapping_alone(
    real_data: Path, name: str, facts: dict[EdgeType, tuple[int, int]]
) -> None:
    batches, report = read_facts(read_mapping(EXAMPLES / f"{name}.yaml"), real_data / name, PEPPER)
    assert {table.file: table.read for table in report.tables} == ROWS[name]
    assert report.rejected == {}
    assert counts(batches) == facts
    for batch in batches:
        check_batch(batch)


@pytest.mark.real_data
def test_what_is_undated_is_marked_and_what_is_dated_is_known_when_it_was_said(real_data: Path) -> None:
    [ratings], _ = read_facts(read_mapping(EXAMPLES / "bitcoin_otc.yaml"), real_data / "bitcoin_otc", PEPPER)
    first = ratings.rows.sort("at_us").row(0, named=True)
    assert (first["at_us"], first["known_at_s"], first["rating"]) == (1_289_241_911_728_360, 1_289_241_912, 4)
    assert not ratings.rows["undated"].any()
    companies, _ = read_facts(read_mapping(EXAMPLES / "smesd.yaml"), real_data / "smesd", PEPPER)
    assert all(batch.rows["undated"].all() for batch in companies)


def test_both_kinds_of_bank_statement_become_payments_in_both_directions(tmp_path: Path) -> None:
    iban, other = "DE89370400440532013000", "DE02120300000000202051"
    header = "Auftragskonto;Buchungstag;Valutadatum;Buchungstext;Verwendungszweck;Beguenstigter/Zahlungspflichtiger;"
    header += "Kontonummer/IBAN;BIC (SWIFT-Code);Betrag;Waehrung;Info"
    booking = "{};31.12.24;31.12.24;Text;Grüße;Name;{};BIC;{};EUR;x"
    rows = [booking.format(iban, other, "-1.234,50"), booking.format(iban, other, "12,00"), booking.format(iban, "", "-5,00")]
    text = "\r\n".join([header, *rows, rows[0]]) + "\r\n"
    (tmp_path / "signed.csv").write_bytes(text.encode("windows-1252"))
    two = "Account,Date,Description,Reference,Payee account,Paid out,Paid in,Balance\n"
    two += '20-00-00 55779911,31/12/2024,Rent,r1,20-00-00 55779912,"1,200.00",,0\n'
    two += "20-00-00 55779911,31/12/2024,Pay,r2,20-00-00 1,,5.5,0\n"
    (tmp_path / "two_columns.csv").write_text(two)
    [payments], report = read_facts(read_mapping(EXAMPLES / "bank_csv.yaml"), tmp_path, PEPPER)
    assert (report.read, report.accepted) == (6, 6)
    amounts = payments.rows.sort("amount_minor")["amount_minor"].to_list()
    assert amounts == [500, 550, 1_200, 120_000, 123_450, 123_450]
    assert payments.rows["id"].n_unique() == 6  # two alike are two
    outgoing = payments.rows.filter(pl.col("amount_minor") == 123_450)
    assert set(outgoing["source_id"]) == {PEPPER.node_key(NodeLabel.BANK_ACCOUNT, "bank_csv", iban)}


def test_the_example_of_json_lines_reads_what_a_carrier_reports(tmp_path: Path) -> None:
    consignee = {"customer": "ada", "phone": "030 123456", "street": "Hauptstr. 1", "city": "Berlin"}
    times = {"at": "2025-01-02T10:00:00+01:00", "reported": "2025-01-02T12:00:00Z"}
    lines = [{"parcel": f"p{i}", "consignee": consignee, "status": s} | times for i, s in enumerate(["DELIVERED", "RETURNED"])]
    (tmp_path / "parcels.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    batches, report = read_facts(read_mapping(EXAMPLES / "parcels_jsonl.yaml"), tmp_path, PEPPER)
    assert report.accepted == 2
    assert {batch.edge.rel: batch.rows.height for batch in batches} == {RelType.DELIVERED_TO: 1, RelType.HAS_PHONE: 1}
    [phone] = [batch.rows.row(0, named=True) for batch in batches if batch.edge.rel is RelType.HAS_PHONE]
    assert phone["target_id"] == PEPPER.node_key(NodeLabel.PHONE, "parcels_jsonl", "+4930123456")
    assert phone["attested_by"] == "subject"


def test_the_example_of_parquet_reads_calls(tmp_path: Path) -> None:
    rows = {"call_id": ["a", "b"], "caller": ["+49301234567"] * 2, "callee": ["0301234568"] * 2, "seconds": [7, 90_000]}
    started = [datetime(2025, 1, 2, 3, tzinfo=UTC)] * 2
    pl.DataFrame(rows | {"started_at": started, "cell": [1, 2]}).write_parquet(tmp_path / "calls.parquet")
    [calls], report = read_facts(read_mapping(EXAMPLES / "calls_parquet.yaml"), tmp_path, PEPPER)
    assert (report.accepted, calls.rows["duration_seconds"].to_list()) == (1, [7])
