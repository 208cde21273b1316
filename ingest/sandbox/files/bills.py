"""What was billed: utilities and telecoms to persons, firms to each other.

A row is recorded once all it says has come: after it was paid, or after it was given up. Only persons covered by the
billers deliver bills.
"""

from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.events import Event, month_start
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.spelling import day, instant, local_days, money, running_ids, seconds
from ingest.sandbox.society import Coverage

BILLS = (
    *("bill_id", "biller_id", "kind", "customer_id", "issued_on", "due_on", "amount", "currency", "paid_on"),
    "recorded_at",
)
INVOICES = (
    *("invoice_id", "supplier_id", "buyer_id", "issued_on", "due_on", "amount", "currency", "paid_on"),
    "recorded_at",
)
KINDS = ("telecom", "utility")
INVOICE_DUE_DAYS = 30
GIVEN_UP_AFTER_DAYS = 60
MONTHS_BEFORE = 12  # bills may be so much older than the first month
DATES = ("issued_on", "due_on", "paid_on")


def write_bills(delivery: Delivery, path: Path) -> int:
    """Bills of persons."""
    return write_table(path, BILLS, (_bills(delivery, month) for month in range(delivery.months)))


def write_invoices(delivery: Delivery, path: Path) -> int:
    """Invoices between firms."""
    return write_table(path, INVOICES, (_invoices(delivery, month) for month in range(delivery.months)))


def _bills(delivery: Delivery, month: int) -> pl.DataFrame:
    ids, dirt = delivery.identifiers, delivery.dirt
    covered = (delivery.society.people.coverage & Coverage.UTILITY) != 0
    log = delivery.log.read(Event.BILL, month)
    biller = log["biller"].to_numpy().astype(np.int64)
    log = log.filter(pl.Series(covered[log["person"].to_numpy()] & ~dirt.lost("bills", biller, month)))
    row = dirt.identity(*(log[name].to_numpy() for name in ("person", "biller", "kind", "issued_month")))
    # the log goes through persons in order; files do not
    log, row = log[np.argsort(row)], np.sort(row)
    person, biller, kind, issued_month = (log[name].to_numpy() for name in ("person", "biller", "kind", "issued_month"))
    # those issued before the first month were so in the year before it
    starts = [int(month_start(number).timestamp()) for number in range(-MONTHS_BEFORE, delivery.months)]
    issued = local_days(np.array(starts, np.int64)[issued_month.astype(np.int64) + MONTHS_BEFORE])
    due = local_days(seconds(month, log["due_second"].to_numpy()))
    days_late = log["days_late"].to_numpy().astype(np.int64)
    unpaid = log["unpaid"].to_numpy()
    paid = np.maximum(due + days_late, issued)
    settled = np.where(unpaid, due + np.maximum(days_late, GIVEN_UP_AFTER_DAYS), np.maximum(paid, due))
    frame = pl.DataFrame(
        {
            "row": row,
            "bill_id": running_ids("B", row),
            "biller_id": ids.company_ids(biller),
            "kind": pl.Series(KINDS).gather(kind.astype(np.int64)),
            "customer_id": ids.customer_ids("UTL", person),
            "issued_on": issued,
            "due_on": due,
            "amount": log["amount"],
            "paid_on": pl.Series(paid).set(pl.Series(unpaid), None),
            "recorded_at": dirt.next_morning("bills", row, settled),
        }
    )
    return _spelled(dirt.delivered("bills", dirt.with_corrections("bills", frame, "amount"))).select(BILLS)


def _invoices(delivery: Delivery, month: int) -> pl.DataFrame:
    log, ids, dirt = delivery.log.read(Event.INVOICE, month), delivery.identifiers, delivery.dirt
    supplier, buyer, to_pay = (log[name].to_numpy().astype(np.int64) for name in ("supplier", "buyer", "days_to_pay"))
    at = seconds(month, log["second"].to_numpy())
    issued = local_days(at)
    unpaid = to_pay < 0
    due = issued + INVOICE_DUE_DAYS
    settled = np.where(unpaid, due + GIVEN_UP_AFTER_DAYS, np.maximum(issued + to_pay, due))
    row = dirt.identity(supplier, buyer, at, log["amount"].to_numpy())
    frame = pl.DataFrame(
        {
            "row": row,
            "invoice_id": running_ids("I", row),
            "supplier_id": ids.company_ids(supplier),
            "buyer_id": ids.company_ids(buyer),
            "issued_on": issued,
            "due_on": due,
            "amount": log["amount"],
            "paid_on": pl.Series(issued + to_pay).set(pl.Series(unpaid), None),
            "recorded_at": dirt.next_morning("invoices", row, settled),
        }
    )
    frame = frame[np.argsort(row)]
    return _spelled(dirt.delivered("invoices", dirt.with_corrections("invoices", frame, "amount"))).select(INVOICES)


def _spelled(arrived: pl.DataFrame) -> pl.DataFrame:
    currency = pl.lit("EUR").alias("currency")
    return arrived.with_columns(currency, money("amount"), instant("recorded_at"), *(day(name) for name in DATES))
