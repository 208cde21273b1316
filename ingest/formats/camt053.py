"""Bank statements as ISO 20022 camt.053 (Bank-to-Customer Statement, versions 001.02 on): every entry is one row.

Computes the balance after each entry from the opening one, and the sign of an amount from its indicator. Entities are not
resolved and nothing is fetched. Whether the figures make sense is for the table's checks.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import polars as pl
from lxml import etree

from ingest.checks import REFUSAL_SCHEMA
from ingest.errors import SourceLayoutChanged, SourceMalformed
from ingest.formats.pieces import Block, Piece
from ingest.formats.text import BLOCK_BYTES, Bounded, check_names, opened
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

BLOCK_ENTRIES = 20_000
HEAD_ENTRIES = 500  # where only the beginning is asked for
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,9})?")  # more than any amount of the standard, less than Decimal rounds
_SIGN = {"CRDT": 1, "DBIT": -1}
_DETAILS = "{*}NtryDtls/{*}TxDtls/"
_ENTRY_IDS = ("{*}NtryRef", "{*}AcctSvcrRef", f"{_DETAILS}{{*}}Refs/{{*}}AcctSvcrRef", f"{_DETAILS}{{*}}Refs/{{*}}EndToEndId")
_PARTY = {"CRDT": "Dbtr", "DBIT": "Cdtr"}  # the other side of the entry


def cut_camt053(path: Path, spec: TableSpec, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Blocks of entries, already parsed; `row` is the number of the entry in the file, from 1. Nothing is refused here.

    Raises:
        SourceUnreadable, SourceMalformed, SourceExpandsTooFar: as `text.opened`, or no well-formed XML.
        SourceLayoutChanged: the document is no camt.053, or the declared headers are not those of this format.
    """
    headers = [column.header for column in spec.columns]
    check_names(path, required=headers, declared=[*headers, *spec.ignored], found=FIELDS)
    schema = {"row": pl.Int64()} | {name: pl.String() for name in FIELDS}
    rows = ((number, *values) for number, values in enumerate(_entries(path), start=1))
    size = BLOCK_ENTRIES if block_bytes >= BLOCK_BYTES else HEAD_ENTRIES
    chunks = iter(lambda: list(islice(rows, size)), [])
    for number, chunk in enumerate([list(rows)] if spec.whole else chunks):
        texts = pl.DataFrame(chunk, schema=schema, orient="row").select("row", *headers)
        first = 1 + number * size
        yield Block(number, first, Piece(texts, pl.DataFrame(schema=REFUSAL_SCHEMA)), path=str(path))


def check_camt053(path: Path) -> int:
    """Read to the end, so that a file that breaks off is refused before anything of it is used; returns its entries.

    Raises:
        SourceUnreadable, SourceMalformed, SourceLayoutChanged: as `cut_camt053`.
    """
    return sum(1 for statement in _statements(path) for _ in statement.iterfind("{*}Ntry"))


def _entries(path: Path) -> Iterator[tuple[str | None, ...]]:
    for statement in _statements(path):
        yield from _statement_entries(statement)


def _statements(path: Path) -> Iterator[etree._Element]:
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    root = None
    with opened(path) as file:
        try:
            for event, element in etree.iterparse(Bounded(file, path), events=("start", "end"), **options):
                if root is None:
                    root = element
                    if element.getroottree().docinfo.doctype:  # no statement has one; entities are declared there
                        raise SourceMalformed(path, line=1, expected="statement (it declares a document type)")
                    if not element.tag.startswith(f"{{{NAMESPACE}"):
                        raise SourceLayoutChanged(path, missing=[f"{NAMESPACE}*"], unknown=[], repeated=[])
                if event == "end" and etree.QName(element).localname == "Stmt":
                    yield element
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
    if indicator not in _SIGN or not _AMOUNT.fullmatch((amount or "").strip()):
        return None
    return Decimal(amount or "") * _SIGN[indicator]
