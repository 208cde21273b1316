"""What adversaries do with money month by month: circles of sham transfers, loans passed on, and the handlers of rings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.lives import Lives, Traits
from ingest.sandbox.events import Purpose
from ingest.sandbox.society import NONE, Misuse, People, Plan, Sector, Society

CIRCLE_MONTHS = 8  # how long a circle turns before its plan
CIRCLE_SHARE = 0.8  # of the poorest member's money is passed round
HANDED_OVER = 0.95  # of a vanished identity's money goes to whoever runs the ring
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Gangs:
    """Members in order of gang: member i passes money to `next_member[i]`; `handler` [members] runs the ring."""

    member: Numbers
    next_member: Numbers
    handler: Numbers


def find_gangs(people: People, draws: Draws) -> Gangs:
    """Circles from the people's gang numbers; the handler of a ring is one honest person drawn for it."""
    member = np.flatnonzero(people.gang != NONE)
    member = member[np.lexsort((member, people.gang[member]))].astype(np.int64)
    gang = people.gang[member]
    last = np.append(gang[1:] != gang[:-1], True) if len(gang) else np.empty(0, np.bool_)
    first = np.flatnonzero(np.insert(last[:-1], 0, True)) if len(gang) else np.empty(0, np.int64)
    next_member = np.roll(member, -1)
    next_member[last] = member[first]
    honest = np.flatnonzero(people.plan == Plan.HONEST)
    handler = honest[(draws.uniform("schemes.handler", gang.astype(np.int64)) * len(honest)).astype(np.int64)]
    return Gangs(member, next_member, handler.astype(np.int64))


def scheme_month(books: Books, lives: Lives, traits: Traits, gangs: Gangs, draws: Draws, month: int) -> None:
    """Turn the circles whose plan is near, and empty the accounts of identities that vanished. Changes books and cash."""
    if not len(gangs.member):
        return
    member, plan = gangs.member, traits.plan[gangs.member]
    ahead = traits.plan_month[member] - month
    turning = (ahead >= 0) & (ahead <= CIRCLE_MONTHS)
    money = np.where(turning, np.minimum(lives.cash[member], lives.cash[gangs.next_member]), 0)
    amount = np.rint(CIRCLE_SHARE * np.maximum(money, 0) * (0.5 + 0.5 * draws.uniform("schemes.circle", member, month))).astype(
        np.int64
    )
    second = ((6 + 14 * draws.uniform("schemes.when", member, month)) * DAY_S).astype(np.int64)
    books.pay(member, gangs.next_member, amount, Purpose.CIRCLE, second)
    np.add.at(lives.cash, gangs.next_member, amount)
    np.subtract.at(lives.cash, member, amount)
    gone = (plan == Plan.SYNTHETIC) & (ahead < 0)
    handed = np.rint(HANDED_OVER * np.where(gone, np.maximum(lives.cash[member], 0), 0)).astype(np.int64)
    books.pay(member, gangs.handler, handed, Purpose.PASSED_ON, second)
    np.subtract.at(lives.cash, member, handed)
    np.add.at(lives.cash, gangs.handler, handed)


def spend_loans(
    books: Books,
    society: Society,
    lives: Lives,
    traits: Traits,
    rows: Numbers,
    lender: Numbers,
    spent: NDArray[np.int64],
    second: Numbers,
    draws: Draws,
    month: int,
) -> None:
    """Spend what does not stay on the account of loans just paid out: on goods, or where a misuser takes it.

    Args:
        books: Changed.
        society: Everyone.
        lives: `cash` of those who receive passed-on money changes; the spenders' has been changed already.
        traits: Unchanging part of people.
        rows: Borrowers [k].
        lender: Their lenders [k].
        spent: What each spends, minor units [k].
        second: When the loan was paid out [k]; the money goes a few hours later.
        draws: Luck.
        month: Calendar month.
    """
    people: People = society.people
    misuse = traits.misuse[rows]
    luck = draws.uniform("schemes.misuse", rows, month)

    def firm_of(sector: Sector) -> Numbers:
        found = np.flatnonzero(society.firms.sector == sector)
        return books.accounts.firm(found[(luck * len(found)).astype(np.int64)])

    later = second + 3_600 + (luck * 20_000).astype(np.int64)
    ways = {
        Misuse.NONE: (books.accounts.firm(people.shop[rows].astype(np.int64)), Purpose.SHOP),
        Misuse.GAMBLING: (firm_of(Sector.GAMBLING), Purpose.GAMBLING),
        Misuse.SECURITIES: (firm_of(Sector.BROKER), Purpose.SECURITIES),
        Misuse.PASSED_ON: (_someone_else(luck, rows, len(people)), Purpose.PASSED_ON),
        Misuse.AGENT: (_someone_else(draws.uniform("schemes.agent", lender), rows, len(people)), Purpose.KICKBACK),
    }
    for way, (payee, purpose) in ways.items():
        amount = np.where(misuse == way, spent, 0)
        books.pay(rows, payee, amount, purpose, later)
        if way in (Misuse.PASSED_ON, Misuse.AGENT):
            np.add.at(lives.cash, payee, amount)


def _someone_else(luck: NDArray[np.float64], rows: Numbers, persons: int) -> Numbers:
    """A person for each row, never the row's own."""
    found = (luck * persons).astype(np.int64)
    return np.where(found == rows, (found + 1) % persons, found)
