"""Which refused rows speak of a subject: found by hashing everything they say, as the graph's own keys are made.

A row may name the subject by a number, a telephone, an e-mail, or by nothing but a name; of two people with one name a row that
states another birth date is the other's.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from graph.identity import Pepper
from ingest.checks import FIELDS
from ingest.erasure.subject import BELONGINGS, PERSON, Nodes
from ingest.identity.encodings import name_texts
from ingest.identity.normalise import email_address, phone_number
from ingest.quarantine.shelf import Shelf

PREFIXES = ("", "tel:", "document:")
"""What a source's person may be called beside a bare number."""

_WORD = re.compile(r"""[^\s,;|<>"'{}\[\]()=]+""")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{5,}[0-9]")
_SPAN = re.compile(r"""[^,;|<>"{}\[\]()=\n]+""")  # between delimiters: a name has blanks


@dataclass(frozen=True)
class Name:
    """One spelling of a subject's name, as tokens of the graph's keyed properties; `birth_date` may be empty."""

    given: frozenset[str]
    family: frozenset[str]
    birth_date: frozenset[str]


def purge_quarantine(shelf: Shelf, subject: Nodes, names: frozenset[Name], pepper: Pepper) -> int:
    """Take off the shelf every row that speaks of the subject.

    Args:
        shelf: Where refused rows lie.
        subject: The subject's nodes.
        names: What institutions know the subject by.
        pepper: The secret that made keys and tokens.

    Returns:
        How many rows went.
    """
    gone: set[str] = set()
    for source, entries in shelf.entries().group_by("source", maintain_order=True):
        told = entries.select("entry", pl.col(FIELDS).map_elements(_told, return_dtype=pl.List(pl.String)).alias("text"))
        pairs = told.explode("text", empty_as_null=False).drop_nulls().unique()
        texts = pairs["text"].unique()
        gone |= _entries(pairs, _by_key(texts, str(source[0]), subject, pepper))
        gone |= _entries(pairs, _by_name(texts, names, pepper)) - _of_another_birth(entries, names, pepper)
    return shelf.take(gone)


def _entries(pairs: pl.DataFrame, texts: set[str]) -> set[str]:
    return set(pairs.filter(pl.col("text").is_in(list(texts)))["entry"])


def _told(fields: str) -> list[str]:
    return list(dict.fromkeys(_texts(json.loads(fields))))


def _texts(fields: Mapping[str, object]) -> Iterator[str]:
    """Every value of a row, and of text that was not split every part and word."""
    for value in fields.values():
        for text in map(str, value if isinstance(value, list) else [value]):
            yield text
            yield from (span.strip() for span in _SPAN.findall(text))
            yield from _WORD.findall(text)
            yield from _PHONE.findall(text)


def _by_key(texts: pl.Series, source: str, subject: Nodes, pepper: Pepper) -> set[str]:
    """Texts that are, however spelt, what a key of the subject was made from."""
    text = pl.col("text")
    spelt = texts.to_frame("text").select(
        "text", pl.concat_list(text, phone_number(text), email_address(text), text.str.to_lowercase()).alias("spelt")
    )
    each = spelt.explode("spelt", empty_as_null=False).drop_nulls()
    found: set[str] = set()
    for label in (PERSON, *sorted(BELONGINGS)):
        keys = subject.get(label, frozenset())
        for prefix in (PREFIXES if label is PERSON else ("",)) if keys else ():
            hashed = each.select("text", pepper.node_keys(label, source, prefix + pl.col("spelt")).alias("key"))
            found |= {text for text, key in hashed.iter_rows() if key in keys}
    return found


def _by_name(texts: pl.Series, names: frozenset[Name], pepper: Pepper) -> set[str]:
    if not names:
        return set()
    parts = name_texts(pl.col("text"))
    told = texts.to_frame("text").select("text", parts["given_name"].alias("given"), parts["family_name"].alias("family"))
    found = set()
    for text, given, family in told.drop_nulls().iter_rows():
        givens = {pepper.token("given_name", word) for word in given}
        families = {pepper.token("family_name", word) for word in family}
        if any(givens & name.given and families & name.family for name in names):
            found.add(text)
    return found


def _of_another_birth(entries: pl.DataFrame, names: frozenset[Name], pepper: Pepper) -> set[str]:
    """Entries whose birth date is stated and not the subject's."""
    births = frozenset[str]().union(*(name.birth_date for name in names))
    others = set()
    for entry, fields in entries.select("entry", FIELDS).iter_rows():
        stated = [str(value) for column, value in json.loads(fields).items() if "birth" in column]
        if births and stated and births.isdisjoint(pepper.token("birth_date", text) for text in stated):
            others.add(entry)
    return others
