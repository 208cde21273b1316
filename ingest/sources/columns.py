"""What the files of this delivery have in common: how columns are written, and what a person, a number, a place is called.

A person is whom one institution means by its customer number, a telephone number whoever is reached by it, a document whoever
bears it. That several of these are one person is for linkage to find; nothing here looks beyond one row.
"""

from collections.abc import Mapping

import polars as pl

from ingest.checks import Check, RejectReason
from ingest.identity import email_address, phone_number, postal_address
from ingest.source import ColumnSpec
from ingest.values import Alike, Captured, Decimal, Integer, Money, Text, instant, iso_date

ZONE = "Europe/Berlin"
COMPANY_NUMBER = "^C[0-9]{7}$"
Values = Mapping[str, str | pl.Expr]

MONEY: Values = {"amount_minor": "amount", "currency": "currency"}
MONEY_IF_KNOWN: Values = {
    "amount_minor": "amount",
    "currency": pl.when(pl.col("amount").is_not_null()).then(pl.col("currency")),
}
COORDINATES = Text(pattern=r"^-?[0-9]{1,3}\.[0-9]$", fault=RejectReason.BAD_NUMBER)
IBAN = Text(pattern="^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$")
PERCENT = Decimal()
WORD = Text(pattern="^[A-Za-z0-9_.-]{1,64}$", fault=RejectReason.UNKNOWN_CODE)

IN_A_NAME = "a name is no identifier; who is the same is for linkage to find"
FREE_TEXT = "free text, which may name people"


def telephone(raw: pl.Expr) -> pl.Expr:
    """`phone_number`, which most numbers of a telephone company need not go through: they are written so already."""
    plain = raw.str.contains(r"^\+49[1-9][0-9]{7,11}$")
    return pl.coalesce(pl.when(plain).then(raw), phone_number(pl.when(~plain).then(raw)))


def tel_uri(raw: pl.Expr) -> pl.Expr:
    """The number in a URI `tel:...` (RFC 3966)."""
    return telephone(raw.str.extract("^tel:(.+)$", 1))


MSISDN = Alike(telephone, RejectReason.BAD_NUMBER)
EMAIL = Alike(email_address)


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


def reached_by(number: str) -> pl.Expr:
    """The person whom a telephone number reaches, of whom nothing else is known."""
    return pl.concat_str(pl.lit("tel:"), number)


def bearer_of(document: str) -> pl.Expr:
    """The person who bears a document, of whom nothing else is known."""
    return pl.concat_str(pl.lit("document:"), document)


def document(number: str) -> pl.Expr:
    """Key of an identity document: its number alone, since a list that names one states neither kind nor country.

    Case, blanks and signs do not matter; what holds neither letter nor digit is no number.
    """
    signs = pl.col(number).str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(signs != "").then(signs)


def is_company(number: str) -> pl.Expr:
    """Whether a number is a company's of the register, not a customer's."""
    return pl.col(number).str.contains(COMPANY_NUMBER)


def place(latitude: str = "cell_lat", longitude: str = "cell_lon") -> pl.Expr:
    """Key of a cell of 0.1 degree."""
    return pl.concat_str(latitude, longitude, separator=",")


def address(street: str, postcode: str, city: str) -> pl.Expr:
    """Key of a postal address: case, blanks and usual short forms do not matter."""
    return postal_address(pl.col(street), pl.col(postcode), pl.col(city))


def lacking(column: str, where: pl.Expr) -> Check:
    """Refuses rows that need a value in this column and have none."""
    return Check(RejectReason.MISSING_VALUE, column, where & pl.col(column).is_null())


def number_in(header: str, name: str, pattern: str) -> ColumnSpec:
    """An identifier that stands within other text, as the one group of a pattern."""
    return ColumnSpec(header, name, Captured(pattern))
