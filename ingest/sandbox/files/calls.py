"""Writes calls.csv: who called whom, by phone number, as the callers' operator recorded it.

A number is the one the person had in the month of the call; whose it is stands elsewhere.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import instant, seconds
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import Coverage

COLUMNS = ("call_id", "caller_msisdn", "callee_msisdn", "started_at", "duration_s", "recorded_at")
TABLE, OPERATOR = "calls", "TEL"


def write_calls(delivery: Delivery, path: Path) -> int:
    """Write the file; see `files.delivery.Writer`."""
    covered = (delivery.society.people.coverage & Coverage.TELECOM) != 0

    def months() -> Iterator[pl.DataFrame]:
        before = 0
        for month in range(delivery.months):
            calls = delivery.log.read(Event.CALL, month).with_row_index("count", before)
            before += calls.height
            if not delivery.dirt.is_lost(TABLE, OPERATOR, month):
                yield _spelled(delivery, calls.filter(pl.Series(covered[calls["caller"].to_numpy()])), month)

    return write_table(path, COLUMNS, months())


def _spelled(delivery: Delivery, calls: pl.DataFrame, month: int) -> pl.DataFrame:
    row = delivery.dirt.identity(calls["count"].to_numpy())
    started = seconds(month, calls["second"].to_numpy())
    recorded = delivery.dirt.soon(TABLE, row, started + calls["duration"].to_numpy())
    frame = calls.with_columns(row=pl.Series(row), started_at=pl.Series(started), recorded_at=pl.Series(recorded))
    arrived, ids = delivery.dirt.delivered(TABLE, frame), delivery.identifiers
    number = Numbering(delivery.draws, "call", 8).number(arrived["count"].to_numpy().astype(np.int64))
    return arrived.select(
        ("T" + pl.Series(number).cast(pl.String).str.zfill(8)).alias("call_id"),
        ids.msisdns(arrived["caller"].to_numpy(), month).alias("caller_msisdn"),
        ids.msisdns(arrived["callee"].to_numpy(), month).alias("callee_msisdn"),
        instant("started_at"),
        pl.col("duration").cast(pl.String).alias("duration_s"),
        instant("recorded_at"),
    )
