"""What institutions know of their customers: names and ways to reach them, documents shown, phone numbers held.

One row a customer, in order of the customer number, and further rows for what changed. A lender writes down who someone is
before it deals with them. An institution hears of a new phone often, not always, and some time after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.files.delivery import ROWS_AT_ONCE, Delivery, write_table
from ingest.sandbox.files.dirt import DAY_S
from ingest.sandbox.files.spelling import day, instant, local_days, month_starts
from ingest.sandbox.identifiers import REGISTERS

CUSTOMERS = ("customer_id", "institution", "full_name", "birth_date", "phone", "email", "recorded_at")
DOCUMENTS = ("customer_id", "document_kind", "document_country", "document_no", "checked_on", "recorded_at")
SUBSCRIBERS = ("msisdn", "customer_id", "active_from", "recorded_at")
PHONE_MISSING_SHARE, EMAIL_MISSING_SHARE = 0.06, 0.25
DOCUMENT_MISSING_SHARE, DOCUMENT_MISTYPED_SHARE = 0.04, 0.004
NAME_CORRECTED_SHARE = 0.3  # of the mistyped ones
CHANGE_HEARD_SHARE = 0.65
HEARD_AFTER_DAYS = 45  # at most, for phones and homes

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Book:
    """A piece of an institution's customers: `persons`, `since` and `met` of `Relations`, and a `row` for each."""

    institution: str
    position: int
    persons: Numbers
    since: Numbers
    met: Numbers
    row: Numbers

    @property
    def is_lender(self) -> bool:
        """Whether the institution identifies its customers before it deals with them."""
        return self.institution not in REGISTERS

    def identified(self, draws: Draws, table: str) -> Numbers:
        """When a lender writes a row of a file: after `since`, before `met`. Seconds since 1970."""
        return self.since + (draws.uniform(f"{table}.identified", self.row) * (self.met - self.since)).astype(np.int64)


def books(delivery: Delivery) -> Iterator[Book]:
    """All customers of all institutions, a piece at a time."""
    for position, institution in enumerate(delivery.identifiers.institutions):
        relations = delivery.known.relations(institution)
        row = delivery.dirt.identity(position, relations.persons)
        for start in range(0, len(row), ROWS_AT_ONCE):
            piece = slice(start, start + ROWS_AT_ONCE)
            who = (relations.persons[piece], relations.since[piece], relations.met[piece])
            yield Book(institution, position, *who, row[piece])


def write_customers(delivery: Delivery, path: Path) -> int:
    """Who is a customer of whom."""
    return write_table(path, CUSTOMERS, (_customers(delivery, book) for book in books(delivery)))


def write_documents(delivery: Delivery, path: Path) -> int:
    """Which document a customer showed."""
    return write_table(path, DOCUMENTS, (_documents(delivery, book) for book in books(delivery)))


def write_subscribers(delivery: Delivery, path: Path) -> int:
    """Which number is whose."""
    pieces = (_subscribers(delivery, book) for book in books(delivery) if book.institution == "TEL")
    return write_table(path, SUBSCRIBERS, pieces)


