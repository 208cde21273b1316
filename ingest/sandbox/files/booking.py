"""What stands on the accounts whose statements are delivered: entries of a month with the balance after each.

An entry is one side of a payment; where both accounts are delivered both have theirs. Decides too which accounts come as
camt.053 instead of CSV. How a statement is spelled is not known here.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.spelling import seconds
from ingest.sandbox.identifiers import Identifiers
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import Coverage

CAMT_ACCOUNTS, CAMT_SHARE = 200, 0.10  # at most so many persons' accounts, and so many of those covered
STATE_NAME = "Bundeskasse"


def camt_accounts(delivery: Delivery) -> NDArray[np.int64]:
    """The accounts that are delivered as camt.053 and nowhere else: the first covered persons in an order drawn by lot."""
    covered = np.flatnonzero((delivery.society.people.coverage & Coverage.BANK) != 0).astype(np.int64)
    order = np.argsort(delivery.draws.bits("camt.sample", covered), kind="stable")
    return np.sort(covered[order[: min(CAMT_ACCOUNTS, int(len(covered) * CAMT_SHARE))]])


def read_entries(delivery: Delivery, month: int, bank: int) -> pl.DataFrame:
    """The entries of a month on all delivered accounts of one bank (0..2), as they were booked.

    A bank at a time, because a month of all of them is more than a large economy's writers should hold at once.

    Returns:
        `account`, `counterparty` (account numbers), `bank`, `number` (counts the bank's entries of the month), `booked`
        (seconds since 1970), `amount` (minor units, negative for debits), `balance` (after the entry), `purpose` (code),
        `payment` (a number the two sides of a payment share) and `row` (identity), in order of time; what is booked in
        one second lies in an order drawn by lot, since the log then goes through persons in order.
    """
    balances, payments = delivery.log.read(Event.BALANCE, month), delivery.log.read(Event.PAYMENT, month)
    opening = np.zeros(delivery.identifiers.accounts.count, np.int64)
    delivered = np.zeros(len(opening), np.bool_)
    accounts = balances["account"].to_numpy()
    opening[accounts], delivered[accounts] = balances["opening"].to_numpy(), delivery.identifiers.banks(accounts) == bank

    ends = payments["payer"].to_numpy(), payments["payee"].to_numpy()
    at = [np.flatnonzero(delivered[end]) for end in ends]
    payment, is_credit = np.concatenate(at), np.repeat([False, True], [len(rows) for rows in at])
    second = payments["second"].to_numpy()[payment]
    order = np.lexsort((is_credit, delivery.draws.bits(f"payment.order.{month}", payment), second))
    payment, is_credit, second = payment[order], is_credit[order], second[order]
    mine, others = (np.where(is_credit, end[payment], other[payment]) for end, other in (ends[::-1], ends))
    amount = payments["amount"].to_numpy()[payment] * np.where(is_credit, 1, -1)
    purpose = payments["purpose"].to_numpy()[payment]
    by_account = np.argsort(mine, kind="stable")
    balance = np.empty(len(payment), np.int64)
    balance[by_account] = _running(mine[by_account], amount[by_account]) + opening[mine[by_account]]
    return pl.DataFrame(
        {
            "account": mine,
            "counterparty": others,
            "bank": np.full(len(mine), bank, np.int8),
            "number": np.arange(len(mine), dtype=np.int32),
            "booked": seconds(month, second),
            "amount": amount,
            "balance": balance,
            "purpose": purpose,
            "payment": Numbering(delivery.draws, f"payment.{month}", 8).number(payment).astype(np.int32),
            "row": delivery.dirt.identity(month, payment, is_credit.astype(np.int64)),
        }
    )


def account_names(identifiers: Identifiers, numbers: NDArray[np.int64]) -> pl.Series:
    """Whose name stands on an account [k]: persons, firms, lenders and their custody accounts, the state."""
    accounts = identifiers.accounts
    first_lender, first_custody = accounts.lender(0), accounts.custody(0)
    named = (numbers < accounts.persons, numbers < first_lender, numbers < first_custody, numbers < accounts.state)
    kind = 4 - np.sum(named, axis=0)
    parts, places = [], []
    for which, first in enumerate((0, accounts.firm(0), first_lender, first_custody, accounts.state)):
        rows = np.flatnonzero(kind == which)
        own = numbers[rows] - first
        if which == 0:
            names = identifiers.full_names(own)
        elif which == 1:
            names = identifiers.company_names(own)
        elif which == 2:
            names = "Kreditkasse " + identifiers.lender_ids(own)
        elif which == 3:
            names = "Treuhandkonto " + identifiers.lender_ids(own)
        else:
            names = pl.Series([STATE_NAME] * len(rows), dtype=pl.String)
        parts.append(names.rename("name"))
        places.append(rows)
    order = np.argsort(np.concatenate(places), kind="stable")
    return pl.concat(parts).gather(order)


def _running(group: NDArray[np.int64], amount: NDArray[np.int64]) -> NDArray[np.int64]:
    """Running sums within groups that lie together."""
    total = np.cumsum(amount)
    start = np.searchsorted(group, group)
    return np.asarray(total - (total - amount)[start], np.int64)
