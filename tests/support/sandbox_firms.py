"""Firms and platforms without the life of people: wages come from the state, and platforms' borrowers are a simple book."""

from dataclasses import dataclass, field, replace

import numpy as np

from ingest.sandbox.accounts import accounts_of
from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.business import Business, drift_business, first_business, lasting, layoff_chance
from ingest.sandbox.economy.company_credit import CompanyLoans, apply_month, first_company_loans, take_up
from ingest.sandbox.economy.company_repayment import repay_month
from ingest.sandbox.economy.company_truth import company_truth
from ingest.sandbox.economy.investors import investors_savings
from ingest.sandbox.economy.platform_schemes import platform_month
from ingest.sandbox.economy.platforms import Platforms, close_ledger, first_platforms, flows_of
from ingest.sandbox.economy.strengths import TURNOVER
from ingest.sandbox.economy.trade import settle_firms, trade_month
from ingest.sandbox.events import EventLog, Purpose
from ingest.sandbox.founding import build_society
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Scheme, Society

SCHEME_MONTH = 6
WAGE_A_HEAD_MINOR = 250_000
TERM, RATE, LOST_SHARE = 12, 0.11, 0.02
BORROWER = 0


@dataclass
class Firms:
    """A world of firms, companies' loans and platforms that is lived month by month."""

    society: Society
    draws: Draws
    books: Books
    business: Business
    loans: CompanyLoans
    platforms: Platforms
    unpaid: np.ndarray
    lent: list[tuple[int, np.ndarray]] = field(default_factory=list)
    tape: list[dict[str, np.ndarray]] = field(default_factory=list)
    month: int = 0
    numbers: int = 0
    paths: int = 0
    truths: list[tuple[int, int, float]] = field(default_factory=list)

    @property
    def payroll(self) -> np.ndarray:
        """What firms pay a month."""
        return self.society.firms.staff.astype(np.int64) * WAGE_A_HEAD_MINOR

    def outstanding(self) -> np.ndarray:
        """Instalments left by lender, of people and firms, at the end of the month last lived."""
        return self._outstanding(self.month - 1)

    def custody(self) -> np.ndarray:
        """What each platform holds."""
        first = self.books.accounts.custody(0)
        return self.books.balance[first : first + len(self.society.lenders)]

    def live(self, log: EventLog | None = None) -> None:
        """One month in the order the economy uses."""
        society, books, month, draws = self.society, self.books, self.month, self.draws
        state, person = books.accounts.state, np.arange(len(society.people))
        books.pay(state, person, society.people.wage_minor, Purpose.WAGE, DAY_S)
        books.pay(person, state, society.people.wage_minor * 9 // 10, Purpose.FOOD, 2 * DAY_S)
        firms, accounts = society.firms, books.accounts
        drift_business(self.business, society, self.unpaid, draws, month)
        luck = draws.generator("test.layoffs", month).random((2, len(firms)))
        closes = layoff_chance(self.business.health, luck[0], luck[1], TURNOVER)[1] & ~lasting(firms)
        self.business.open &= ~closes
        pays = np.where(self.business.open, self.payroll, 0)
        books.pay(accounts.firm(np.arange(len(firms))), state, pays, Purpose.WAGE, DAY_S)
        self.unpaid = trade_month(society, self.business, books, log, draws, month)
        settle_firms(society, self.business, books, self.payroll, draws, month)
        tape = repay_month(self.loans, society, self.business, books, draws, month)
        _, collected = flows_of(tape)
        people = self._collect()
        collected = {name: np.concatenate([values, people[name]]) for name, values in collected.items()}
        shells = platform_month(self.platforms, society, self.loans, books, collected, self._outstanding(month), draws, month)
        companies = apply_month(society, self.business, self.loans, books, self.payroll, draws, month)
        for found in (shells, companies):
            number = self.numbers + np.arange(len(found.firm))
            self.numbers += len(number)
            if self.paths and found is companies:
                chance = company_truth(found, society, self.business, self.unpaid, draws, month, self.paths)
                self.truths += [(month, int(number[i]), float(chance[i])) for i in np.flatnonzero(found.approved)]
            tape += take_up(self.loans, society, books, found, number)
        lent, _ = flows_of(tape)
        people = self._lend()
        close_ledger(self.platforms, society, books, log, month, {n: np.concatenate([v, people[n]]) for n, v in lent.items()})
        self.tape += [line | {"month": np.full(len(line["loan"]), month)} for line in tape]
        if log is not None:
            books.close_month(log, month)
        self.month += 1

    def _outstanding(self, month: int) -> np.ndarray:
        total = self.loans.owed(len(self.society.lenders))
        for start, instalment in self.lent:
            total += instalment * max(TERM - (month - start), 0)
        return total

    def _collect(self) -> dict[str, np.ndarray]:
        count = len(self.society.lenders)
        paid = np.zeros(count, np.int64)
        for start, instalment in self.lent:
            paid += instalment * (0 < self.month - start <= TERM)
        paid = (paid * (1 - LOST_SHARE)).astype(np.int64)
        return self._move(paid, 8 * DAY_S, Purpose.INSTALMENT)

    def _lend(self) -> dict[str, np.ndarray]:
        free = self.platforms.available(self.books) // 1_000 * 900
        monthly = RATE / 12
        self.lent.append((self.month, (free * monthly / (1 - (1 + monthly) ** -TERM)).astype(np.int64)))
        return self._move(free, 25 * DAY_S, Purpose.LOAN_PAYOUT)

    def _move(self, amount: np.ndarray, second: int, purpose: Purpose) -> dict[str, np.ndarray]:
        rows = np.flatnonzero(amount)
        custody, state = self.books.accounts.custody(0) + rows, self.books.accounts.state
        if purpose is Purpose.INSTALMENT:
            self.books.pay(state, BORROWER, amount[rows], Purpose.WAGE, second)
            self.books.pay(BORROWER, custody, amount[rows], purpose, second)
        else:
            self.books.pay(custody, BORROWER, amount[rows], purpose, second)
            self.books.pay(BORROWER, state, amount[rows], Purpose.SHOP, second)
        full = {"second": second, "lender": rows, "account": BORROWER, "amount": amount[rows]}
        return {name: np.broadcast_to(np.asarray(value, np.int64), rows.shape) for name, value in full.items()}


def make_firms(persons: int = 2_000, seed: int = 7, **changes: object) -> Firms:
    """A world at the start of month 0; every scheme begins in `SCHEME_MONTH`. `changes` replace arrays of `Firms`."""
    society = build_society(Scale(persons, seed=seed))
    lenders = society.lenders
    when = np.where(lenders.scheme == Scheme.HONEST, NONE, SCHEME_MONTH).astype(np.int16)
    society = replace(society, lenders=replace(lenders, scheme_month=when), firms=replace(society.firms, **changes))
    draws = Draws(seed)
    accounts = accounts_of(society)
    balance = np.zeros(accounts.count, np.int64)
    balance[:persons] = investors_savings(society, draws) + society.people.wage_minor
    shown = np.ones(accounts.count, np.bool_)
    return Firms(
        society,
        draws,
        Books(accounts, balance, shown),
        first_business(society, draws),
        first_company_loans(len(society.firms)),
        first_platforms(society, draws),
        np.zeros(len(society.firms), np.float32),
    )
