"""What platforms state of their investors' money: every entry on custody, as the platform books it.

What a platform may not do shows only in who is paid; no entry is marked.
"""

from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.events import LEDGER_ENTRIES, Event
from ingest.sandbox.files.credit import party_ids
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import instant, money, running_ids, seconds
from ingest.sandbox.society import NONE

LEDGER = (
    *("entry_id", "platform_id", "investor_id", "kind", "amount", "currency", "booked_at", "payer_iban", "payee_iban"),
    "recorded_at",
)


def write_investors_ledger(delivery: Delivery, path: Path) -> int:
    """Entries on custody."""
    return write_table(path, LEDGER, (_entries(delivery, month) for month in range(delivery.months)))


def _entries(delivery: Delivery, month: int) -> pl.DataFrame:
    log, ids, dirt = delivery.log.read(Event.LEDGER, month), delivery.identifiers, delivery.dirt
    platform, investor, kind, payer, payee, amount = (
        log[name].to_numpy() for name in ("platform", "investor", "kind", "payer", "payee", "amount")
    )
    at = seconds(month, log["second"].to_numpy())
    # two entries may be alike in everything, so the place in the log is a part of the identity
    row = dirt.identity(platform, kind, payer, payee, amount, at, np.arange(log.height))
    names = party_ids(delivery, platform, np.maximum(investor, 0)).set(pl.Series(investor == NONE), None)
    frame = pl.DataFrame(
        {
            "row": row,
            "entry_id": running_ids("E", row),
            "platform_id": ids.lender_ids(platform),
            "investor_id": names,
            "kind": pl.Series([entry.value for entry in LEDGER_ENTRIES]).gather(kind.astype(np.int64)),
            "amount": amount,
            "booked_at": at,
            "payer_iban": ids.ibans(payer),
            "payee_iban": ids.ibans(payee),
            "recorded_at": dirt.soon("investors_ledger", row, at),
        }
    )
    arrived = dirt.delivered("investors_ledger", frame[np.lexsort((row, at))])
    currency = pl.lit("EUR").alias("currency")
    return arrived.with_columns(currency, money("amount"), instant("booked_at"), instant("recorded_at")).select(LEDGER)
