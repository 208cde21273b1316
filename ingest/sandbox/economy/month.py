"""One month of the economy, from first pay to last loan; the order of a month is the order of these calls.

Events go to a log, or nowhere when only the course matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.billing import bill_lateness, bill_month
from ingest.sandbox.economy.business import drift_business, lasting
from ingest.sandbox.economy.contagion import ask_for_help, pressure_from, touch
from ingest.sandbox.economy.economy import Economy, in_need, payroll_of
from ingest.sandbox.economy.employment import employ_month
from ingest.sandbox.economy.housing import move_house
from ingest.sandbox.economy.lending import Lent, lend_month, settle_loans, write_rows
from ingest.sandbox.economy.lives import any_slot
from ingest.sandbox.economy.loanbook import CODE, Before, Rows
from ingest.sandbox.economy.luck import NamedLuck
from ingest.sandbox.economy.ordering import order_month
from ingest.sandbox.economy.platform_schemes import platform_month
from ingest.sandbox.economy.platforms import close_ledger, flows_of
from ingest.sandbox.economy.posting import Clock, post_flows
from ingest.sandbox.economy.schemes import scheme_month
from ingest.sandbox.economy.spending import Asked, Flows, spend_month
from ingest.sandbox.economy.trade import settle_firms, trade_month
from ingest.sandbox.economy.working import health_month
from ingest.sandbox.events import Event, EventLog, LoanEvent, Purpose
from ingest.sandbox.society import NONE

ARREARS_FROM = 2  # instalments missed in a row that others hear of


@dataclass(frozen=True)
class MonthLived:
    """What the month leaves for those who judge it: its applications, and the loans that defaulted."""

    lent: Lent
    defaulted: NDArray[np.int64]


def live_month(economy: Economy, log: EventLog | None) -> MonthLived:
    """Live one month: changes `economy`, writes its events.

    Args:
        economy: Changed.
        log: Where events go; None when only the course matters.
    """
    setting, month, draws = economy.setting, economy.month, economy.draws
    society, traits, lives, books = setting.society, setting.traits, economy.lives, economy.books
    luck = NamedLuck(draws, month, len(lives))
    clock = Clock(draws.uniform("clock", np.arange(len(lives), dtype=np.int64)), luck.uniform("clock"))

    drift_business(economy.business, society, economy.unpaid, draws, month)
    move_house(economy, log)
    _feel_weather(economy)
    employ_month(economy, log)
    health_month(lives, traits, luck)
    asked = _ask_others(economy, clock)
    before = Before(lives.instalment.copy(), lives.missed.copy(), lives.left.copy())
    flows = spend_month(lives, traits, asked, month, setting.scale.knobs.drift, luck)
    landlord = society.homes.landlord[economy.home].astype(np.int64)
    lateness = bill_lateness(lives, draws, month)
    post_flows(books, society, setting.suppliers, lives, traits, landlord, flows, lateness, clock)
    tape, guaranteed = settle_loans(economy, flows, before, luck, clock)
    order_month(log, books, society, setting.suppliers, lives, flows, economy.home, draws, month)
    scheme_month(books, lives, traits, setting.gangs, draws, month)
    assert np.array_equal(books.balance[: len(lives)], lives.cash), "the books and people's purses differ"

    economy.unpaid = trade_month(society, economy.business, books, log, draws, month)
    settle_firms(society, economy.business, books, payroll_of(economy), draws, month)
    lent = _lend(economy, tape, guaranteed, log, luck)
    tape += lent.tape
    _pass_word(economy, flows)
    touch(economy.bonds, draws, month)
    if log is None:
        books.forget_month()
    else:
        bill_month(log, society, setting.suppliers, lateness, flows, month)
        write_rows(log, Event.LOAN, month, tape)
        log.write(Event.CIRCUMSTANCE, month, _circumstance(economy, flows))
        books.close_month(log, month)
    economy.month += 1
    return MonthLived(lent, _defaulted(tape))


def _lend(economy: Economy, tape: list[Rows], guaranteed: Rows, log: EventLog | None, luck: NamedLuck) -> Lent:
    """Platforms serve their investors out of what came in; then everyone lends."""
    society, books, platforms = economy.setting.society, economy.books, economy.platforms
    repaid = flows_of(tape)[1]
    collected = {name: np.concatenate([repaid[name], guaranteed[name]]) for name in repaid}
    shells = platform_month(
        platforms, society, economy.company_loans, books, collected, _outstanding(economy), economy.draws, economy.month
    )
    persons = len(economy.lives)
    economy.lives.cash = books.balance[:persons].copy()  # investors, owners and straw men paid or were paid
    lent = lend_month(economy, shells, log, luck)
    assert np.array_equal(books.balance[:persons], economy.lives.cash), "the books and people's purses differ"
    close_ledger(platforms, society, books, log, economy.month, flows_of(lent.tape)[0])
    return lent


def _outstanding(economy: Economy) -> NDArray[np.int64]:
    """Instalments left of running loans by lender, minor units int64 [lenders]."""
    lenders = len(economy.setting.society.lenders)
    owed = economy.company_loans.owed(lenders)
    rows, slots = np.nonzero(economy.lives.left > 0)
    np.add.at(owed, economy.book.lender[rows, slots], economy.lives.left[rows, slots] * economy.lives.instalment[rows, slots])
    return owed


def _defaulted(tape: list[Rows]) -> NDArray[np.int64]:
    return np.concatenate([part["loan"][part["kind"] == CODE[LoanEvent.DEFAULTED]] for part in tape])


def _feel_weather(economy: Economy) -> None:
    lives, society = economy.lives, economy.setting.society
    lives.downturn = economy.business.downturn[society.homes.neighbourhood[economy.home]]
    employed = lives.employer != NONE
    firm = np.where(employed, lives.employer, 0)
    lives.firm_health = np.where(employed, economy.business.health[firm], 0).astype(np.float32)
    lives.steady = employed & lasting(society.firms)[firm]


def _ask_others(economy: Economy, clock: Clock) -> Asked:
    """Help between people is paid on the spot; guarantees called last month are due."""
    lives, month, knobs = economy.lives, economy.month, economy.setting.scale.knobs
    asked = ask_for_help(economy.bonds, lives, in_need(lives, economy.setting.traits), month, knobs.contagion)
    economy.books.pay(asked.giver, asked.taker, asked.amount, Purpose.SUPPORT, clock.second(1, 3)[asked.giver])
    got, given = np.zeros(len(lives), np.int64), np.zeros(len(lives), np.int64)
    np.add.at(got, asked.taker, asked.amount)
    np.add.at(given, asked.giver, asked.amount)
    return Asked(got, given, economy.called, economy.word)


def _pass_word(economy: Economy, flows: Flows) -> None:
    """What this month's trouble of others will weigh on each person next month."""
    lives = economy.lives
    arrears = flows.missed & (lives.missed == ARREARS_FROM)
    weight = any_slot(flows.defaulted) + s.ARREARS_WORD * any_slot(arrears)
    contagion = economy.setting.scale.knobs.contagion
    economy.word = pressure_from(economy.bonds, lives, weight.astype(np.float32), economy.month, contagion)


def _circumstance(economy: Economy, flows: Flows) -> Mapping[str, object]:
    lives = economy.lives
    return {
        "employer": lives.employer,
        "home": economy.home,
        "ill": lives.ill,
        "worry": lives.worry,
        "spent_share": flows.spent_share,
        "cash": lives.cash,
    }
