"""How texts of foreign files are understood: other decimal marks, other date formats, identifiers written in many ways.

Each parser first brings a text into the one form that a parser of ingest/values.py, or a pattern, then judges.
"""

import re
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from ingest.checks import Check, RejectReason
from ingest.values import MICROSECONDS, MINOR_DIGITS, Decimal, Integer

_BLANKS = r"[\s\u00a0\u202f]+"
_MILLION_DIGITS = 6  # of the fraction of a second that is kept


@dataclass(frozen=True)
class NumberMarks:
    """Which characters stand between whole and fraction, and between groups of three digits (none where empty)."""

    decimal: str = "."
    group: str = ""

    def plain(self, raw: pl.Expr) -> pl.Expr:
        """The number with a point and without groups; null where a group is not of three digits."""
        text = raw.str.replace_all(_BLANKS, " ") if self.group == " " else raw
        if self.group:
            whole, mark = re.escape(self.decimal), re.escape(self.group)
            shape = rf"^[+-]?(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)(?:{whole}[0-9]*)?$"
            text = pl.when(text.str.contains(shape)).then(text.str.replace_all(self.group, "", literal=True))
        if self.decimal != ".":
            # a point would now be read as the decimal mark it is not
            text = pl.when(~text.str.contains(".", literal=True)).then(text.str.replace_all(self.decimal, ".", literal=True))
        return text.str.replace(r"^\+([0-9])", "${1}")


@dataclass(frozen=True)
class MarkedInteger:
    """A whole number between `least` and `most`, with its groups apart; a fraction of zeros alone, as in `175.0`, is none."""

    least: int
    most: int
    marks: NumberMarks = field(default=NumberMarks())
    fault: ClassVar[RejectReason] = RejectReason.BAD_NUMBER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: int64."""
        return Integer(self.least, self.most).columns(name, self.marks.plain(raw).str.replace(r"\.0+$", ""))

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class MarkedDecimal:
    """A decimal number in the unit the vocabulary declares."""

    marks: NumberMarks = field(default=NumberMarks())
    fault: ClassVar[RejectReason] = RejectReason.BAD_NUMBER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: float64."""
        return Decimal().columns(name, self.marks.plain(raw))

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class MarkedMoney:
    """An amount in units of 10 to the `power`; digits finer than a minor unit are zeros, or are cut off where told."""

    signed: bool = False
    marks: NumberMarks = field(default=NumberMarks())
    power: int = 0
    cut: bool = False
    fault: ClassVar[RejectReason] = RejectReason.BAD_NUMBER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: int64 minor units."""
        digits, most = MINOR_DIGITS + self.power, 15 - self.power
        rest = "[0-9]*" if self.cut else "0*"
        shape = rf"^(?P<sign>-?)(?P<whole>[0-9]{{1,{most}}})(?:\.(?P<part>[0-9]{{1,{digits}}}){rest})?$"
        parts = self.marks.plain(raw).str.extract_groups(shape)
        whole = parts.struct.field("whole").cast(pl.Int64, strict=False)
        part = parts.struct.field("part").fill_null("").str.pad_end(digits, "0").cast(pl.Int64, strict=False)
        minor = whole * 10**digits + part
        return {name: pl.when(parts.struct.field("sign") == "-").then(-minor).otherwise(minor)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """Refuses amounts below zero, except where the column is declared signed."""
        return () if self.signed else (Check(RejectReason.NEGATIVE_AMOUNT, name, pl.col(name) < 0),)


@dataclass(frozen=True)
class _Instants:
    """Shared by parsers of exact instants: three columns out of UTC microseconds."""

    promise: bool = False
    fault: ClassVar[RejectReason] = RejectReason.BAD_DATE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """Three columns: NAME_us (UTC microseconds), NAME_known_s (UTC seconds, rounded up), NAME_day (date in UTC)."""
        us = self.microseconds(raw)
        known = pl.when(us >= 0).then(us)  # the key space of a snapshot begins in 1970
        return {
            f"{name}_us": known,
            f"{name}_known_s": (known + (MICROSECONDS - 1)) // MICROSECONDS,
            f"{name}_day": known.cast(pl.Datetime("us")).dt.date(),
        }

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """Refuses moments after the delivery, except promises."""
        return () if self.promise else (Check(RejectReason.AFTER_DELIVERY, name, pl.col(f"{name}_us") > delivered_us),)

    def microseconds(self, raw: pl.Expr) -> pl.Expr:
        """UTC microseconds of a text; null where it is not understood."""
        raise NotImplementedError


@dataclass(frozen=True)
class OffsetInstant(_Instants):
    """An instant of RFC 3339, with `Z` or an offset, to the microsecond."""

    def microseconds(self, raw: pl.Expr) -> pl.Expr:
        """UTC microseconds of a text; null where it is not understood."""
        shape = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})$"
        whole = (
            raw.str.replace(r"[Tt ]", "T")
            .str.replace(r"[Zz]$", "+00:00")
            .str.replace(r"([+-][0-9]{2})([0-9]{2})$", "${1}:${2}")
        )
        shaped: pl.Expr = pl.when(raw.str.contains(shape)).then(whole)
        return shaped.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC", strict=False).dt.timestamp(
            "us"
        )


@dataclass(frozen=True)
class UnixTime(_Instants):
    """Seconds since 1970, with or without a fraction; or thousandths of them, where `digits` is 3."""

    digits: int = 0

    def microseconds(self, raw: pl.Expr) -> pl.Expr:
        """UTC microseconds of a text; null where it is not understood."""
        kept = _MILLION_DIGITS - self.digits
        parts = raw.str.extract_groups(rf"^(?P<whole>[0-9]{{1,{11 + self.digits}}})(?:\.(?P<part>[0-9]{{1,{kept}}})[0-9]*)?$")
        whole = parts.struct.field("whole").cast(pl.Int64, strict=False)
        part = parts.struct.field("part").fill_null("").str.pad_end(kept, "0").cast(pl.Int64, strict=False)
        micro: pl.Expr = whole * 10**kept + part
        return micro


@dataclass(frozen=True)
class Tidied:
    """An identifier that people write in several ways, brought into one: see `TIDY`."""

    kind: str
    country: str = ""
    fault: ClassVar[RejectReason] = RejectReason.BAD_IDENTIFIER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: the text in its one form."""
        return {name: TIDY[self.kind](raw, self.country)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


def _phone(raw: pl.Expr, country: str) -> pl.Expr:
    digits = raw.str.replace_all(r"[\s()./\u00a0-]", "").str.replace("^00", "+")
    if country:
        digits = digits.str.replace("^0", f"+{country}")
    return pl.when(digits.str.contains(r"^\+[1-9][0-9]{6,14}$")).then(digits)


def _email(raw: pl.Expr, country: str) -> pl.Expr:
    lower = raw.str.to_lowercase()
    return pl.when(lower.str.contains(r"^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$")).then(lower)


def _iban(raw: pl.Expr, country: str) -> pl.Expr:
    packed = raw.str.replace_all(_BLANKS, "").str.to_uppercase()
    return pl.when(packed.str.contains("^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$")).then(packed)


def _address(raw: pl.Expr, country: str) -> pl.Expr:
    return raw.str.to_lowercase().str.replace_all(r"[\s,;]+", " ").str.strip_chars()


TIDY = {"phone": _phone, "email": _email, "iban": _iban, "address": _address}
"""By kind: telephone numbers in E.164, e-mail addresses in lower case, IBANs without blanks, addresses in plain small words."""
