"""Writes contacts.vcf: address books that people let their operator keep, as vCard 4.0 cards (RFC 6350).

A card says what the owner wrote, not who it is: nicknames, mistakes, numbers out of date, numbers of nobody. Who pads the
book with people of standing writes cards like any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.files.delivery import ROWS_AT_ONCE, Delivery, written_whole
from ingest.sandbox.files.spelling import DAY_S, seconds
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import NONE, Coverage, Plan, TieKind

TABLE, OPERATOR = "contacts", "TEL"
LISTED_STRONG, LISTED_WEAK, STRONG = 0.70, 0.35, 0.5  # chance that a tie is in the book, and from which strength it is strong
MUTUAL_SHARE = 0.6  # of pairs swap numbers, so that either both have the other in the book or none
BEFORE_DAYS = 6 * 365  # how far back cards of before the first month reach
WRITTEN_DAYS = 28  # of a month
UNKNOWN_MOST = 6  # numbers of nobody in a book: 0 to so many
UNKNOWN_RANGE = 9_000_000
PERSONS_AT_ONCE = 100_000
PADDED = (20, 60)
STANDING_SHARE = 0.10  # persons whose wage is in the top share have standing
MISTYPED_SHARE = 0.04
KIN_NAMES = ("Mama", "Papa", "Oma", "Opa", "Tante", "Onkel", "Bruder", "Schwester")
UNKNOWN_NAMES = (
    "Zahnarzt",
    "Pizza, Bringdienst",
    "Taxi",
    "Hausverwaltung",
    "Werkstatt; Meier & Sohn",
    "Schlüsseldienst",
    "Arzt\nPraxis",
)
_FULL, _GIVEN, _LAST_FIRST, _SHORT, _WORK, _KIN, _NOBODY = range(7)
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Cards:
    """Cards [k]: whose book, who is meant (or NONE and a number of nobody), from where they know each other, when written."""

    owner: Ints
    other: Ints
    nobody: Ints
    kind: Ints
    month: Ints

    def take(self, rows: Ints) -> "_Cards":
        return _Cards(self.owner[rows], self.other[rows], self.nobody[rows], self.kind[rows], self.month[rows])


def write_contacts(delivery: Delivery, path: Path) -> int:
    """Write the file and say how many cards it holds; see `files.delivery.Writer`."""
    kept = (delivery.society.people.coverage & Coverage.ADDRESS_BOOK) != 0
    number = delivery.identifiers.customer_numbers(OPERATOR, np.arange(len(kept)))
    bands = 1 + len(kept) // PERSONS_AT_ONCE
    band = np.argsort(np.argsort(number)) * bands // len(kept)  # books in order of the customer's number, some at a time
    count, rows = 0, 0
    with written_whole(path) as file:
        for one in range(bands):
            cards = _cards(delivery, kept & (band == one), number)
            for start in range(0, len(cards.owner), ROWS_AT_ONCE):
                piece = cards.take(np.arange(start, min(start + ROWS_AT_ONCE, len(cards.owner))))
                texts = _spelled(delivery, piece, count)
                file.write("".join(texts.to_list()).encode())
                count, rows = count + len(piece.owner), rows + len(texts)
    return rows


def _cards(delivery: Delivery, books: NDArray[np.bool_], number: Ints) -> _Cards:
    """All cards of the owners flagged, book by book and month by month; those of a month lie in an order drawn by lot."""
    parts = [*_of_ties(delivery, books), _of_nobody(delivery, books), _of_fakers(delivery, books)]
    columns = [
        np.concatenate([getattr(part, name) for part in parts]) for name in ("owner", "other", "nobody", "kind", "month")
    ]
    cards = _Cards(*columns)
    lot = delivery.draws.bits("contacts.order", cards.owner, cards.other, cards.nobody)
    return cards.take(np.lexsort((lot, cards.month, number[cards.owner])))


def _of_ties(delivery: Delivery, books: NDArray[np.bool_]) -> Iterator[_Cards]:
    """Cards of people the owner knows, from either end; written when they met."""
    ties = delivery.society.ties
    chance = np.where(ties.strength >= STRONG, LISTED_STRONG, LISTED_WEAK)
    for mine, others in ((ties.a, ties.b), (ties.b, ties.a)):
        rows = np.flatnonzero(books[mine] & (ties.born < delivery.months))
        owner, other = mine[rows].astype(np.int64), others[rows].astype(np.int64)
        alone = delivery.draws.uniform("contacts.listed", owner, other)
        together = delivery.draws.uniform("contacts.listed", np.minimum(owner, other), np.maximum(owner, other), 1)
        mutual = delivery.draws.uniform("contacts.mutual", np.minimum(owner, other), np.maximum(owner, other)) < MUTUAL_SHARE
        listed = np.where(mutual, together, alone) < chance[rows]
        rows, owner, other = rows[listed], owner[listed], other[listed]
        month = np.maximum(ties.born[rows].astype(np.int64), NONE)
        yield _Cards(owner, other, np.full(len(rows), NONE, np.int64), ties.kind[rows].astype(np.int64), month)


def _of_nobody(delivery: Delivery, books: NDArray[np.bool_]) -> _Cards:
    """Cards with numbers of nobody in the economy: half of them numbers that the whole neighbourhood has."""
    people = delivery.society.people
    owners = np.flatnonzero(books)
    count = (delivery.draws.uniform("contacts.unknown", owners) * (UNKNOWN_MOST + 1)).astype(np.int64)
    owner = np.repeat(owners, count)
    which = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    shared = people.neighbourhood[owner].astype(np.int64) * UNKNOWN_MOST + which
    own = (delivery.draws.bits("contacts.unknown_number", owner, which) % np.uint64(UNKNOWN_RANGE)).astype(np.int64)
    nobody = np.where(which % 2 == 0, shared % (10**7 - UNKNOWN_RANGE) + UNKNOWN_RANGE, own)
    luck = delivery.draws.uniform("contacts.unknown_month", owner, which)
    month = np.where(luck < 0.5, NONE, ((luck - 0.5) * 2 * delivery.months).astype(np.int64))
    nothing = np.full(len(owner), NONE, np.int64)
    return _Cards(owner, nothing, nobody, nothing, month)


def _of_fakers(delivery: Delivery, books: NDArray[np.bool_]) -> _Cards:
    """Cards of people of standing who do not know the owner, all written in the month the owner's plan begins."""
    people, draws = delivery.society.people, delivery.draws
    begun = (people.plan_month != NONE) & (people.plan_month < delivery.months)
    fakers = np.flatnonzero((people.plan == Plan.CONTACT_FAKER) & begun & books)
    rich = np.flatnonzero(people.wage_minor >= np.quantile(people.wage_minor, 1 - STANDING_SHARE))
    count = PADDED[0] + (draws.uniform("contacts.padded", fakers) * (PADDED[1] - PADDED[0] + 1)).astype(np.int64)
    owner = np.repeat(fakers, count)
    which = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    other = rich[(draws.uniform("contacts.of_standing", owner, which) * len(rich)).astype(np.int64)]
    pairs = np.unique(np.stack([owner, other], axis=1)[_strangers(delivery, owner, other)], axis=0).reshape(-1, 2)
    nothing = np.full(len(pairs), NONE, np.int64)
    return _Cards(pairs[:, 0], pairs[:, 1], nothing, nothing, people.plan_month[pairs[:, 0]].astype(np.int64))


