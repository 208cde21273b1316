"""Small firms borrow: who applies, what is decided, what is paid out; one loan at a time a firm.

A lender sees a firm's health through noise. Nothing here knows people; numbers of loans are the caller's business. What
becomes of a loan is `company_repayment`'s.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books, Money
from ingest.sandbox.economy.business import Business, lasting
from ingest.sandbox.economy.lives import Flags
from ingest.sandbox.economy.loanbook import MONTH_DAYS, Rows, due_second, tape_lines
from ingest.sandbox.events import LoanEvent, Purpose
from ingest.sandbox.society import NONE, Lenders, Society

STAFF_MOST = 60
APPLYING, APPLYING_HEALTH = 0.012, (-1.8, 0.3)  # chance a month, and the health between which firms want credit
LENDERS_TO_FIRMS = 7  # banks and online lenders; platforms lend to people, and to shells
TERMS = (12, 24)
AMOUNT_PAYROLLS = (1.5, 4.0)
TURNOVER_PAYROLLS, TURNOVER_SPREAD = 2.6, 0.25  # stated turnover of a month over payroll, and the spread of its logarithm
ROUND_MINOR = 10_000
SEEN_AT, SIGHT_NOISE = -1.1, 0.6  # health a lender asks for, and how badly it sees it
PRICE_BY_HEALTH_PCT, RATE_PCT = 2.0, (2.0, 18.0)
WORKING_CAPITAL = 5  # code of the purpose in `Event.APPLICATION`
FIRST_DAY, DAYS = 23, 4  # applications fall on day 23 to 26
DECIDED_WITHIN_S, PAID_OUT_AFTER_S = 40_000, 20_000
Numbers = NDArray[np.int64]


@dataclass
class CompanyLoans:
    """One row a firm; `left` is 0 where no loan runs.

    Attributes:
        loan, lender, instalment: The running or last loan; NONE or 0 before the first.
        left, paid, missed: Instalments left, paid, and missed in a row.
        defaults: Loans that ended in default; whoever has one gets no other.
        debt, debt_month: What will be recovered of a default, minor units, and when.
    """

    loan: NDArray[np.int32]
    lender: NDArray[np.int16]
    instalment: Money
    left: NDArray[np.int16]
    paid: NDArray[np.int16]
    missed: NDArray[np.int8]
    defaults: NDArray[np.int8]
    debt: Money
    debt_month: NDArray[np.int16]

    def copy(self) -> "CompanyLoans":
        """A copy that may be changed."""
        return CompanyLoans(*(getattr(self, f.name).copy() for f in fields(self)))

    def owed(self, lenders: int) -> Money:
        """Instalments left of running loans by lender, minor units int64 [lenders]."""
        rows = np.flatnonzero(self.left > 0)
        owed = np.zeros(lenders, np.int64)
        np.add.at(owed, self.lender[rows], self.left[rows] * self.instalment[rows])
        return owed


@dataclass(frozen=True)
class Applications:
    """Applications of firms with the answers [k], by (second, firm)."""

    firm: Numbers
    applicant: Numbers  # account
    lender: Numbers
    second: Numbers
    decided: Numbers
    amount: Money
    term: NDArray[np.int16]
    declared: Money
    approved: Flags
    rate_bp: NDArray[np.int32]
    instalment: Money

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Columns of `Event.APPLICATION` but the number of the loan."""
        return {
            "second": self.second,
            "applicant": self.applicant,
            "lender": self.lender,
            "amount": self.amount,
            "term_months": self.term,
            "purpose": np.full(len(self.firm), WORKING_CAPITAL, np.int8),
            "declared_income": self.declared,
            "approved": self.approved,
            "decided_second": self.decided,
            "rate_bp": self.rate_bp,
            "instalment": self.instalment,
        }

    def take(self, rows: Numbers) -> "Applications":
        """These applications only."""
        return Applications(*(getattr(self, f.name)[rows] for f in fields(self)))


def first_company_loans(firms: int) -> CompanyLoans:
    """No loans yet."""
    return CompanyLoans(
        loan=np.full(firms, NONE, np.int32),
        lender=np.full(firms, NONE, np.int16),
        instalment=np.zeros(firms, np.int64),
        left=np.zeros(firms, np.int16),
        paid=np.zeros(firms, np.int16),
        missed=np.zeros(firms, np.int8),
        defaults=np.zeros(firms, np.int8),
        debt=np.zeros(firms, np.int64),
        debt_month=np.full(firms, NONE, np.int16),
    )


