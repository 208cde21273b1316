"""What becomes of small firms' loans: instalments, misses, defaults, and what is recovered of them.

`misses` and `repay_step` work on rows and serve the truth too. Due days and lines of the tape are those of people's loans.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books, Money
from ingest.sandbox.economy.business import Business
from ingest.sandbox.economy.company_credit import CompanyLoans, Numbers, till
from ingest.sandbox.economy.lives import MISSED_TO_DEFAULT, Flags, Floats
from ingest.sandbox.economy.loanbook import MONTH_DAYS, PAST_DUE_DAYS, Rows, due_second, tape_lines
from ingest.sandbox.events import LoanEvent, Purpose
from ingest.sandbox.society import Sector, Society

MISSING_BELOW, MISSING_AT, MISSING_SLOPE = -1.4, -1.9, 2.5  # health above which nobody misses, and where half do
RECOVERED_SHARE = (0.10, 0.40)
RECOVERED_AFTER_MONTHS = (2, 8)


def repay_month(
    loans: CompanyLoans, society: Society, business: Business, books: Books, draws: Draws, month: int
) -> list[Rows]:
    """A month of instalments, defaults and recoveries: changes the loans and the books.

    Ordinary firms pay by their health, on credit of their account if need be; shells pay what they were given money for.

    Returns:
        Lines of the tape, from the month after a loan was paid out.
    """
    firms = society.firms
    luck = draws.generator("company.instalments", month).random((4, len(firms)), dtype=np.float32)
    tape = _recover(loans, society, books, month)
    firm = np.flatnonzero(loans.left > 0)
    account, instalment, left, behind = (
        books.accounts.firm(0) + firm,
        loans.instalment[firm],
        loans.left[firm],
        loans.missed[firm],
    )
    number, lender, paid = (column[firm].astype(np.int64) for column in (loans.loan, loans.lender, loans.paid))
    shell = firms.sector[firm] == Sector.SHELL
    able = np.minimum(np.maximum(books.balance[account], 0) // np.maximum(instalment, 1), behind + 1)
    count = np.where(shell, able, np.where(misses(business.health[firm], luck[0, firm]), 0, behind + 1))
    closes = ~business.open[firm]
    step = repay_step(left, behind, np.where(closes, 0, count), closes)
    early = (4 * luck[1, firm].astype(np.float64)).astype(np.int64) - 2  # paid up to two days before or a day after
    second = due_second(number) + early * DAY_S
    owed = np.where(step.defaulted, left * instalment, 0)
    books.pay(account, till(society.lenders, books, lender), step.count * instalment, Purpose.INSTALMENT, second)

    def lines(where: Flags, when: Numbers, event: LoanEvent, ordinal: Numbers, amount: Money, late: Numbers | int = 0) -> Rows:
        at = np.flatnonzero(where)
        days = late[at] if isinstance(late, np.ndarray) else late
        return tape_lines(when[at], number[at], account[at], lender[at], event, ordinal[at], amount[at], days)

    for k in range(MISSED_TO_DEFAULT):  # arrears are cured oldest first
        late = np.maximum(behind.astype(np.int64) - k, 0) * MONTH_DAYS + early
        tape.append(lines(step.count > k, second + 60 * k, LoanEvent.PAID, paid + k + 1, instalment, late))
    due, nought = due_second(number), np.zeros(len(firm), np.int64)
    passed = (step.count == 0) & (behind < left)  # after the last instalment nothing more can be missed
    tape.append(lines(passed, due + DAY_S, LoanEvent.MISSED, paid + behind + 1, instalment))
    more = ~step.defaulted & (step.left > step.missed)
    tape.append(lines(more, due + MONTH_DAYS * DAY_S, LoanEvent.DUE, paid + behind + 2, instalment))
    tape.append(lines(step.closed, second + 2 * DAY_S, LoanEvent.CLOSED, nought, nought))
    # as with people: ninety days after the first instalment missed, early next month
    over = due + (PAST_DUE_DAYS - 2 * MONTH_DAYS) * DAY_S
    tape.append(lines(step.defaulted, over, LoanEvent.DEFAULTED, nought, owed))

    loans.left[firm], loans.missed[firm] = np.where(step.defaulted, 0, step.left), step.missed
    loans.paid[firm] += step.count.astype(np.int16)
    loans.defaults[firm] += step.defaulted.astype(np.int8)
    _follow(loans, firm[step.defaulted], owed[step.defaulted], luck[2:], month)
    return tape


def misses(health: Floats, luck: NDArray[np.floating]) -> Flags:
    """Which firms let this month's instalment pass, bool [rows]; `luck` is uniform, one a firm and month."""
    chance = 1 / (1 + np.exp(MISSING_SLOPE * (health - MISSING_AT)))
    return np.asarray((health < MISSING_BELOW) & (luck < chance))


@dataclass(frozen=True)
class Step:
    """What a month makes of running loans [rows]: instalments paid, left, missed in a row, and how it ended if it did."""

    count: Numbers
    left: NDArray[np.int16]
    missed: NDArray[np.int8]
    defaulted: Flags
    closed: Flags


def repay_step(left: NDArray[np.int16], missed: NDArray[np.int8], wanted: NDArray[np.integer], closes: Flags) -> Step:
    """One month of running loans, by row.

    Args:
        left: Instalments left, above 0.
        missed: Missed in a row before.
        wanted: Instalments the firm pays this month, at most one more than it missed.
        closes: The firm has closed; what it owes is in default at once.
    """
    count = np.minimum(wanted, left).astype(np.int64)
    behind = np.where(count >= left, 0, missed + 1 - count).astype(np.int8)
    defaulted = (count == 0) & (closes | (behind >= MISSED_TO_DEFAULT))
    return Step(count, (left - count).astype(np.int16), behind, defaulted, count >= left)


def _follow(loans: CompanyLoans, firm: Numbers, owed: Money, luck: Floats, month: int) -> None:
    """Note how much of these defaults will be recovered, and when."""
    share = RECOVERED_SHARE[0] + (RECOVERED_SHARE[1] - RECOVERED_SHARE[0]) * luck[0, firm].astype(np.float64)
    first, last = RECOVERED_AFTER_MONTHS
    wait = first + (luck[1, firm].astype(np.float64) * (last - first + 1)).astype(np.int64)
    loans.debt[firm], loans.debt_month[firm] = np.rint(share * owed).astype(np.int64), month + wait


def _recover(loans: CompanyLoans, society: Society, books: Books, month: int) -> list[Rows]:
    firm = np.flatnonzero((loans.debt_month == month) & (loans.debt > 0))
    account, amount = books.accounts.firm(0) + firm, loans.debt[firm]
    number, lender = loans.loan[firm].astype(np.int64), loans.lender[firm].astype(np.int64)
    shell = society.firms.sector[firm] == Sector.SHELL  # an empty shell has nothing to take
    amount = np.where(shell, np.minimum(amount, np.maximum(books.balance[account], 0)), amount)
    second = due_second(number)
    books.pay(account, till(society.lenders, books, lender), amount, Purpose.RECOVERY, second)
    loans.debt[firm] = 0
    at = np.flatnonzero(amount)
    nought = np.zeros(len(at), np.int64)
    return [tape_lines(second[at], number[at], account[at], lender[at], LoanEvent.RECOVERED, nought, amount[at])]