def _customers(delivery: Delivery, book: Book) -> pl.DataFrame:
    ids, dirt = delivery.identifiers, delivery.dirt
    if book.is_lender:
        recorded = book.identified(delivery.draws, "customers")
    else:
        recorded = dirt.soon("customers", book.row, book.since)
    true_names = ids.full_names(book.persons)
    began = np.searchsorted(month_starts(delivery.months), book.since, side="right") - 1
    first = pl.DataFrame(
        {
            "row": book.row,
            "customer_id": ids.customer_ids(book.institution, book.persons),
            "full_name": dirt.mistyped("customers", "full_name", true_names, book.row),
            "birth_date": ids.birth_dates(book.persons),
            "phone": ids.msisdns(book.persons, began).set(
                pl.Series(dirt.missing("customers", "phone", PHONE_MISSING_SHARE, book.row)), None
            ),
            "email": ids.emails(book.persons).set(
                pl.Series(dirt.missing("customers", "email", EMAIL_MISSING_SHARE, book.row)), None
            ),
            "recorded_at": recorded,
        }
    )
    chance = delivery.draws.uniform("customers.name.corrected", book.row) < NAME_CORRECTED_SHARE
    righted = np.flatnonzero((first["full_name"] != true_names).to_numpy() & chance)
    corrected = first[righted].with_columns(
        pl.Series("row", dirt.identity(book.row[righted], 1)),
        true_names.gather(righted).alias("full_name"),
        pl.Series("recorded_at", recorded[righted] + dirt.correction_delay("customers", book.row[righted])),
    )
    changed_in = ids.phone_changed_months(book.persons)
    heard, changed_at = _heard(delivery, "customers.phone", book, changed_in)
    renewed = first[heard].with_columns(
        pl.Series("row", dirt.identity(book.row[heard], 2)),
        ids.msisdns(book.persons[heard], delivery.months).alias("phone"),
        pl.Series("recorded_at", changed_at),
    )
    on_time = len(first) if book.is_lender else 0
    arrived = dirt.delivered("customers", pl.concat([first, corrected, renewed]), on_time=on_time)
    return arrived.with_columns(pl.lit(book.institution).alias("institution"), instant("recorded_at")).select(CUSTOMERS)


def _documents(delivery: Delivery, book: Book) -> pl.DataFrame:
    ids, dirt = delivery.identifiers, delivery.dirt
    shown = ids.documents(book.persons)
    if book.is_lender:
        checked = book.since // DAY_S - 1  # a day that was over when the row was written
        recorded = book.identified(delivery.draws, "documents")
    else:
        checked = local_days(book.since)
        recorded = dirt.next_morning("documents", book.row, checked)
    frame = shown.with_columns(
        ids.customer_ids(book.institution, book.persons).alias("customer_id"),
        dirt.mistyped("documents", "document_no", shown["document_no"], book.row, share=DOCUMENT_MISTYPED_SHARE),
        row=pl.Series(book.row),
        checked_on=pl.Series(checked),
        recorded_at=pl.Series(recorded),
    )
    missing = dirt.missing("documents", "row", DOCUMENT_MISSING_SHARE, book.row)
    frame = frame.filter(pl.Series(~missing))
    arrived = dirt.delivered("documents", frame, on_time=len(frame))
    return arrived.with_columns(day("checked_on"), instant("recorded_at")).select(DOCUMENTS)


def _subscribers(delivery: Delivery, book: Book) -> pl.DataFrame:
    ids, dirt = delivery.identifiers, delivery.dirt
    began = local_days(book.since)
    customer = ids.customer_ids(book.institution, book.persons)
    first = pl.DataFrame(
        {
            "row": book.row,
            "msisdn": ids.msisdns(book.persons, 0),
            "customer_id": customer,
            "active_from": began,
            "recorded_at": dirt.next_morning("subscribers", book.row, began),
        }
    )
    changed_in = ids.phone_changed_months(book.persons)
    changed = np.flatnonzero(changed_in < delivery.months)
    days = local_days(month_starts(delivery.months)[changed_in[changed]])
    row = dirt.identity(book.row[changed], 1)
    further = pl.DataFrame(
        {
            "row": row,
            "msisdn": ids.msisdns(book.persons[changed], delivery.months),
            "customer_id": customer.gather(changed),
            "active_from": days,
            "recorded_at": dirt.next_morning("subscribers", row, days),
        }
    )
    arrived = dirt.delivered("subscribers", pl.concat([first, further]))
    return arrived.with_columns(day("active_from"), instant("recorded_at")).select(SUBSCRIBERS)


def _heard(delivery: Delivery, stream: str, book: Book, months: Numbers) -> tuple[Numbers, Numbers]:
    """Positions of customers whose change the institution hears of while they are customers, and when it does."""
    at = month_starts(delivery.months)[np.minimum(months, delivery.months)]
    heard = delivery.draws.uniform(f"{stream}.heard", book.row) < CHANGE_HEARD_SHARE
    own = np.flatnonzero(heard & (months < delivery.months) & (at > book.since))
    delay = delivery.draws.uniform(f"{stream}.heard_after", book.row[own]) * HEARD_AFTER_DAYS
    return own, at[own] + ((1 + delay) * DAY_S).astype(np.int64)
