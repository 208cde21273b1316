"""One way to write each telephone number, mail address, name and postal address, so that equal things get equal keys.

Each function takes a column of texts and gives a column, null where the text is none of its kind; nothing is looked up, and
nothing is guessed beyond what the comments say. Knows no source.
"""

import re
import unicodedata
from functools import partial

import phonenumbers
import polars as pl

from ingest.identity.distinct import text_of_each, texts_of_each

REGION = "DE"
TITLES = frozenset(
    "herr herrn frau mr mrs ms miss sir prof professor dr med jur phil rer nat habil hc dipl diplom ing kfm mag msc bsc mba "
    "llm phd jun jr sr geb verw".split()
)
PARTICLES = frozenset("von vom zu zum zur van der den de del della di da dos du la le el al bin ibn ben ter ten und".split())
GERMAN_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "ł": "l", "đ": "d"}
)
_STREET = re.compile(r"stra(?:ß|ss)e\b|str\b\.?")
_PLACE = re.compile(r"\bpl\b\.?|\bplatz\b")
_HOUSE = re.compile(r"(\d+)\s*([a-z])\b")
_SPAN = re.compile(r"(\d+[a-z]?)\s*[-/]\s*(\d+[a-z]?)")
_MAIL = re.compile(r"^[^@\s\"<>()]+@[^@\s\"<>()]+\.[^@\s\"<>()]+$")


def phone_number(raw: pl.Expr, region: str = REGION) -> pl.Expr:
    """E.164, `+4915112345678`; a number without country code is one of `region`.

    Possible lengths are asked for, not blocks given out: those change faster than any table of them.
    """
    return text_of_each(raw, partial(_phone, region))


def email_address(raw: pl.Expr) -> pl.Expr:
    """The mailbox: case, surrounding blanks and `mailto:` dropped, and a tag, `anna+shop@...`, which reaches the same mailbox.

    Dots stay: most hosts tell `a.b` from `ab`. A host name is written as it is looked up, in IDNA.
    """
    return text_of_each(raw, _email)


def name_words(raw: pl.Expr) -> pl.Expr:
    """The words of a person's name in lower-case Latin letters, titles left out, given names first; null when none is left.

    `Müller, Dr. Anna-Lena` gives `anna lena mueller`. Umlauts become two letters, other marks go, other scripts stay.
    """
    return texts_of_each(raw, name_parts)


def postal_address(street: pl.Expr, postcode: pl.Expr, city: pl.Expr) -> pl.Expr:
    """`erlenallee 3|04699|rosenhausen`: street with house number, postcode, town, each in its usual short spelling."""
    return pl.concat_str(
        text_of_each(street, _street),
        postcode.str.replace_all(r"\s", "").str.to_uppercase(),
        text_of_each(city, _town),
        separator="|",
    )


def name_parts(name: str) -> list[str] | None:
    """`name_words` of one name."""
    if "," in name:
        family, _, given = name.partition(",")
        name = f"{given} {family}"
    words = [word for word in re.split(r"[\W\d_]+", latin(name)) if word and word not in TITLES]
    return words or None


def latin(text: str) -> str:
    """Lower case, umlauts in two letters, other marks dropped (Unicode NFKD)."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(GERMAN_LETTERS)
    parts = unicodedata.normalize("NFKD", plain)
    return "".join(sign for sign in parts if not unicodedata.combining(sign) and sign not in "'’`´")


def _phone(region: str, text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("mailto:").rstrip(".")
    if not _MAIL.match(plain):
        return None
    mailbox, host = plain.rsplit("@", 1)
    mailbox = mailbox.split("+", 1)[0] or mailbox
    try:
        return f"{mailbox}@{host.encode('idna').decode()}"
    except UnicodeError:
        return None


def _street(text: str) -> str:
    plain = _PLACE.sub("platz", _STREET.sub("str", _spaced(text)))
    plain = _SPAN.sub(r"\1-\2", _HOUSE.sub(r"\1\2", plain))
    return _spaced(re.sub(r"[.,]|(?<=[a-z])-(?=[a-z])", " ", plain).replace(" str", "str"))


def _town(text: str) -> str:
    return _spaced(re.sub(r"\(.*?\)|[.,/-]", " ", text))


def _spaced(text: str) -> str:
    return " ".join(latin(text).split())
