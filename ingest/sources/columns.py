"""What the files of this delivery have in common: how columns are written, and whom a customer number stands for.

A person is known by the number of the identity document an institution checked, else by the institution's own customer
number. Later steps may find that two such persons are one; nothing here guesses it.
"""

from collections.abc import Mapping

import polars as pl

from ingest.checks import Check, RejectReason
from ingest.source import ColumnSpec, Lookup
from ingest.values import Captured, Decimal, Integer, Money, Text, instant, iso_date

ZONE = "Europe/Berlin"
COMPANY_NUMBER = "^C[0-9]{7}$"
DOCUMENTS = "documents"
Values = Mapping[str, str | pl.Expr]

MONEY: Values = {"amount_minor": "amount", "currency": "currency"}
MONEY_IF_KNOWN: Values = {
    "amount_minor": "amount",
    "currency": pl.when(pl.col("amount").is_not_null()).then(pl.col("currency")),
}
COORDINATES = Text(pattern=r"^-?[0-9]{1,3}\.[0-9]$", fault=RejectReason.BAD_NUMBER)
IBAN = Text(pattern="^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$")
MSISDN = Text(pattern=r"^\+[1-9][0-9]{6,14}$", fault=RejectReason.BAD_NUMBER)
PERCENT = Decimal()
WORD = Text(pattern="^[A-Za-z0-9_.-]{1,64}$", fault=RejectReason.UNKNOWN_CODE)

IN_A_NAME = "a name is no identifier; who is the same is for linkage to find"
FREE_TEXT = "free text, which may name people"


def text(header: str, name: str | None = None, *, optional: bool = False) -> ColumnSpec:
    """An identifier, taken as it stands."""
    return ColumnSpec(header, name or header, Text(), optional)


def word(header: str, name: str | None = None, *, optional: bool = False) -> ColumnSpec:
    """A code word of the source."""
    return ColumnSpec(header, name or header, WORD, optional)


def day(header: str, name: str, *, optional: bool = False, promise: bool = False) -> ColumnSpec:
    """A bare date."""
    return ColumnSpec(header, name, iso_date(ZONE, promise=promise), optional)


def moment(header: str, name: str, *, optional: bool = False, promise: bool = False) -> ColumnSpec:
    """An instant."""
    return ColumnSpec(header, name, instant(promise=promise), optional)


def count(header: str, name: str, most: int, *, least: int = 0, optional: bool = False) -> ColumnSpec:
    """A whole number."""
    return ColumnSpec(header, name, Integer(least, most), optional)


def money(header: str = "amount", name: str = "amount", *, optional: bool = False, signed: bool = False) -> ColumnSpec:
    """An amount in major units; its currency stands in a column of its own."""
    return ColumnSpec(header, name, Money(signed=signed), optional)


RECORDED = moment("recorded_at", "recorded")
CURRENCY = ColumnSpec("currency", "currency", Text(pattern="^[A-Z]{3}$", fault=RejectReason.UNKNOWN_CODE))


def known_person(customer: str = "customer_id", document: str = "document_no") -> Lookup:
    """Looks for the document a customer was first identified by; without one, `document` is null."""
    return Lookup(DOCUMENTS, on=customer, key="customer_id", take={"person": document}, required=False)


def person(customer: str = "customer_id", document: str = "document_no") -> pl.Expr:
    """Whom a customer number stands for, once `known_person` was looked up."""
    return pl.coalesce(document, customer)


def is_company(number: str) -> pl.Expr:
    """Whether a number is a company's of the register, not a customer's."""
    return pl.col(number).str.contains(COMPANY_NUMBER)


def place(latitude: str = "cell_lat", longitude: str = "cell_lon") -> pl.Expr:
    """Key of a cell of 0.1 degree."""
    return pl.concat_str(latitude, longitude, separator=",")


def address(street: str, postcode: str, city: str) -> pl.Expr:
    """Key of a postal address: case and blanks do not matter."""
    return pl.concat_str(street, postcode, city, separator="|").str.to_lowercase().str.replace_all(r"\s+", " ")


def lacking(column: str, where: pl.Expr) -> Check:
    """Refuses rows that need a value in this column and have none."""
    return Check(RejectReason.MISSING_VALUE, column, where & pl.col(column).is_null())


def number_in(header: str, name: str, pattern: str) -> ColumnSpec:
    """An identifier that stands within other text, as the one group of a pattern."""
    return ColumnSpec(header, name, Captured(pattern))