def apply_month(
    society: Society, business: Business, loans: CompanyLoans, books: Books, payroll: Money, draws: Draws, month: int
) -> Applications:
    """Who applies this month, where, for what, and what is answered; nothing is changed.

    Args:
        society: Firms and lenders.
        business: Health moves who applies, and is seen through noise.
        loans: Who has a loan, or failed to repay one, does not apply.
        books: Names accounts.
        payroll: What each firm pays a month, minor units [firms]; those that pay nobody do not apply.
        draws: Luck, one a firm.
        month: The month.
    """
    firms = society.firms
    rng = draws.generator("company.credit", month)
    luck = rng.random((7, len(firms)), dtype=np.float32)
    noise = rng.standard_normal((2, len(firms)), dtype=np.float32)
    fit = business.open & ~lasting(firms) & (firms.staff <= STAFF_MOST) & (payroll > 0)
    fit &= (loans.left == 0) & (loans.defaults == 0)
    wants = (business.health > APPLYING_HEALTH[0]) & (business.health < APPLYING_HEALTH[1]) & (luck[0] < APPLYING)
    firm = np.flatnonzero(fit & wants)
    chance, sight, swing = luck[:, firm].astype(np.float64), noise[0, firm], noise[1, firm]
    low, high = AMOUNT_PAYROLLS
    wished = payroll[firm] * (low + (high - low) * chance[1])
    amount = (np.maximum(np.rint(wished / ROUND_MINOR), 1) * ROUND_MINOR).astype(np.int64)
    term = np.asarray(TERMS, np.int16)[(chance[2] * len(TERMS)).astype(np.int64)]
    lender = _lender(society.lenders, chance[3])
    seen = business.health[firm] + SIGHT_NOISE * sight - society.lenders.strictness[lender]
    rate_bp, instalment = price(society.lenders.rate_pct[lender] - PRICE_BY_HEALTH_PCT * seen, amount, term)
    second = ((FIRST_DAY - 1 + DAYS * chance[4]) * DAY_S).astype(np.int64)
    turnover = payroll[firm] * TURNOVER_PAYROLLS * np.exp(TURNOVER_SPREAD * swing)
    found = Applications(
        firm=firm,
        applicant=books.accounts.firm(0) + firm,
        lender=lender,
        second=second,
        decided=second + 600 + (DECIDED_WITHIN_S * chance[5]).astype(np.int64),
        amount=amount,
        term=term,
        declared=np.rint(turnover).astype(np.int64),
        approved=seen > SEEN_AT,
        rate_bp=rate_bp,
        instalment=instalment,
    )
    return found.take(np.lexsort((firm, second)))


def price(rate_pct: NDArray[np.floating], amount: Money, term: NDArray[np.int16]) -> tuple[NDArray[np.int32], Money]:
    """Yearly price in hundredths of a percent, within `RATE_PCT`, and the instalment of an annuity, rounded up."""
    pct = np.clip(np.asarray(rate_pct, np.float64), *RATE_PCT)
    monthly = pct / 1200
    annuity = amount * monthly / (1 - (1 + monthly) ** -term.astype(np.float64))
    return np.rint(pct * 100).astype(np.int32), np.ceil(annuity).astype(np.int64)


def take_up(
    loans: CompanyLoans, society: Society, books: Books, applications: Applications, loan_numbers: Numbers
) -> list[Rows]:
    """Pay out what was approved: changes the loans and the books.

    Args:
        loans: Changed.
        society: Says which lenders pay from custody.
        books: Changed.
        applications: All of them, approved or not.
        loan_numbers: One each [k].

    Returns:
        Lines of the tape: paid out, and the first instalment due next month.
    """
    yes = np.flatnonzero(applications.approved)
    new, number = applications.take(yes), loan_numbers[yes].astype(np.int64)
    loans.loan[new.firm], loans.lender[new.firm], loans.instalment[new.firm] = number, new.lender, new.instalment
    loans.left[new.firm], loans.paid[new.firm], loans.missed[new.firm] = new.term, 0, 0
    second = new.decided + PAID_OUT_AFTER_S
    books.pay(till(society.lenders, books, new.lender), new.applicant, new.amount, Purpose.LOAN_PAYOUT, second)
    nought, due = np.zeros(len(yes), np.int64), due_second(number) + MONTH_DAYS * DAY_S
    return [
        tape_lines(second, number, new.applicant, new.lender, LoanEvent.DISBURSED, nought, new.amount, account=new.applicant),
        tape_lines(due, number, new.applicant, new.lender, LoanEvent.DUE, nought + 1, new.instalment),
    ]


def _lender(lenders: Lenders, luck: NDArray[np.float64]) -> Numbers:
    found = np.flatnonzero(~lenders.is_platform)[:LENDERS_TO_FIRMS]
    return np.asarray(found[(luck * len(found)).astype(np.int64)])


def till(lenders: Lenders, books: Books, lender: NDArray[np.integer]) -> Numbers:
    """The account a lender lends from and collects to: a platform's custody, else its own."""
    custody, own = books.accounts.custody(0), books.accounts.lender(0)
    return np.asarray(np.where(lenders.is_platform[lender], custody, own) + lender.astype(np.int64), np.int64)
