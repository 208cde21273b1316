"""Bank statements as ISO 20022 camt.053 (Bank-to-Customer Statement, versions 001.02 on): every entry is one row.

Computes the balance after each entry from the opening one, and the sign of an amount from its indicator. Entities are not
resolved and nothing is fetched. Whether the figures make sense is for the table's checks.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path

import polars as pl
from lxml import etree

from ingest.checks import REJECTION_SCHEMA
from ingest.errors import SourceLayoutChanged, SourceMalformed
from ingest.formats.text import check_names, read_bytes
from ingest.source import TableSpec

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
FIELDS = (
    "iban",  # of the account the statement is about
    "created_at",
    "entry_id",
    "booked_at",
    "amount",  # below zero where the account was debited
    "currency",
    "counterparty_iban",
    "counterparty_name",
    "purpose_code",
    "remittance",
    "balance_after",
)
"""Headers of this format, in the order of a row."""

_SIGN = {"CRDT": 1, "DBIT": -1}
_DETAILS = "{*}NtryDtls/{*}TxDtls/"
_ENTRY_IDS = ("{*}NtryRef", "{*}AcctSvcrRef", f"{_DETAILS}{{*}}Refs/{{*}}AcctSvcrRef", f"{_DETAILS}{{*}}Refs/{{*}}EndToEndId")
_PARTY = {"CRDT": "Dbtr", "DBIT": "Cdtr"}  # the other side of the entry


def read_camt053(path: Path, spec: TableSpec) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with `row` (number of the entry in the file, from 1) and one String column a declared field; no refusals.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceLayoutChanged: the document is no camt.053, or the declared headers are not those of this format.
        SourceMalformed: the file is no well-formed XML.
    """
    headers = [column.header for column in spec.columns]
    check_names(path, required=headers, declared=[*headers, *spec.ignored], found=FIELDS)
    schema = {"row": pl.Int64()} | {name: pl.String() for name in FIELDS}
    rows = [(number, *values) for number, values in enumerate(_entries(path), start=1)]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select("row", *headers), pl.DataFrame(schema=REJECTION_SCHEMA)


def _entries(path: Path) -> Iterator[tuple[str | None, ...]]:
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    parsing = etree.iterparse(BytesIO(read_bytes(path)), events=("start", "end"), **options)
    root = None
    try:
        for event, element in parsing:
            if root is None:
                root = element
                if not element.tag.startswith(f"{{{NAMESPACE}"):
                    raise SourceLayoutChanged(path, missing=[f"{NAMESPACE}*"], unknown=[], repeated=[])
            if event == "end" and etree.QName(element).localname == "Stmt":
                yield from _statement_entries(element)
                element.clear()
    except etree.XMLSyntaxError as exc:
        raise SourceMalformed(path, line=exc.lineno or 1, expected="XML") from exc


def _statement_entries(statement: etree._Element) -> Iterator[tuple[str | None, ...]]:
    iban = statement.findtext("{*}Acct/{*}Id/{*}IBAN")
    created_at = statement.findtext("{*}CreDtTm")
    balance = _opening(statement)
    for entry in statement.iterfind("{*}Ntry"):
        indicator = entry.findtext("{*}CdtDbtInd", "")
        amount = _signed(entry.findtext("{*}Amt"), indicator)
        balance = None if balance is None or amount is None else balance + amount
        currency = entry.find("{*}Amt")
        party = f"{_DETAILS}{{*}}RltdPties/{{*}}{_PARTY.get(indicator, 'Cdtr')}"
        yield (
            iban,
            created_at,
            next(filter(None, map(entry.findtext, _ENTRY_IDS)), None),
            entry.findtext("{*}BookgDt/{*}DtTm") or entry.findtext("{*}BookgDt/{*}Dt"),
            None if amount is None else str(amount),
            None if currency is None else currency.get("Ccy"),
            entry.findtext(f"{party}Acct/{{*}}Id/{{*}}IBAN"),
            entry.findtext(f"{party}/{{*}}Pty/{{*}}Nm") or entry.findtext(f"{party}/{{*}}Nm"),
            entry.findtext(f"{_DETAILS}{{*}}Purp/{{*}}Cd"),
            entry.findtext(f"{_DETAILS}{{*}}RmtInf/{{*}}Ustrd"),
            None if balance is None else str(balance),
        )


def _opening(statement: etree._Element) -> Decimal | None:
    for balance in statement.iterfind("{*}Bal"):
        if balance.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd") == "OPBD":
            return _signed(balance.findtext("{*}Amt"), balance.findtext("{*}CdtDbtInd", ""))
    return None


def _signed(amount: str | None, indicator: str) -> Decimal | None:
    """An amount with the sign of its indicator; None where either is not understood, so that the entry lacks one."""
    try:
        return Decimal(amount or "") * _SIGN[indicator]
    except (InvalidOperation, KeyError):
        return None