def _strangers(delivery: Delivery, owner: Ints, other: Ints) -> NDArray[np.bool_]:
    ties, count = delivery.society.ties, len(delivery.society.people)
    known = ties.a.astype(np.int64) * count + ties.b  # sorted, as ties are
    pair = np.minimum(owner, other) * count + np.maximum(owner, other)
    at = np.minimum(np.searchsorted(known, pair), max(len(known) - 1, 0))
    tied = known[at] == pair if len(known) else np.zeros(len(pair), np.bool_)
    return np.asarray(~tied & (owner != other), np.bool_)


def _spelled(delivery: Delivery, cards: _Cards, before: int) -> pl.Series:
    """Whole cards as text, as they arrive."""
    ids, dirt, draws = delivery.identifiers, delivery.dirt, delivery.draws
    count = before + np.arange(len(cards.owner), dtype=np.int64)
    luck = draws.uniform("contacts.written", count)
    in_month = (luck * WRITTEN_DAYS * DAY_S).astype(np.int64)
    earlier = seconds(0, -1 - (luck * BEFORE_DAYS * DAY_S).astype(np.int64))
    month_began = np.array([seconds(month, np.zeros(1, np.int64))[0] for month in range(delivery.months)], np.int64)
    written = np.where(cards.month < 0, earlier, month_began[np.maximum(cards.month, 0)] + in_month)
    row = dirt.identity(count)
    known = ids.msisdns(np.maximum(cards.other, 0), cards.month)
    phone = known.zip_with(pl.Series(cards.other != NONE), ids.unknown_msisdns(np.maximum(cards.nobody, 0)))
    names = dirt.mistyped(TABLE, "FN", _names(delivery, cards, count), row, share=MISTYPED_SHARE)
    frame = pl.DataFrame(
        {
            "row": row,
            "uid": Numbering(draws, "contact", 8).number(count),
            "owner": ids.customer_ids(OPERATOR, cards.owner),
            "name": names,
            "phone": phone,
            "recorded_at": written,
        }
    )
    name = pl.col("name").str.replace_many(["\\", "\n", ",", ";"], ["\\\\", "\\n", "\\,", "\\;"])
    revised = pl.from_epoch(pl.col("recorded_at"), time_unit="s").dt.strftime("%Y%m%dT%H%M%SZ")
    card = pl.format(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:contact-{}\r\nSOURCE:urn:customer:{}\r\nFN:{}\r\nTEL;VALUE=uri:tel:{}\r\nREV:{}\r\nEND:VCARD\r\n",
        pl.col("uid").cast(pl.String).str.zfill(8),
        "owner",
        name,
        "phone",
        revised,
    )
    return dirt.delivered(TABLE, frame).select(card.alias("card")).to_series()


