"""The types a mapping can give a column: their options, the columns they become, and what property each can fill.

Schema, checks, parsers and the drafting of a mapping all take the types from here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.vocabulary import Kind
from ingest.checks import RejectReason
from ingest.mapping.parsers import MarkedDecimal, MarkedInteger, MarkedMoney, NumberMarks, OffsetInstant, Tidied, UnixTime
from ingest.values import BirthDate, Code, Moment, Parser, Text

Options = Mapping[str, Any]

MOST_INTEGER = 10**15
SHAPES = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "[0-9]{1,2}",
    "d": "[0-9]{1,2}",
    "H": "[0-9]{1,2}",
    "M": "[0-9]{2}",
    "S": "[0-5][0-9]",
    "b": "[A-Za-z]{3}",
}
"""What each directive of a date format stands for; a leap second is no second."""

WORD_PATTERN = "^[A-Za-z0-9_.-]{1,64}$"
CURRENCY_PATTERN = "^[A-Z]{3}$"


@dataclass(frozen=True)
class ColumnType:
    """One type.

    Attributes:
        meaning: What a column of this type holds, for the documentation.
        options: Further keys the column may have; those in `required` it must have.
        endings: Of the columns it becomes, appended to its name; the first tells one value from another.
        kinds: Properties it can fill.
        parser: Makes the parser from the options.
        moment: Whether it tells when something was.
    """

    meaning: str
    parser: Callable[[Options], Parser]
    options: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    endings: tuple[str, ...] = ("",)
    kinds: Mapping[str, frozenset[Kind]] | None = None
    moment: bool = False


_TIMES = ("_us", "_known_s", "_day")
_TEXT = {"": frozenset({Kind.CATEGORY})}
_MARKS = ("decimal_mark", "group_mark")


def date_shape(form: str) -> str:
    """Pattern of the texts that a date format describes.

    Raises:
        ValueError: a directive that is not of `SHAPES`.
    """
    parts, rest = "", form
    while rest:
        if rest[0] == "%":
            if rest[1:2] not in SHAPES:
                raise ValueError(rest[:2])
            parts, rest = parts + SHAPES[rest[1]], rest[2:]
        else:
            parts, rest = parts + re.escape(rest[0]), rest[1:]
    return f"^{parts}$"


def _marks(options: Options) -> NumberMarks:
    return NumberMarks(options.get("decimal_mark", "."), options.get("group_mark", ""))


def _text(options: Options) -> Parser:
    return Text(pattern=options.get("pattern"), fault=RejectReason.BAD_IDENTIFIER)


def _integer(options: Options) -> Parser:
    return MarkedInteger(options.get("least", -MOST_INTEGER), options.get("most", MOST_INTEGER), _marks(options))


def _money(options: Options) -> Parser:
    power = len(str(options.get("unit", 1))) - 1
    return MarkedMoney(options.get("signed", False), _marks(options), power, options.get("finer_digits") == "cut")


def _date(options: Options) -> Parser:
    form = options.get("format", "%Y-%m-%d")
    return Moment(options["zone"], shape=date_shape(form), format=form, promise=options.get("promise", False))


def _datetime(options: Options) -> Parser:
    if "format" not in options:  # with or without a fraction of the second
        return Moment(options["zone"], timed=True, promise=options.get("promise", False))
    form = options["format"]
    return Moment(options["zone"], shape=date_shape(form), format=form, timed=True, promise=options.get("promise", False))


def _category(options: Options) -> Parser:
    if "codes" in options:
        return Code(dict(options["codes"]))
    return Text(pattern=WORD_PATTERN, fault=RejectReason.UNKNOWN_CODE)


COLUMN_TYPES: Mapping[str, ColumnType] = {
    "text": ColumnType("an identifier, taken as it stands", _text, ("pattern",), kinds=_TEXT),
    "category": ColumnType("a code word; translated by `codes`, where given", _category, ("codes",), kinds=_TEXT),
    "currency": ColumnType(
        "an ISO 4217 code", lambda o: Text(pattern=CURRENCY_PATTERN, fault=RejectReason.UNKNOWN_CODE), kinds=_TEXT
    ),
    "integer": ColumnType(
        "a whole number", _integer, ("least", "most", *_MARKS), kinds={"": frozenset({Kind.INTEGER, Kind.DECIMAL})}
    ),
    "decimal": ColumnType(
        "a decimal number", lambda o: MarkedDecimal(_marks(o)), _MARKS, kinds={"": frozenset({Kind.DECIMAL})}
    ),
    "money": ColumnType(
        "an amount in major units, or in `unit` of them",
        _money,
        (*_MARKS, "signed", "unit", "finer_digits"),
        kinds={"": frozenset({Kind.MONEY})},
    ),
    "date": ColumnType(
        "a day in `zone`: known at the next midnight there",
        _date,
        ("zone", "format", "promise"),
        ("zone",),
        endings=_TIMES,
        moment=True,
    ),
    "datetime": ColumnType(
        "a wall-clock time in `zone`", _datetime, ("zone", "format", "promise"), ("zone",), endings=_TIMES, moment=True
    ),
    "instant": ColumnType(
        "an RFC 3339 time with `Z` or an offset",
        lambda o: OffsetInstant(o.get("promise", False)),
        ("promise",),
        endings=_TIMES,
        moment=True,
    ),
    "unix_seconds": ColumnType(
        "seconds since 1970", lambda o: UnixTime(o.get("promise", False)), ("promise",), endings=_TIMES, moment=True
    ),
    "unix_milliseconds": ColumnType(
        "thousandths of a second since 1970",
        lambda o: UnixTime(o.get("promise", False), 3),
        ("promise",),
        endings=_TIMES,
        moment=True,
    ),
    "birth_date": ColumnType(
        "a date of birth `YYYY-MM-DD`; facts carry NAME_year, and NAME_date only as keyed hashes",
        lambda o: BirthDate(),
        endings=("_date", "_year"),
        kinds={"_date": frozenset({Kind.CATEGORY}), "_year": frozenset({Kind.INTEGER})},
    ),
    "phone": ColumnType(
        "a telephone number; `country_code` completes numbers without one",
        lambda o: Tidied("phone", o.get("country_code", "")),
        ("country_code",),
    ),
    "email": ColumnType("an e-mail address", lambda o: Tidied("email")),
    "iban": ColumnType("an account number in ISO 13616", lambda o: Tidied("iban")),
    "address": ColumnType("a postal address in one column", lambda o: Tidied("address")),
}
