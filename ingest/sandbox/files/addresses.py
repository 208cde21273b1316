"""Where institutions know their customers to live: the home when the relation began, and moves they heard of.

An institution hears of a move often, not always, and some time after.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.events import Event
from ingest.sandbox.files.customers import CHANGE_HEARD_SHARE, HEARD_AFTER_DAYS, Book, Numbers, books
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.known import FIRST_DAY
from ingest.sandbox.files.spelling import DAY_S, day, instant, local_days, seconds

ADDRESSES = ("customer_id", "street", "postcode", "city", "cell_lat", "cell_lon", "valid_from", "recorded_at")
LIVED_THERE_DAYS = (5 * 365, 25 * 365)  # before the first month, where nobody moved since


def write_addresses(delivery: Delivery, path: Path) -> int:
    """Where customers live."""
    moves = Moves(delivery)
    return write_table(path, ADDRESSES, (_addresses(delivery, book, moves) for book in books(delivery)))


@dataclass(frozen=True)
class Moves:
    """All moves of an economy, few enough to be kept at once."""

    delivery: Delivery

    @cached_property
    def all(self) -> pl.DataFrame:
        """Columns person, home, neighbourhood and at (seconds since 1970), in order of time."""
        months = range(self.delivery.months)
        logs = ((month, self.delivery.log.read(Event.MOVE, month)) for month in months)
        pieces = [
            log.with_columns(pl.Series("at", seconds(month, log["second"].to_numpy()), pl.Int64)).drop("second")
            for month, log in logs
        ]
        return pl.concat(pieces).sort("at", "person")

    @cached_property
    def _place(self) -> Numbers:
        return np.full(len(self.delivery.society.people), -1, np.int64)

    def of(self, persons: Numbers) -> tuple[Numbers, pl.DataFrame]:
        """Positions in `persons` of those who moved, and their moves beside them."""
        place = self._place
        place[persons] = np.arange(len(persons))
        found = place[self.all["person"].to_numpy()]
        place[persons] = -1
        return found[found >= 0], self.all.filter(pl.Series(found >= 0))


def _addresses(delivery: Delivery, book: Book, moves: Moves) -> pl.DataFrame:
    people, dirt = delivery.society.people, delivery.dirt
    home = people.home[book.persons].astype(np.int64)
    shortest, longest = LIVED_THERE_DAYS
    lived = shortest + delivery.draws.uniform("addresses.lived", book.persons, home) * (longest - shortest)
    since = FIRST_DAY - lived.astype(np.int64)
    who, moved = moves.of(book.persons)
    at, new_home = moved["at"].to_numpy(), moved["home"].to_numpy().astype(np.int64)
    # a lender states homes as of days that were over when it wrote them down
    before = local_days(at) < book.since[who] // DAY_S if book.is_lender else at < book.since[who]
    # moves are in order of time, so that the last one before the relation began is written last and stands
    home[who[before]], since[who[before]] = new_home[before], local_days(at[before])
    if book.is_lender:
        told = book.identified(delivery.draws, "addresses")
    else:
        told = dirt.next_morning("addresses", book.row, np.maximum(local_days(book.since), since))
    first = _address_rows(delivery, book, np.arange(len(home)), home, since, told)
    later = np.flatnonzero(~before)
    own, days = who[later], local_days(at[later])
    identity = dirt.identity(book.row[own], days)
    heard = delivery.draws.uniform("addresses.heard", identity) < CHANGE_HEARD_SHARE
    own, days, identity, later = own[heard], days[heard], identity[heard], later[heard]
    delay = (delivery.draws.uniform("addresses.heard_after", identity) * HEARD_AFTER_DAYS).astype(np.int64)
    recorded = dirt.next_morning("addresses", identity, days + delay)
    further = _address_rows(delivery, book, own, new_home[later], days, recorded).with_columns(pl.Series("row", identity))
    on_time = len(first) if book.is_lender else 0
    arrived = dirt.delivered("addresses", pl.concat([first, further]), on_time=on_time)
    return arrived.with_columns(day("valid_from"), instant("recorded_at")).select(ADDRESSES)


def _address_rows(
    delivery: Delivery, book: Book, own: Numbers, homes: Numbers, days: Numbers, recorded: Numbers
) -> pl.DataFrame:
    places = delivery.identifiers.places
    lines, cells = places.addresses(homes), places.cells(delivery.society.homes.neighbourhood[homes])
    return pl.concat([lines, cells], how="horizontal").with_columns(
        delivery.identifiers.customer_ids(book.institution, book.persons[own]).alias("customer_id"),
        row=pl.Series(book.row[own]),
        valid_from=pl.Series(days),
        recorded_at=pl.Series(recorded),
    )