def _names(delivery: Delivery, cards: _Cards, count: Ints) -> pl.Series:
    """How owners call people: mostly by full name, else shorter, by family name, by where they know them from."""
    ids, draws = delivery.identifiers, delivery.draws
    usual = np.searchsorted([0.50, 0.68, 0.78, 0.90], draws.uniform("contacts.style", count), side="right")
    usual = np.where(usual == _WORK, np.where(cards.kind == TieKind.COLLEAGUE, _WORK, _FULL), usual)
    is_kin = (cards.kind == TieKind.KIN) & (draws.uniform("contacts.kin", count) < 0.4)
    style = np.where(cards.other == NONE, _NOBODY, np.where(is_kin, _KIN, usual))
    person = np.maximum(cards.other, 0)
    pick = draws.bits("contacts.word", count)
    frame = pl.DataFrame(
        {
            "style": style,
            "given": ids.given_names(person),
            "family": ids.family_names(person),
            "kin": pl.Series(KIN_NAMES).gather((pick % np.uint64(len(KIN_NAMES))).astype(np.int64)),
            "nobody": pl.Series(UNKNOWN_NAMES).gather((pick % np.uint64(len(UNKNOWN_NAMES))).astype(np.int64)),
        }
    )
    given, family, is_style = pl.col("given"), pl.col("family"), pl.col("style")
    return frame.select(
        pl.when(is_style == _GIVEN)
        .then(given)
        .when(is_style == _LAST_FIRST)
        .then(family + ", " + given)
        .when(is_style == _SHORT)
        .then(given.str.slice(0, 3) + "i")
        .when(is_style == _WORK)
        .then(given + " (Arbeit)")
        .when(is_style == _KIN)
        .then("kin")
        .when(is_style == _NOBODY)
        .then("nobody")
        .otherwise(given + " " + family)
        .alias("name")
    ).to_series()
