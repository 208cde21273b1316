"""Writes visits.csv and trips.csv: where the customers of a mobility service were and how they travelled.

Places are cells of 0.1 degree; the firm visited is named unless the service did not recognise it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import instant, seconds
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import NONE, Coverage

VISITS = ("visit_id", "customer_id", "cell_lat", "cell_lon", "company_id", "arrived_at", "minutes", "recorded_at")
TRIPS = ("trip_id", "customer_id", "from_lat", "from_lon", "to_lat", "to_lon", "started_at", "minutes", "recorded_at")
SERVICE = "MAP"
UNRECOGNISED_SHARE = 0.05  # of the firms visited


def write_visits(delivery: Delivery, path: Path) -> int:
    """Write visits.csv; see `files.delivery.Writer`."""
    return write_table(path, VISITS, (_visits(delivery, events) for events in _months(delivery, Event.VISIT, "visits")))


def write_trips(delivery: Delivery, path: Path) -> int:
    """Write trips.csv; see `files.delivery.Writer`."""
    return write_table(path, TRIPS, (_trips(delivery, events) for events in _months(delivery, Event.TRIP, "trips")))


def _months(delivery: Delivery, kind: Event, table: str) -> Iterator[pl.DataFrame]:
    """A month's events of covered persons as they arrive: numbered by `number`, with `at` and `recorded_at`."""
    covered = (delivery.society.people.coverage & Coverage.MOBILITY) != 0
    before = 0
    for month in range(delivery.months):
        events = delivery.log.read(kind, month).with_row_index("count", before)
        before += events.height
        if delivery.dirt.is_lost(table, SERVICE, month):
            continue
        events = events.filter(pl.Series(covered[events["person"].to_numpy()]))
        count = events["count"].to_numpy().astype(np.int64)
        row = delivery.dirt.identity(count)
        at = seconds(month, events["second"].to_numpy())
        recorded = delivery.dirt.soon(table, row, at + events["minutes"].to_numpy().astype(np.int64) * 60)
        number = Numbering(delivery.draws, table, 8).number(count)
        yield delivery.dirt.delivered(
            table,
            events.with_columns(
                row=pl.Series(row), number=pl.Series(number), at=pl.Series(at), recorded_at=pl.Series(recorded)
            ),
        )


def _visits(delivery: Delivery, events: pl.DataFrame) -> pl.DataFrame:
    ids, venue = delivery.identifiers, events["venue"].to_numpy()
    number = events["number"].to_numpy()
    unnamed = (venue == NONE) | delivery.dirt.missing("visits", "company_id", UNRECOGNISED_SHARE, number)
    company = ids.company_ids(np.maximum(venue, 0)).set(pl.Series(unnamed), None)
    cell = ids.places.cells(events["neighbourhood"].to_numpy())
    return events.select(
        _event_ids("V", number).alias("visit_id"),
        ids.customer_ids(SERVICE, events["person"].to_numpy()).alias("customer_id"),
        cell["cell_lat"],
        cell["cell_lon"],
        company.alias("company_id"),
        instant("at").alias("arrived_at"),
        pl.col("minutes").cast(pl.String),
        instant("recorded_at"),
    )


def _trips(delivery: Delivery, events: pl.DataFrame) -> pl.DataFrame:
    ids = delivery.identifiers
    start = ids.places.cells(events["from_neighbourhood"].to_numpy())
    end = ids.places.cells(events["to_neighbourhood"].to_numpy())
    return events.select(
        _event_ids("W", events["number"].to_numpy()).alias("trip_id"),
        ids.customer_ids(SERVICE, events["person"].to_numpy()).alias("customer_id"),
        start["cell_lat"].alias("from_lat"),
        start["cell_lon"].alias("from_lon"),
        end["cell_lat"].alias("to_lat"),
        end["cell_lon"].alias("to_lon"),
        instant("at").alias("started_at"),
        pl.col("minutes").cast(pl.String),
        instant("recorded_at"),
    )


def _event_ids(letter: str, number: NDArray[np.int64]) -> pl.Series:
    return letter + pl.Series(number).cast(pl.String).str.zfill(8)
