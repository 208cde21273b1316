"""When people pay their bills, and what billers that deliver state of it: paid, paid late, or given up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S
from ingest.sandbox.economy.lives import Lives
from ingest.sandbox.economy.loanbook import MONTH_DAYS
from ingest.sandbox.economy.spending import Flows
from ingest.sandbox.economy.suppliers import Suppliers
from ingest.sandbox.events import Event, EventLog
from ingest.sandbox.society import Coverage, Society

DUE_DAY = 8  # after the first day of a month
CARRIED_DUE_DAY = DUE_DAY - MONTH_DAYS  # of a bill carried over, seen from the month it is paid in
LATEST_DAYS = 13  # a bill paid in its own month is at most so many days late
WRITTEN_OFF_DAYS = 60
EARLY_DAYS, SPREAD_DAYS = -12, 6.5  # most pay so long before a bill is due, and how much people differ
CARRIED_DAYS = 10  # a bill carried over is paid within so many days of the next month's due date
Days = NDArray[np.int64]


@dataclass(frozen=True)
class Lateness:
    """How many days after its due date each person pays a bill, whole days [persons]: one of this month, one carried over."""

    this_month: Days
    carried: Days


def bill_lateness(lives: Lives, draws: Draws, month: int) -> Lateness:
    """Most pay before the bill is due; habits and worry make it later."""
    calm, haste = draws.generator("bills", month).random((2, len(lives)), dtype=np.float32)
    late = EARLY_DAYS - SPREAD_DAYS * np.log(1 - calm) * (0.6 + 0.8 * haste) + 12 * lives.habit + 1.5 * lives.worry
    return Lateness(
        np.clip(np.floor(late), -DUE_DAY + 1, LATEST_DAYS).astype(np.int64),
        MONTH_DAYS + (haste * CARRIED_DAYS).astype(np.int64),
    )


def paid_at(days_late: Days, due_day: int, kind: int) -> NDArray[np.int64]:
    """When a bill is paid, seconds since the month began."""
    return (due_day + days_late) * DAY_S + (9 + 3 * kind) * 3_600


def bill_month(log: EventLog, society: Society, suppliers: Suppliers, lateness: Lateness, flows: Flows, month: int) -> None:
    """State the bills that were paid or given up this month, for those whose biller delivers; one biller a person does."""
    delivered = (society.people.coverage & Coverage.UTILITY) > 0
    kind_of = society.people.household % 2
    written_off = np.full(len(delivered), WRITTEN_OFF_DAYS)
    parts = []
    for kind, firm in enumerate((suppliers.telecom, suppliers.utility)):
        mine = delivered & (kind_of == kind)
        for amount, days, due, unpaid in (
            (flows.bill_paid, lateness.this_month, DUE_DAY, False),
            (flows.carried_paid, lateness.carried, CARRIED_DUE_DAY, False),
            (flows.written_off, written_off, CARRIED_DUE_DAY, True),
        ):
            at = np.flatnonzero(mine & (amount[:, kind] > 0))
            rows = len(at)
            parts.append(
                {
                    "person": at,
                    "biller": firm[at],
                    "kind": np.full(rows, kind),
                    "issued_month": np.full(rows, month - (due < 0)),
                    "due_second": np.full(rows, due * DAY_S),
                    "amount": amount[at, kind],
                    "days_late": days[at],
                    "unpaid": np.full(rows, unpaid),
                }
            )
    log.write(Event.BILL, month, {name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
