"""Which families of signals persons allowed to be used for scoring, and took back.

A person says so once: to the first register that knows them, or at the first contact with a lender. Families without the
person's consent have no row.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.vocabulary import Family
from ingest.sandbox.files.customers import Book, books
from ingest.sandbox.files.delivery import ROWS_AT_ONCE, Delivery, write_table
from ingest.sandbox.files.spelling import instant, month_starts, running_ids
from ingest.sandbox.identifiers import REGISTERS

CONSENTS = ("consent_id", "customer_id", "family", "purpose", "action", "at", "recorded_at")
PURPOSE = "credit_scoring"
REVOKED_SHARE = 0.02


def write_consents(delivery: Delivery, path: Path) -> int:
    """Consents granted and revoked."""
    return write_table(path, CONSENTS, _pieces(delivery))


def _pieces(delivery: Delivery) -> Iterator[pl.DataFrame]:
    asked = np.zeros(len(delivery.society.people), np.bool_)
    first_lender = delivery.known.first_contacts()
    for book in books(delivery):
        mine = ~asked[book.persons]
        if book.institution not in REGISTERS:
            mine &= book.met == first_lender[book.persons]
        asked[book.persons[mine]] = True
        chosen, at_once = np.flatnonzero(mine), ROWS_AT_ONCE // len(Family)
        for start in range(0, len(chosen), at_once):
            yield _consents(delivery, book, chosen[start : start + at_once])


def _consents(delivery: Delivery, book: Book, mine: NDArray[np.int64]) -> pl.DataFrame:
    ids, dirt, draws = delivery.identifiers, delivery.dirt, delivery.draws
    families = [family.value for family in Family]
    bits = (delivery.society.people.consented[book.persons[mine], None] >> np.arange(len(families))) & 1
    who, family = np.nonzero(bits)
    person, since = book.persons[mine][who], book.since[mine][who]
    row = dirt.identity(person, family, 6)
    granted = pl.DataFrame(
        {
            "row": row,
            "consent_id": running_ids("K", row),
            "customer_id": ids.customer_ids(book.institution, person),
            "family": pl.Series(families).gather(family),
            "action": pl.Series(["granted"]).gather(np.zeros(len(row), np.int64)),
            "at": since,
            "recorded_at": dirt.soon("consents", row, since),
        }
    )
    starts = month_starts(delivery.months)
    back = np.flatnonzero(draws.uniform("consents.revoked", row) < REVOKED_SHARE)
    begin = np.maximum(since[back], starts[0])
    at = begin + 1 + (draws.uniform("consents.revoked.at", row[back]) * (starts[-1] - begin)).astype(np.int64)
    identity = dirt.identity(row[back], 1)
    revoked = granted[back].with_columns(
        pl.lit("revoked").alias("action"),
        row=pl.Series(identity),
        consent_id=running_ids("K", identity),
        at=pl.Series(at),
        recorded_at=pl.Series(dirt.soon("consents", identity, at)),
    )
    arrived = dirt.delivered("consents", pl.concat([granted, revoked]))
    purpose = pl.lit(PURPOSE).alias("purpose")
    return arrived.with_columns(purpose, instant("at"), instant("recorded_at")).select(CONSENTS)
