"""How the text of one column becomes a typed value, exactly: money without floats, times with their zone.

A parser gives null for text it does not understand, never a guess; the row is then refused under the parser's `fault`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

import polars as pl

from ingest.checks import Check, RejectReason

MICROSECONDS = 1_000_000
MINOR_DIGITS = 2  # of the currencies read so far (ISO 4217: CZK, NGN)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Parser(Protocol):
    """Turns the text of one column into one or more typed columns."""

    @property
    def fault(self) -> RejectReason:
        """The reason for rows whose text this parser does not understand."""
        ...

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """Typed columns by name; the first is null exactly where the text is missing or not understood.

        The others may be made of the first: it is there, under its name, when they are made.
        """
        ...

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """Further reasons to refuse a row whose text was understood; `delivered_us` is UTC microseconds."""
        ...


@dataclass(frozen=True)
class Text:
    """An identifier or name, taken as it stands; `pattern` restricts it (Rust regular expression)."""

    pattern: str | None = None
    fault: RejectReason = RejectReason.MISSING_VALUE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: the text."""
        return {name: raw if self.pattern is None else pl.when(raw.str.contains(self.pattern)).then(raw)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Alike:
    """An identifier that people write in several ways: `write`, a module's own function, gives the one we write, else null."""

    write: Callable[[pl.Expr], pl.Expr]
    fault: RejectReason = RejectReason.MISSING_VALUE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: the identifier as we write it."""
        return {name: self.write(raw)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Code:
    """A code word of the source, translated by a constant table; words that are not in it are refused."""

    table: Mapping[str, str]
    fault: ClassVar[RejectReason] = RejectReason.UNKNOWN_CODE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: our word for the code."""
        known = {"": None} | dict(self.table)  # the empty word keeps the table typed when it holds no code at all
        return {name: raw.replace_strict(known, default=None, return_dtype=pl.String)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Integer:
    """A whole number between `least` and `most`, both inclusive."""

    least: int
    most: int
    fault: ClassVar[RejectReason] = RejectReason.BAD_NUMBER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: int64."""
        value = pl.when(raw.str.contains("^-?[0-9]{1,18}$")).then(raw).cast(pl.Int64, strict=False)
        return {name: pl.when(value.is_between(self.least, self.most)).then(value)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Decimal:
    """A plain decimal number, no exponent, in the unit the vocabulary declares; float64."""

    fault: ClassVar[RejectReason] = RejectReason.BAD_NUMBER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: float64."""
        return {name: pl.when(raw.str.contains(r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$")).then(raw).cast(pl.Float64, strict=False)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Money:
    """An amount in major units as decimal text; digits finer than a minor unit must be zeros."""

    signed: bool = False
    fault: ClassVar[RejectReason] = RejectReason.BAD_NUMBER

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: int64 minor units."""
        shape = raw.str.contains(rf"^-?[0-9]{{1,15}}(?:\.[0-9]{{1,{MINOR_DIGITS}}}0*)?$")
        exact = pl.when(shape).then(raw).cast(pl.Decimal(38, MINOR_DIGITS), strict=False)
        return {name: (exact * 10**MINOR_DIGITS).cast(pl.Int64, strict=False)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """Refuses amounts below zero, except where the column is declared signed."""
        return () if self.signed else (Check(RejectReason.NEGATIVE_AMOUNT, name, pl.col(name) < 0),)


@dataclass(frozen=True)
class BirthYear:
    """Year of birth out of a Czech birth number `YYMMDD`; months above 50 mark women and are not kept."""

    fault: ClassVar[RejectReason] = RejectReason.BAD_DATE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: int64 year; the numbers are of 1900 to 1999."""
        shape = raw.str.contains("^[0-9]{2}(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12][0-9]|3[01])$")
        return {name: pl.when(shape).then(1900 + raw.str.slice(0, 2).cast(pl.Int64, strict=False))}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Captured:
    """The one group of `pattern` (Rust regular expression) in an identifier that stands within other text."""

    pattern: str
    fault: RejectReason = RejectReason.MISSING_VALUE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """One column: what the group matched."""
        return {name: raw.str.extract(self.pattern, 1)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class BirthDate:
    """A date of birth `YYYY-MM-DD` from 1880 on; facts carry its year, and the day only as keyed hashes."""

    fault: ClassVar[RejectReason] = RejectReason.BAD_DATE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """Two columns: NAME_date (the text, checked) and NAME_year (int64)."""
        shape = raw.str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        year = pl.when(shape).then(raw).str.to_date("%Y-%m-%d", strict=False).dt.year().cast(pl.Int64)
        return {f"{name}_date": pl.when(year >= 1880).then(raw), f"{name}_year": pl.when(year >= 1880).then(year)}

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Moment:
    """A date, or a date with time, in the wall-clock time of a zone.

    A value without a time, or with a time of exactly midnight, is a bare date: it began at that midnight and is
    known at the next one. A value with a time is known at that instant, rounded up to a whole second. Where values are
    `timed`, midnight is an instant like any other. `promise` marks dates that may lie after the delivery, such as a due date.
    """

    zone: str
    shape: str = field(default=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,6})?$", kw_only=True)
    format: str = field(default="%Y-%m-%d %H:%M:%S%.f", kw_only=True)
    timed: bool = field(default=False, kw_only=True)
    promise: bool = field(default=False, kw_only=True)
    fault: ClassVar[RejectReason] = RejectReason.BAD_DATE

    def columns(self, name: str, raw: pl.Expr) -> dict[str, pl.Expr]:
        """Three columns: NAME_us (UTC microseconds), NAME_known_s (UTC seconds), NAME_day (date in the zone)."""
        local = pl.when(raw.str.contains(self.shape)).then(raw).str.to_datetime(self.format, time_unit="us", strict=False)
        us = self._utc_us(local)
        if self.timed:
            # what is below zero is no unsigned integer: reads the text once, where `when` and `then` would read it twice
            first, known = us.cast(pl.UInt64, strict=False).cast(pl.Int64), pl.col(f"{name}_us")
            return {
                f"{name}_us": first,
                f"{name}_known_s": (known + (MICROSECONDS - 1)) // MICROSECONDS,
                f"{name}_day": known.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(self.zone).dt.date(),
            }
        day = local.dt.date()
        bare = local.dt.time() == pl.time(0, 0, 0)
        midnight_s = self._utc_us(day.dt.offset_by("1d").cast(pl.Datetime("us"))) // MICROSECONDS
        instant_s = (us + (MICROSECONDS - 1)) // MICROSECONDS
        return {
            # the key space of a snapshot begins in 1970
            f"{name}_us": pl.when(us >= 0).then(us),
            f"{name}_known_s": pl.when(bare).then(midnight_s).otherwise(instant_s),
            f"{name}_day": day,
        }

    def checks(self, name: str, delivered_us: int) -> tuple[Check, ...]:
        """Refuses moments after the delivery, except promises."""
        return () if self.promise else (Check(RejectReason.AFTER_DELIVERY, name, pl.col(f"{name}_us") > delivered_us),)

    def _utc_us(self, local: pl.Expr) -> pl.Expr:
        if self.zone == "UTC":
            return local.dt.timestamp("us")
        # an hour that occurs twice is taken the second time, so that nothing is known too early; a time
        # that the clock skipped is no date
        return local.dt.replace_time_zone(self.zone, ambiguous="latest", non_existent="null").dt.timestamp("us")


def bare_date(zone: str) -> Moment:
    """A parser of `YYMMDD` in a zone; years 70 to 99 are of the last century."""
    return Moment(zone, shape="^[0-9]{6}$", format="%y%m%d")


def iso_date(zone: str, *, promise: bool = False) -> Moment:
    """A parser of `YYYY-MM-DD` in a zone."""
    return Moment(zone, shape="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", format="%Y-%m-%d", promise=promise)


def instant(*, promise: bool = False) -> Moment:
    """A parser of UTC instants in the extended format of ISO 8601, `2023-04-05T10:11:12Z`."""
    shape = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$"
    return Moment("UTC", shape=shape, format="%Y-%m-%dT%H:%M:%SZ", timed=True, promise=promise)


def basic_instant() -> Moment:
    """A parser of UTC instants in the basic format of ISO 8601, `20230405T101112Z`, as vCard writes them."""
    return Moment("UTC", shape="^[0-9]{8}T[0-9]{4}[0-5][0-9]Z$", format="%Y%m%dT%H%M%SZ", timed=True)


def whole_microseconds(moment: datetime) -> int:
    """UTC microseconds of an instant with a zone, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def whole_seconds(moment: datetime) -> int:
    """UTC seconds of an instant with a zone, rounded up."""
    return -(-whole_microseconds(moment) // MICROSECONDS)
