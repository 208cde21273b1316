"""The economy as a whole: what never changes, what does, and how it begins. `month` lives it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.accounts import accounts_of, shown_accounts
from ingest.sandbox.draws import Draws
from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.books import Books
from ingest.sandbox.economy.borrowing import Partners, find_partners
from ingest.sandbox.economy.business import Business, first_business
from ingest.sandbox.economy.company_credit import CompanyLoans, first_company_loans
from ingest.sandbox.economy.contagion import Bonds, first_bonds
from ingest.sandbox.economy.investors import investors_savings
from ingest.sandbox.economy.lives import Lives, Traits, first_lives, traits_of
from ingest.sandbox.economy.loanbook import LoanBook, first_book
from ingest.sandbox.economy.platforms import Platforms, first_platforms
from ingest.sandbox.economy.schemes import Gangs, find_gangs
from ingest.sandbox.economy.suppliers import Suppliers, choose_suppliers
from ingest.sandbox.events import month_start
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Plan, Sector, Society, Work

FIRST_DAY = (month_start(0).date() - month_start(0).date().replace(year=1970)).days
LENDER_MINOR = 150_000  # a lender's own money at the start, for each person of the economy
SYNTHETIC_CASH_MINOR = 150_000
NEED_WAGES = 0.5  # in need: out of work or ill, with less than half a wage at hand


@dataclass(frozen=True)
class Setting:
    """What never changes while the economy runs."""

    scale: Scale
    society: Society
    traits: Traits
    suppliers: Suppliers
    partners: Partners
    gangs: Gangs


@dataclass
class Economy:
    """What changes. `month` is the next one to be lived; `loans` counts loan numbers given out.

    Attributes:
        draws: The luck from here on; another seed imagines another future.
        home: Address of each person.
        unpaid: Share of last month's invoices of each firm that was not paid.
        called: Guarantees called for this month, minor units [persons], and `called_by` whom they go to.
        word: What last month's defaults of others will weigh, float32 [persons].
    """

    setting: Setting
    draws: Draws
    lives: Lives
    books: Books
    business: Business
    bonds: Bonds
    book: LoanBook
    company_loans: CompanyLoans
    platforms: Platforms
    home: NDArray[np.int32]
    unpaid: NDArray[np.float32]
    called: NDArray[np.int64]
    called_by: NDArray[np.int64]
    word: NDArray[np.float32]
    month: int = 0
    loans: int = 0

    def imagine(self, seed: int) -> "Economy":
        """The same state with another luck from here on."""
        return replace(
            self,
            draws=Draws(seed),
            lives=self.lives.copy(),
            books=self.books.copy(),
            business=self.business.copy(),
            bonds=self.bonds.copy(),
            book=self.book.copy(),
            company_loans=self.company_loans.copy(),
            platforms=self.platforms.copy(),
            home=self.home.copy(),
            called=self.called.copy(),
            called_by=self.called_by.copy(),
            word=self.word.copy(),
        )


def found_economy(scale: Scale, society: Society) -> Economy:
    """The economy at the start of month 0."""
    draws, people = Draws(scale.seed), society.people
    traits = traits_of(people, FIRST_DAY)
    accounts = accounts_of(society)
    balance = _first_balances(society, draws, accounts.count)
    lives = first_lives(people, balance[: len(people)].copy(), draws.generator("economy.people"))
    business = first_business(society, draws)
    setting = Setting(
        scale, society, traits, choose_suppliers(society, draws), find_partners(society, draws), find_gangs(people, draws)
    )
    return Economy(
        setting=setting,
        draws=draws,
        lives=lives,
        books=Books(accounts, balance, shown_accounts(society, draws)),
        business=business,
        bonds=first_bonds(society.ties, draws),
        book=first_book(len(people)),
        company_loans=first_company_loans(len(society.firms)),
        platforms=first_platforms(society, draws),
        home=people.home.astype(np.int32).copy(),
        unpaid=np.zeros(len(society.firms), np.float32),
        called=np.zeros(len(people), np.int64),
        called_by=np.zeros(len(people), np.int64),
        word=np.zeros(len(people), np.float32),
    )


def _first_balances(society: Society, draws: Draws, count: int) -> NDArray[np.int64]:
    people, firms = society.people, society.firms
    balance = np.zeros(count, np.int64)
    accounts = accounts_of(society)
    noise = draws.generator("economy.cash").standard_normal(len(people))
    savings = people.wage_minor * 0.7 * np.exp(s.BUFFER_BY_THRIFT * people.thrift + 0.5 * noise)
    sham = people.plan == Plan.SYNTHETIC
    balance[: len(people)] = np.where(sham, SYNTHETIC_CASH_MINOR, np.rint(savings + 20_000))
    balance[: len(people)] += investors_savings(society, draws)
    balance[accounts.firm(0) : accounts.lender(0)] = np.where(
        firms.sector == Sector.SHELL, 0, firms.staff.astype(np.int64) * 400_000 + 2_000_000
    )
    balance[accounts.lender(0) : accounts.custody(0)] = len(people) * LENDER_MINOR
    return balance


def in_need(lives: Lives, traits: Traits) -> NDArray[np.bool_]:
    """Who would be helped: out of work or ill, with little at hand, bool [rows]."""
    staff = traits.work == Work.EMPLOYED
    down = (staff & (lives.employer == NONE)) | lives.ill
    needy: NDArray[np.bool_] = down & (lives.cash < NEED_WAGES * lives.wage) & (traits.plan != Plan.SYNTHETIC)
    return needy


def payroll_of(economy: Economy) -> NDArray[np.int64]:
    """What each firm pays its staff a month, minor units int64 [firms]."""
    lives, firms = economy.lives, len(economy.setting.society.firms)
    staff = np.flatnonzero((lives.employer != NONE) & (economy.setting.traits.work == Work.EMPLOYED))
    paid = np.zeros(firms, np.int64)
    np.add.at(paid, lives.employer[staff], lives.wage[staff])
    return paid
