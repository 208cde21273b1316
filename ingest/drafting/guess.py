"""What type a column seems to have, from its header and its first values, and what is doubtful about it.

A guess is only made where nearly every value fits; where two readings fit equally, both are named.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.drafting.words import AMOUNT, CURRENCIES, FREE, NAME, NUMBER, PHONE, TIME, has_word

MISSING = ("NA", "N/A", "n/a", "NULL", "null", "None", "nan", "NaN", "-", "\\N", "#N/A", "?")
ALL_BUT = 0.98  # of values must fit a type
FEW_WORDS = 20
NEARLY_ALL = 0.9  # of values that differ, where they number the rows: some rows are delivered twice
LONG_TEXT = 3  # blanks that make a text a sentence
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y")
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%d %H:%M",
)
_FRACTION = re.compile(r"(?<=:\d{2})\.\d{1,6}$")
_IMPLIED = (_DATES[0], _TIMES[0])
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:?\d{2})")
_WHOLE = re.compile(r"[+-]?\d{1,15}(\.0+)?")
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d+)?")
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d{1,15})(,\d+)?")
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z ]{11,40}")
_PHONE = re.compile(r"(\+|00)[1-9][\d ()/.-]{6,20}")
_SHORT_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_EPOCH = re.compile(r"1\d{9}(\.\d+)?")
_EPOCH_MILLI = re.compile(r"1\d{12}")


@dataclass(frozen=True)
class Guess:
    """What a column seems to be.

    Attributes:
        type: A type of mapping columns; None where the column had better be ignored.
        options: Of that type.
        doubts: What a person must decide.
        reason: Why it had better be ignored.
        missing: Texts in it that seem to mean no value.
        unique: Whether hardly a value repeats.
        optional: Whether values are missing.
    """

    type: str | None
    options: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    reason: str = ""
    missing: tuple[str, ...] = ()
    unique: bool = False
    optional: bool = False


def guess_column(header: str, values: Sequence[str | None]) -> Guess:
    """Guess the type of one column."""
    missing = tuple(text for text in MISSING if text in values)
    given = [value for value in values if value is not None and value not in missing]
    if not given:
        return Guess(None, reason="it is empty in the first rows", missing=missing)
    if has_word(header, NAME):
        return Guess(None, reason="a name is no identifier; who is the same is for linkage to find", missing=missing)
    kind, options, doubts = _kind(header, given)
    if kind == "text" and (has_word(header, FREE) or _share(given, lambda text: text.count(" ") >= LONG_TEXT) > 0.2):
        return Guess(None, reason="free text, which may name people", missing=missing)
    if len(set(given)) == 1 and len(given) >= FEW_WORDS and kind != "currency":
        return Guess(None, reason="every row has the same value", missing=missing)
    unique = len(set(given)) >= NEARLY_ALL * len(given)
    return Guess(kind, options, doubts, "", missing, unique, optional=len(given) < len(values))


def _kind(header: str, given: Sequence[str]) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    if _fits(given, _INSTANT):
        return "instant", {}, ()
    dated = _dates(given)
    if dated:
        return dated
    for pattern, kind in ((_EPOCH, "unix_seconds"), (_EPOCH_MILLI, "unix_milliseconds")):
        if _fits(given, pattern):
            doubts = () if has_word(header, TIME) else (f"these look like {kind}; if they are numbers, write text or integer",)
            return kind, {}, doubts
    if has_word(header, PHONE) and _share(given, lambda text: sum(c.isdigit() for c in text) >= 6) >= ALL_BUT:
        doubts = () if _fits(given, _PHONE) else ('numbers without a country\'s code need country_code, such as "49"',)
        return "phone", {}, doubts
    for pattern, kind in ((_EMAIL, "email"), (_IBAN, "iban"), (_PHONE, "phone")):
        if _fits(given, pattern):
            return kind, {}, ()
    if set(given) <= CURRENCIES:
        return "currency", {}, ()
    return _figures(header, given) or _words(header, given)


def _dates(given: Sequence[str]) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    zone = "the zone the dates are meant in"
    for kind, formats in (("date", _DATES), ("datetime", _TIMES)):
        fitting = [form for form in formats if _share(given, lambda text, form=form: _reads(text, form)) >= ALL_BUT]  # type: ignore[misc]
        if fitting:
            also = f"; the dates could also be {' or '.join(fitting[1:])}" if fitting[1:] else ""
            form = {} if fitting[0] in _IMPLIED else {"format": fitting[0]}
            return kind, {"zone": "UTC"} | form, (zone + also,)
    return None


def _figures(header: str, given: Sequence[str]) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    money = has_word(header, AMOUNT)
    signed = {"signed": True} if money and any(text.startswith("-") for text in given) else {}
    if _fits(given, _WHOLE):
        if money:
            return "money", signed, ("whole figures: major units are meant, not cents",)
        if has_word(header, NUMBER) or any(len(text) > 1 and text[0] == "0" for text in given):
            return "text", {}, ()
        return "integer", {}, ("if these are numbers of customers, accounts or goods, write text",)
    fits = {".": _fits(given, _POINT), ",": _fits(given, _COMMA)}
    if not any(fits.values()):
        return None
    mark = "." if fits["."] else ","
    group = {".": ",", ",": "."}[mark]
    options: dict[str, Any] = ({"decimal_mark": mark} if mark == "," else {}) | signed
    if any(group in text for text in given):
        options["group_mark"] = group
    both = (f"the decimal mark could also be {group!r}",) if all(fits.values()) else ()
    return "money" if money else "decimal", options, both if money else (*both, "if this is an amount of money, write money")


def _words(header: str, given: Sequence[str]) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    distinct = sorted(set(given))
    if not has_word(header, NUMBER) and len(distinct) <= FEW_WORDS and len(distinct) * 5 <= len(given):
        if all(_SHORT_WORD.fullmatch(word) for word in distinct):
            return "category", {}, ("if the words shall be translated or others refused, list them as codes",)
        return (
            "category",
            {"codes": {word: _code(word, i) for i, word in enumerate(distinct)}},
            ("what these words shall be called",),
        )
    return "text", {}, ()


def _code(word: str, number: int) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")
    return plain or f"code_{number}"


def _reads(text: str, form: str) -> bool:
    try:
        year = datetime.strptime(_FRACTION.sub("", text) if form == _TIMES[0] else text, form).year
    except ValueError:
        return False
    return 1900 <= year <= 2100


def _fits(given: Sequence[str], pattern: re.Pattern[str]) -> bool:
    return _share(given, lambda text: pattern.fullmatch(text) is not None) >= ALL_BUT


def _share(given: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(holds(text) for text in given) / len(given)
