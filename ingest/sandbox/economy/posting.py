"""Puts a month's money of people into the books: who pays whom, and at what hour."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy.billing import CARRIED_DUE_DAY, DUE_DAY, Lateness, paid_at
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.lives import Lives, Traits
from ingest.sandbox.economy.spending import Flows
from ingest.sandbox.economy.suppliers import Suppliers
from ingest.sandbox.events import Purpose
from ingest.sandbox.society import NONE, Society, Work

Numbers = NDArray[np.int64]
LAST_DAY = 22
"""Everyday life of a month ends with this day; what follows is borrowing."""


@dataclass(frozen=True)
class Clock:
    """When in the month each person does things: a fixed habit and this month's chance, uniform [persons] each."""

    habit: NDArray[np.float64]
    chance: NDArray[np.float32]

    def second(self, first_day: int, last_day: int, weight: float = 1.0) -> Numbers:
        """Seconds since the month began, between the start of one day and the end of another (days count from 1)."""
        span = (last_day - first_day + 1) * DAY_S - 1
        mixed = (weight * self.chance + (1 - weight) * self.habit + 0.618 * first_day) % 1.0
        return np.asarray((first_day - 1) * DAY_S + mixed * span, np.int64)


def post_flows(
    books: Books,
    society: Society,
    suppliers: Suppliers,
    lives: Lives,
    traits: Traits,
    landlord: Numbers,
    flows: Flows,
    lateness: Lateness,
    clock: Clock,
) -> None:
    """Post everything but instalments, guarantees, garnishment and help, which their own modules post.

    Args:
        books: Changed.
        society: Everyone.
        suppliers: Whom people pay.
        lives: After the month.
        traits: Unchanging part of people.
        landlord: Firm each pays rent to, NONE where owned.
        flows: What was paid.
        lateness: When bills were paid.
        clock: When.
    """
    accounts = books.accounts
    person = np.arange(len(lives), dtype=np.int64)
    employed = lives.employer != NONE
    payday = clock.second(1, 2, 0.2)
    staff = (traits.work == Work.EMPLOYED) & employed
    books.pay(accounts.firm(np.where(staff, lives.employer, 0)), person, np.where(staff, flows.earned, 0), Purpose.WAGE, payday)
    for work, purpose in ((Work.RETIRED, Purpose.PENSION), (Work.SELF_EMPLOYED, Purpose.PROFIT)):
        books.pay(accounts.state, person, np.where(traits.work == work, flows.earned, 0), purpose, payday)
    books.pay(accounts.state, person, flows.benefit, Purpose.BENEFIT, payday)
    at_home = np.where(landlord == NONE, suppliers.utility, landlord)  # owners pay dues to the utility that runs the house
    books.pay(person, accounts.firm(at_home), flows.rent, Purpose.RENT, clock.second(3, 4, 0.2))
    for kind, (firm, purpose) in enumerate(((suppliers.telecom, Purpose.TELECOM), (suppliers.utility, Purpose.UTILITY))):
        this_month, carried = paid_at(lateness.this_month, DUE_DAY, kind), paid_at(lateness.carried, CARRIED_DUE_DAY, kind)
        books.pay(person, accounts.firm(firm), flows.bill_paid[:, kind], purpose, this_month)
        books.pay(person, accounts.firm(firm), flows.carried_paid[:, kind], purpose, carried)
    books.pay(person, accounts.firm(suppliers.grocer), flows.food, Purpose.FOOD, clock.second(4, LAST_DAY))
    books.pay(person, accounts.firm(suppliers.grocer), flows.small, Purpose.OTHER, clock.second(6, LAST_DAY))
    books.pay(person, accounts.firm(suppliers.haunt), flows.leisure, Purpose.LEISURE, clock.second(5, LAST_DAY))
    books.pay(person, accounts.firm(suppliers.transport), flows.transport, Purpose.TRANSPORT, clock.second(3, 7, 0.5))
    books.pay(person, accounts.firm(suppliers.health), flows.health, Purpose.HEALTH, clock.second(2, LAST_DAY))
