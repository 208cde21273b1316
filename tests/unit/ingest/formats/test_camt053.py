"""Reading camt.053: signs, running balances, namespaces, and XML that tries to reach beyond itself."""

from pathlib import Path

import pytest

from ingest.errors import SourceLayoutChanged, SourceMalformed
from ingest.formats import read_table
from ingest.formats.camt053 import FIELDS
from ingest.source import ColumnSpec, Format, TableSpec
from ingest.values import Text
from tests.support.sandbox_files import statement_entry, statement_xml

SPEC = TableSpec(
    name="t",
    file="t.xml",
    format=Format.CAMT_053,
    columns=tuple(ColumnSpec(field, field, Text(), optional=True) for field in FIELDS),
)


def read(folder: Path, text: str) -> list[dict[str, object]]:
    (folder / SPEC.file).write_text(text, encoding="utf-8")
    rows, rejections = read_table("s", folder, SPEC)
    assert rejections.is_empty()
    return list(rows.iter_rows(named=True))


def test_an_entry_is_a_row_with_all_its_fields(tmp_path: Path) -> None:
    assert read(tmp_path, statement_xml(statement_entry("X1", "10.05", "DBIT"))) == [
        {
            "row": 1,
            "iban": "DE44999700100000000004",
            "created_at": "2023-06-01T03:00:00Z",
            "entry_id": "X1",
            "booked_at": "2023-05-02T09:30:00Z",
            "amount": "-10.05",
            "currency": "EUR",
            "counterparty_iban": "DE22999700100000000002",
            "counterparty_name": "Laden & Co",
            "purpose_code": "GDDS",
            "remittance": "a < b",
            "balance_after": "89.95",
        }
    ]


def test_balances_run_on_from_the_opening_one(tmp_path: Path) -> None:
    entries = [statement_entry("1", "100.10", "DBIT"), statement_entry("2", "0.20", "CRDT"), statement_entry("3", "5", "CRDT")]

    rows = read(tmp_path, statement_xml(*entries))

    assert [row["balance_after"] for row in rows] == ["-0.10", "0.10", "5.10"]
    assert [row["amount"] for row in rows] == ["-100.10", "0.20", "5"]


@pytest.mark.parametrize(("amount", "indicator"), [("ten", "DBIT"), ("10.00", "UP")])
def test_an_amount_that_is_not_understood_leaves_no_balance_behind_it(tmp_path: Path, amount: str, indicator: str) -> None:
    rows = read(tmp_path, statement_xml(statement_entry("1", amount, indicator), statement_entry("2", "1.00", "CRDT")))

    assert [(row["amount"], row["balance_after"]) for row in rows] == [(None, None), ("1.00", None)]


def test_another_version_and_a_prefix_are_read_alike(tmp_path: Path) -> None:
    text = statement_xml(statement_entry("X1", "10.05", "DBIT"))
    prefixed = text.replace("053.001.08", "053.001.02").replace("xmlns=", "xmlns:b=").replace("</", "<~").replace("<", "<b:")
    prefixed = prefixed.replace("<b:~", "</b:").replace("<b:?xml", "<?xml")

    assert read(tmp_path, prefixed) == read(tmp_path, text)


def test_a_document_of_another_kind_stops_the_load(tmp_path: Path) -> None:
    with pytest.raises(SourceLayoutChanged, match=r"camt\.053"):
        read(tmp_path, '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>')


@pytest.mark.parametrize("text", ["", "<<", "iban;amount\n", statement_xml()[:-4]])
def test_what_is_no_xml_stops_the_load(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceMalformed, match="line 1"):
        read(tmp_path, text)


def test_a_statement_that_declares_a_document_type_stops_the_load(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    text = statement_xml(statement_entry("X1", "10.05", "DBIT")).replace("Laden &amp; Co", "&file;&long;")
    entities = f'<!ENTITY file SYSTEM "{(tmp_path / "secret").as_uri()}"><!ENTITY a "aaaaaaaaaa"><!ENTITY long "&a;&a;&a;">'
    text = text.replace("<Document", f"<!DOCTYPE Document [{entities}]><Document", 1)

    with pytest.raises(SourceMalformed, match="declares a document type"):
        read(tmp_path, text)


NUMBERS = ("1E+999999999", "9e9999999999999999999", "NaN", "sNaN", "Infinity", "-5", "1_000", "\uff11\uff12")


@pytest.mark.parametrize("amount", NUMBERS)
def test_what_a_program_would_take_for_a_number_is_no_amount(tmp_path: Path, amount: str) -> None:
    rows = read(tmp_path, statement_xml(statement_entry("X1", amount, "DBIT"), statement_entry("X2", "1.00", "CRDT")))

    assert [row["amount"] for row in rows] == [None, "1.00"]


def test_a_declaration_that_leaves_out_a_field_is_at_fault(tmp_path: Path) -> None:
    short = TableSpec(name="t", file="t.xml", format=Format.CAMT_053, columns=SPEC.columns[1:])
    (tmp_path / "t.xml").write_text(statement_xml())

    with pytest.raises(SourceLayoutChanged, match="iban"):
        read_table("s", tmp_path, short)
