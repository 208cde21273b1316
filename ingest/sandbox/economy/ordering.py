"""What a month of money looks like to shops: orders at merchants, some of them sent back."""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.lives import Lives
from ingest.sandbox.economy.spending import Flows
from ingest.sandbox.economy.suppliers import Suppliers
from ingest.sandbox.events import Event, EventLog, Purpose
from ingest.sandbox.society import Coverage, Society

ORDERS_A_MONTH = 0.32  # of those the marketplace knows, in a month of usual spending
RETURNED = 0.11  # of orders, more often where money is short
LOYALTY = 0.65  # of orders go to the favourite merchant


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
