"""The money side of all loans in a month: instalments, guarantees and recoveries first, new loans at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import company_credit, company_repayment
from ingest.sandbox.economy.borrowing import Borrowed, borrow_round, find_guarantors, find_referrals, pay_out
from ingest.sandbox.economy.company_credit import Applications, till
from ingest.sandbox.economy.credit import ROUNDS
from ingest.sandbox.economy.economy import Economy, payroll_of
from ingest.sandbox.economy.loanbook import Before, Rows, guarantees_called, recoveries, repay_month
from ingest.sandbox.economy.luck import NamedLuck
from ingest.sandbox.economy.posting import Clock
from ingest.sandbox.economy.spending import Flows
from ingest.sandbox.events import SCHEMAS, Event, EventLog, Purpose

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Lent:
    """A month's applications, people's by round and those of firms, with lines of the tape for what was paid out."""

    people: Sequence[Borrowed]
    shells: "FirmLoans"
    firms: "FirmLoans"
    tape: Sequence[Rows]


@dataclass(frozen=True)
class FirmLoans:
    """Applications of firms with the numbers of their loans."""

    applications: Applications
    number: Numbers


def settle_loans(economy: Economy, flows: Flows, before: Before, luck: NamedLuck, clock: Clock) -> tuple[list[Rows], Rows]:
    """Instalments, guarantees and recoveries into the books; calls the guarantees of new defaults.

    Returns:
        Lines of the tape, and what guarantors paid: second, lender, account, amount.
    """
    book, books, lenders = economy.book, economy.books, economy.setting.society.lenders

    guarantor = np.flatnonzero(flows.guarantee)
    guaranteed = {
        "second": clock.second(20, 21)[guarantor],
        "lender": economy.called_by[guarantor],
        "account": guarantor,
        "amount": flows.guarantee[guarantor],
    }
    to = till(lenders, books, guaranteed["lender"])
    books.pay(guarantor, to, guaranteed["amount"], Purpose.GUARANTEE, guaranteed["second"])
    paid = repay_month(book, flows, before, luck.uniform("punctual"))
    books.pay(paid.person, till(lenders, books, paid.lender), paid.amount, Purpose.INSTALMENT, paid.second)
    taken = recoveries(book, flows.garnished)
    books.pay(taken["borrower"], till(lenders, books, taken["lender"]), taken["amount"], Purpose.RECOVERY, taken["second"])
    who, lender, borrower, amount = guarantees_called(book, flows)
    economy.called = np.zeros(len(economy.lives), np.int64)
    np.add.at(economy.called, who, amount)
    economy.called_by[who] = lender
    debt = economy.lives.debt  # what is asked of guarantors is not collected twice
    debt[borrower] = np.maximum(debt[borrower] - amount, 0)
    firms = company_repayment.repay_month(
        economy.company_loans, economy.setting.society, economy.business, books, economy.draws, economy.month
    )
    return [*paid.tape, taken, *firms], guaranteed


def lend_month(economy: Economy, shells: Applications, log: EventLog | None, luck: NamedLuck) -> Lent:
    """The last days of a month: shells are served first, then people in rounds, then firms.

    Changes the economy, and writes applications, guarantees and referrals.
    """
    tape: list[Rows] = []
    favoured = _lend_to_firms(economy, shells, tape)
    people, guarantees, referrals = [], [], []
    for turn in range(ROUNDS):
        borrowed = _lend_round(economy, turn, luck, tape)
        people.append(borrowed)
        partners, month, draws = economy.setting.partners, economy.month, economy.draws
        guarantees.append(find_guarantors(borrowed, economy.book, partners, economy.bonds.ties, month, draws))
        referrals.append(find_referrals(borrowed, economy.book, partners, economy.bonds.ties, month, draws))
    society, books = economy.setting.society, economy.books
    applied = company_credit.apply_month(
        society, economy.business, economy.company_loans, books, payroll_of(economy), economy.draws, economy.month
    )
    firms = _lend_to_firms(economy, applied, tape)
    if log is not None:
        parts = [_columns(part) for part in people] + [_firm_columns(favoured), _firm_columns(firms)]
        write_rows(log, Event.APPLICATION, economy.month, parts)
        write_rows(log, Event.GUARANTEE, economy.month, guarantees)
        write_rows(log, Event.REFERRAL, economy.month, referrals)
    return Lent(people, favoured, firms, tape)


def write_rows(log: EventLog, kind: Event, month: int, parts: Sequence[Mapping[str, NDArray[np.generic]]]) -> None:
    """Join the parts of a kind in order of time and write them."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in SCHEMAS[kind]}
    order = np.argsort(columns["second"], kind="stable")
    log.write(kind, month, {name: values[order] for name, values in columns.items()})


def _lend_round(economy: Economy, turn: int, luck: NamedLuck, tape: list[Rows]) -> Borrowed:
    setting, books = economy.setting, economy.books
    lenders = setting.society.lenders
    own = books.balance[books.accounts.lender(0) : books.accounts.custody(0)]
    funds = np.where(lenders.is_platform, economy.platforms.available(books), own)
    borrowed = borrow_round(
        economy.lives,
        setting.traits,
        lenders,
        setting.scale.knobs.selection,
        funds,
        economy.month,
        turn,
        economy.loans,
        economy.draws,
        luck,
    )
    tape += pay_out(borrowed, economy.lives, setting.traits, economy.book, books, setting.society, economy.month, economy.draws)
    economy.loans += len(borrowed.number)
    return borrowed


def _lend_to_firms(economy: Economy, applications: Applications, tape: list[Rows]) -> FirmLoans:
    number = economy.loans + np.arange(len(applications.firm), dtype=np.int64)
    tape += company_credit.take_up(economy.company_loans, economy.setting.society, economy.books, applications, number)
    economy.loans += len(number)
    return FirmLoans(applications, number)


def _columns(borrowed: Borrowed) -> Mapping[str, NDArray[np.generic]]:
    asking, verdict = borrowed.asking, borrowed.verdict
    return {
        "loan": borrowed.number,
        "second": borrowed.second,
        "applicant": asking.rows,
        "lender": asking.lender,
        "amount": asking.amount,
        "term_months": asking.term,
        "purpose": asking.purpose,
        "declared_income": asking.declared,
        "approved": verdict.approved,
        "decided_second": borrowed.decided,
        "rate_bp": verdict.rate_bp,
        "instalment": verdict.instalment,
    }


def _firm_columns(loans: FirmLoans) -> Mapping[str, NDArray[np.generic]]:
    return {"loan": loans.number} | loans.applications.columns()
