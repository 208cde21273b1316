"""What a month of money looks like to shops and billers: orders with returns, bills and how late they were paid."""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.lives import Lives
from ingest.sandbox.economy.posting import Suppliers
from ingest.sandbox.economy.spending import Flows
from ingest.sandbox.events import Event, EventLog, Purpose
from ingest.sandbox.society import Coverage, Society

ORDERS_A_MONTH = 0.32  # of those the marketplace knows, in a month of usual spending
RETURNED = 0.11  # of orders, more often where money is short
LOYALTY = 0.65  # of orders go to the favourite merchant
DUE_DAY = 8
MONTH_DAYS = 30
WRITTEN_OFF_DAYS = 60
LATEST_DAYS = 13  # a bill paid in its own month is at most so many days late


def order_month(
    log: EventLog | None,
    books: Books,
    society: Society,
    suppliers: Suppliers,
    lives: Lives,
    flows: Flows,
    home: NDArray[np.int32],
    draws: Draws,
    month: int,
) -> None:
    """Spend the online money at merchants; where the marketplace knows the person, some of it is an order it can report.

    Changes `books`, and `lives.cash` by refunds.
    """
    rng = draws.generator("orders", month)
    n = len(lives)
    known, loyal, where, when, back = rng.random((5, n), dtype=np.float32)
    online = np.flatnonzero(society.firms.sells_online)
    merchant = np.where(loyal < LOYALTY, suppliers.shop, online[(where * len(online)).astype(np.int64)])
    second = ((2 + when * 12) * DAY_S).astype(np.int64)  # days 3 to 14
    person = np.arange(n, dtype=np.int64)
    books.pay(person, books.accounts.firm(merchant), flows.online, Purpose.SHOP, second)
    chance = np.clip(ORDERS_A_MONTH * flows.spent_share, 0, 0.95)
    shopper = (society.people.coverage & Coverage.SHOP) > 0
    ordered = shopper & (known < chance) & (flows.online > 0)
    returned = ordered & (back < RETURNED * (1 + 0.5 * lives.worry))
    refund = np.where(returned, flows.online, 0)
    after = 4 + (back * 1000 % 4).astype(np.int64)
    books.pay(books.accounts.firm(merchant), person, refund, Purpose.REFUND, second + after * DAY_S)
    lives.cash = lives.cash + refund
    at = np.flatnonzero(ordered)
    if log is None:
        return
    log.write(
        Event.ORDER,
        month,
        {
            "second": second[at],
            "person": at,
            "merchant": merchant[at],
            "amount": flows.online[at],
            "items": 1 + (flows.online[at] // 6_000),
            "delivered_after_days": 1 + (when[at] * 1000 % 3).astype(np.int64),
            "returned_after_days": np.where(returned[at], after[at], 0),
            "home": home[at],
        },
    )


def bill_month(
    log: EventLog, society: Society, suppliers: Suppliers, lives: Lives, flows: Flows, draws: Draws, month: int
) -> None:
    """State the bills that were paid or given up this month, for those whose biller delivers; one biller a person does."""
    rng = draws.generator("bills", month)
    calm, haste = rng.random((2, len(lives)), dtype=np.float32)
    delivered = (society.people.coverage & Coverage.UTILITY) > 0
    kind_of = society.people.household % 2
    late = -9 + 6.5 * -np.log(1 - calm) * (0.6 + 0.8 * haste) + 12 * lives.habit + 1.5 * lives.worry
    on_time = np.clip(np.floor(late), -DUE_DAY + 1, LATEST_DAYS).astype(np.int64)
    parts = []
    for kind, firm in enumerate((suppliers.telecom, suppliers.utility)):
        mine = delivered & (kind_of == kind)
        for amount, behind, due, unpaid in (
            (flows.bill_paid, 0, DUE_DAY, False),
            (flows.carried_paid, MONTH_DAYS, DUE_DAY - MONTH_DAYS, False),
            (flows.written_off, WRITTEN_OFF_DAYS, DUE_DAY - MONTH_DAYS, True),
        ):
            at = np.flatnonzero(mine & (amount[:, kind] > 0))
            rows = len(at)
            lateness = (
                on_time[at] if not behind else np.full(rows, behind) + (0 if unpaid else (haste[at] * 10).astype(np.int64))
            )
            parts.append(
                {
                    "person": at,
                    "biller": firm[at],
                    "kind": np.full(rows, kind),
                    "issued_month": np.full(rows, month - (1 if behind else 0)),
                    "due_second": np.full(rows, due * DAY_S),
                    "amount": amount[at, kind],
                    "days_late": lateness,
                    "unpaid": np.full(rows, unpaid),
                }
            )
    log.write(Event.BILL, month, {name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
