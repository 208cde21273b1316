"""Writes devices.jsonl and logins.jsonl: which devices were seen, and who logged in where from which of them.

A device is first seen at its first log-in anywhere. A log-in at a lender bears the number of the customer at the lender who
is applied to next.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import ROWS_AT_ONCE, Delivery
from ingest.sandbox.files.json_lines import write_json_lines
from ingest.sandbox.files.spelling import instant, seconds
from ingest.sandbox.identifiers import REGISTERS
from ingest.sandbox.numbering import Numbering

CHANNELS = ("shop", "bank", "lender")
SHOP, BANK, LENDER = range(len(CHANNELS))
MODELS = (
    *(("Phone A12", "Android 12"), ("Phone A14", "Android 13"), ("Phone S22", "Android 14"), ("Phone i13", "iOS 16")),
    *(
        ("Phone i14", "iOS 17"),
        ("Tablet T8", "Android 12"),
        ("Tablet P9", "iPadOS 16"),
        ("Laptop", "Windows 11"),
        ("Desktop", "Linux"),
    ),
)
_NEVER = np.iinfo(np.int64).max


def write_devices(delivery: Delivery, path: Path) -> int:
    """Write devices.jsonl; see `files.delivery.Writer`."""
    first = _first_seen(delivery)
    seen = np.flatnonzero(first != _NEVER)
    seen = seen[np.argsort(first[seen], kind="stable")]
    pieces = (seen[start : start + ROWS_AT_ONCE] for start in range(0, len(seen), ROWS_AT_ONCE))
    return write_json_lines(path, (_devices(delivery, piece, first[piece]) for piece in pieces))


def write_logins(delivery: Delivery, path: Path) -> int:
    """Write logins.jsonl; see `files.delivery.Writer`."""
    return write_json_lines(path, _logins(delivery))


def _first_seen(delivery: Delivery) -> NDArray[np.int64]:
    """Seconds since 1970 of the first log-in from each device."""
    first = np.full(delivery.society.devices.count, _NEVER, np.int64)
    for month in range(delivery.months):
        logins = delivery.log.read(Event.LOGIN, month)
        np.minimum.at(first, logins["device"].to_numpy(), seconds(month, logins["second"].to_numpy()))
    return first


def _devices(delivery: Delivery, devices: NDArray[np.int64], first: NDArray[np.int64]) -> pl.DataFrame:
    row = delivery.dirt.identity(devices)
    make = (delivery.draws.bits("device.model", devices) % np.uint64(len(MODELS))).astype(np.int64)
    frame = pl.DataFrame(
        {
            "row": row,
            "device_id": delivery.identifiers.device_ids(devices),
            "model": pl.Series([model for model, _ in MODELS]).gather(make),
            "os": pl.Series([system for _, system in MODELS]).gather(make),
            "first_seen": first,
            "recorded_at": delivery.dirt.soon("devices", row, first),
        }
    )
    return delivery.dirt.delivered("devices", frame).with_columns(instant("first_seen"), instant("recorded_at"))


def _logins(delivery: Delivery) -> Iterator[pl.DataFrame]:
    before = 0
    for month in range(delivery.months):
        logins = delivery.log.read(Event.LOGIN, month).with_row_index("count", before)
        before += logins.height
        count = logins["count"].to_numpy().astype(np.int64)
        row = delivery.dirt.identity(count)
        at = seconds(month, logins["second"].to_numpy())
        institution = _institutions(delivery, logins, month)
        lost = [delivery.dirt.is_lost("logins", name, month) for name in delivery.identifiers.institutions]
        frame = pl.DataFrame(
            {
                "row": row,
                "login_id": "I" + pl.Series(Numbering(delivery.draws, "login", 8).number(count)).cast(pl.String).str.zfill(8),
                "customer_id": delivery.identifiers.customer_ids(np.maximum(institution, 0), logins["person"].to_numpy()),
                "device_id": delivery.identifiers.device_ids(logins["device"].to_numpy()),
                "channel": pl.Series(CHANNELS).gather(logins["channel"].cast(pl.Int64)),
                "at": at,
                "recorded_at": delivery.dirt.soon("logins", row, at),
            }
        )
        kept = (institution >= 0) & ~np.array(lost)[institution]
        arrived = delivery.dirt.delivered("logins", frame.filter(pl.Series(kept)))
        yield arrived.with_columns(instant("at"), instant("recorded_at"))


def _institutions(delivery: Delivery, logins: pl.DataFrame, month: int) -> NDArray[np.int64]:
    """Where each log-in was, as positions in `Identifiers.institutions`; -1 at a lender where nothing was applied for."""
    applications = delivery.log.read(Event.APPLICATION, month).select("second", pl.col("applicant").alias("person"), "lender")
    next_lender = logins.select("second", "person").join_asof(
        applications.sort("second"), on="second", by="person", strategy="forward", check_sortedness=False
    )["lender"]
    lender = next_lender.fill_null(0).to_numpy()
    at_lender = np.where(next_lender.is_null().to_numpy(), -1, delivery.identifiers.lender_position(lender))
    bank = REGISTERS.index("BK1") + delivery.society.people.bank[logins["person"].to_numpy()].astype(np.int64)
    channel = logins["channel"].to_numpy()
    return np.select([channel == SHOP, channel == BANK], [np.full(len(channel), REGISTERS.index("SHOP")), bank], at_lender)
