"""What firms invoice each other, when and whether it is paid, and what the rest of the world buys from them.

Trouble travels here: a buyer in bad health pays late, then not at all, and its supplier's health falls. Knows no person
and no loan.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books, Money, Numbers
from ingest.sandbox.economy.business import Business
from ingest.sandbox.economy.lives import Flags, Floats
from ingest.sandbox.economy.luck import sigmoid
from ingest.sandbox.events import Event, EventLog, Purpose, month_start
from ingest.sandbox.society import Firms, Sector, Society

TRADED = 0.5  # chance that a link sees an invoice fall due in a month
INVOICED_A_HEAD_MINOR = 30_000  # by the buyer's staff, to each supplier
INVOICE_SPREAD = 0.5  # standard deviation of its logarithm
DAYS_TO_PAY = (8, 30)  # a healthy buyer's
DAYS_TO_PAY_LATE = (30, 75)
LATE_AT, LATE_SLOPE = -1.4, 2.5  # buyer's health where half of its invoices are paid late
UNPAID_BASE = 0.002  # disputes: whatever the buyer's health
UNPAID_MOST, UNPAID_AT, UNPAID_SLOPE = 0.30, -2.4, 3.0  # chance in the end, health where half of that is reached
GIVEN_UP_DAYS = 60
NEVER = -1  # days to pay of an invoice that is given up
PAID_ON_DAYS = (5, 22)  # days of the month, both included
GIVEN_UP_ON_DAYS = (20, 22)

BUFFER_PAYROLLS, BUFFER_BY_HEALTH = 2.0, 0.3  # what a firm's account tends to, in monthly payrolls; log-linear in health
SETTLED_SHARE = (0.35, 0.65)  # of the gap to that, a month
SETTLED_ON_DAYS = (18, 22)


def trade_month(society: Society, business: Business, books: Books, log: EventLog | None, draws: Draws, month: int) -> Floats:
    """Pay, or let go unpaid, what falls due between firms, and write the invoices.

    Args:
        society: Its links of buyers and suppliers.
        business: Health decides when a buyer pays.
        books: Payments go here.
        log: Takes the invoices, each in the month it is paid or given up; None when only the course matters.
        draws: Luck, one a link.
        month: The month.

    Returns:
        Unpaid over invoiced amount, float32 [firms], 0 where nothing was invoiced.
    """
    firms = society.firms
    rng = draws.generator("trade.links", month)
    luck = rng.random((5, len(firms.buyer)), dtype=np.float32)
    swing = rng.standard_normal(len(firms.buyer), dtype=np.float32)
    apart = firms.buyer != firms.supplier  # a severed link leads from a firm to itself
    active = np.flatnonzero((luck[0] < TRADED) & apart & business.open[firms.buyer] & business.open[firms.supplier])
    buyer, supplier = firms.buyer[active], firms.supplier[active]
    size = INVOICED_A_HEAD_MINOR * np.maximum(firms.staff[buyer], 1) * np.exp(INVOICE_SPREAD * swing[active])
    amount = np.rint(size).astype(np.int64)
    chosen, when, wait = luck[1, active], luck[2, active], luck[3, active]
    health = business.health[buyer]
    unpaid = chosen < unpaid_chance(health)
    late = luck[4, active] < sigmoid(LATE_SLOPE * (LATE_AT - health))
    days = np.where(late, _between(DAYS_TO_PAY_LATE, wait), _between(DAYS_TO_PAY, wait))
    second = np.where(unpaid, _moment(GIVEN_UP_ON_DAYS, when), _moment(PAID_ON_DAYS, when))
    firm = books.accounts.firm
    books.pay(firm(0) + buyer, firm(0) + supplier, np.where(unpaid, 0, amount), Purpose.TRADE, second)
    if log is not None:
        _write_invoices(log, month, buyer, supplier, amount, second, np.where(unpaid, NEVER, days))
    return _share(supplier, amount, unpaid, len(firms))


def _write_invoices(
    log: EventLog, month: int, buyer: Numbers, supplier: Numbers, amount: Money, second: Numbers, days: Numbers
) -> None:
    """State each invoice by the hour it was issued; none from before the first month."""
    issued = second - np.where(days == NEVER, GIVEN_UP_DAYS, days) * DAY_S
    told = np.flatnonzero(issued >= -int((month_start(month) - month_start(0)).total_seconds()))
    order = told[np.lexsort((supplier[told], buyer[told], issued[told]))]
    columns = {"second": issued, "supplier": supplier, "buyer": buyer, "amount": amount, "days_to_pay": days}
    log.write(Event.INVOICE, month, {name: values[order] for name, values in columns.items()})


def unpaid_chance(health: Floats) -> Floats:
    """Chance that a buyer of this health never pays an invoice, float32 [rows]."""
    return np.asarray(UNPAID_BASE + UNPAID_MOST * sigmoid(UNPAID_SLOPE * (UNPAID_AT - health)), np.float32)


def settle_firms(society: Society, business: Business, books: Books, payroll: Money, draws: Draws, month: int) -> None:
    """Let the rest of the world buy from firms, or take what they have too much of, so that accounts tend to a buffer.

    Args:
        society: Shells are left alone: nobody buys from them.
        business: Closed firms are left alone; the healthy have a larger buffer.
        books: Payments go here; the state stands for the rest of the world.
        payroll: What each firm pays a month, minor units [firms].
        draws: Luck, one a firm.
        month: The month.
    """
    firms = society.firms
    luck = draws.generator("trade.world", month).random((2, len(firms)))
    wanted = BUFFER_PAYROLLS * payroll * np.exp(BUFFER_BY_HEALTH * business.health.astype(np.float64))
    first = books.accounts.firm(0)
    gap = wanted - books.balance[first : first + len(firms)]
    step = np.rint(gap * (SETTLED_SHARE[0] + (SETTLED_SHARE[1] - SETTLED_SHARE[0]) * luck[0])).astype(np.int64)
    step[~_settled(firms, business.open)] = 0
    second = _moment(SETTLED_ON_DAYS, luck[1])
    gains, pays = np.flatnonzero(step > 0), np.flatnonzero(step < 0)
    books.pay(books.accounts.state, first + gains, step[gains], Purpose.TRADE, second[gains])
    books.pay(first + pays, books.accounts.state, -step[pays], Purpose.TAX, second[pays])


def _settled(firms: Firms, is_open: Flags) -> Flags:
    return np.asarray(is_open & (firms.sector != Sector.SHELL))


def _share(supplier: NDArray[np.int32], amount: Money, unpaid: Flags, firms: int) -> Floats:
    invoiced = np.bincount(supplier, amount, firms)
    lost = np.bincount(supplier, np.where(unpaid, amount, 0), firms)
    return (lost / np.maximum(invoiced, 1)).astype(np.float32)


def _between(bounds: tuple[int, int], luck: NDArray[np.floating]) -> NDArray[np.int64]:
    """Whole numbers from the lower to the upper bound, both included."""
    low, high = bounds
    return low + (luck.astype(np.float64) * (high - low + 1)).astype(np.int64)


def _moment(days: tuple[int, int], luck: NDArray[np.floating]) -> NDArray[np.int64]:
    """Seconds since the month began, anywhere on these days of the month."""
    first, last = days
    return (first - 1) * DAY_S + (luck.astype(np.float64) * (last - first + 1) * DAY_S).astype(np.int64)
