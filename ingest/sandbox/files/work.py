"""What the payroll register states: who began to work where for which pay, and who ended.

Only persons covered by the register; jobs held before the first month were recorded when they began.
"""

from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import day, instant, local_days, money, running_ids, seconds
from ingest.sandbox.society import Coverage

EMPLOYMENT = ("job_id", "customer_id", "company_id", "event", "on", "salary", "currency", "recorded_at")
SALARY_MISSING_SHARE = 0.03


def write_employment(delivery: Delivery, path: Path) -> int:
    """Jobs begun and ended."""
    return write_table(path, EMPLOYMENT, (_jobs(delivery, month) for month in range(delivery.months)))


def _jobs(delivery: Delivery, month: int) -> pl.DataFrame:
    ids, dirt = delivery.identifiers, delivery.dirt
    covered = (delivery.society.people.coverage & Coverage.PAYROLL) != 0
    log = delivery.log.read(Event.JOB, month)
    log = log.filter(pl.Series(covered[log["person"].to_numpy()]))
    if month and dirt.is_lost("employment", "PAY", month):
        log = log.clear()
    person, firm, started = (log[name].to_numpy() for name in ("person", "firm", "started"))
    on = local_days(seconds(month, log["second"].to_numpy()))
    row = dirt.identity(person, firm, started, on)
    unstated = ~started | dirt.missing("employment", "salary", SALARY_MISSING_SHARE, row)
    frame = pl.DataFrame(
        {
            "row": row,
            "job_id": running_ids("J", dirt.identity(person, firm)),
            "customer_id": ids.customer_ids("PAY", person),
            "company_id": ids.company_ids(firm),
            "event": pl.Series(["ended", "started"]).gather(started.astype(np.int64)),
            "on": on,
            "salary": log["wage"].set(pl.Series(unstated), None),
            "recorded_at": dirt.next_morning("employment", row, on),
        }
    )
    frame = frame[np.lexsort((row, log["second"].to_numpy()))]
    arrived = dirt.delivered("employment", dirt.with_corrections("employment", frame, "salary"))
    currency = pl.when(pl.col("salary").is_not_null()).then(pl.lit("EUR")).alias("currency")
    return arrived.with_columns(currency, day("on"), money("salary"), instant("recorded_at")).select(EMPLOYMENT)
