"""The lenders' side of people's loans: whose loan sits in which slot, who guarantees it, and what the tape says of it."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.books import DAY_S
from ingest.sandbox.economy.lives import SLOTS
from ingest.sandbox.economy.spending import Flows
from ingest.sandbox.events import LOAN_EVENTS, LoanEvent
from ingest.sandbox.society import NONE

CODE = {event: code for code, event in enumerate(LOAN_EVENTS)}
FIRST_DUE_DAY, DUE_DAYS = 5, 14  # instalments fall due on day 6 to 19 of a month
PAST_DUE_DAYS = 90
RECOVERED_DAY, RECOVERED_WITHIN_S = 21, 80_000  # on day 22 of a month
MONTH_DAYS = 30
Rows = dict[str, NDArray[np.int64]]
Whole = NDArray[np.signedinteger[Any]]


@dataclass
class LoanBook:
    """Arrays [persons, SLOTS] beside those of `Lives`: NONE or 0 where a slot is free.

    Attributes:
        loan: Its number.
        lender: Its lender.
        paid: Instalments paid so far.
        guarantor: Person, or NONE.
        debt_lender: [persons] whom a garnished income goes to.
        debt_loan: [persons] for which loan.
    """

    loan: NDArray[np.int32]
    lender: NDArray[np.int16]
    paid: NDArray[np.int16]
    guarantor: NDArray[np.int32]
    debt_lender: NDArray[np.int16]
    debt_loan: NDArray[np.int32]

    def copy(self) -> "LoanBook":
        """A copy that may be changed."""
        return LoanBook(*(getattr(self, f.name).copy() for f in fields(self)))

    def open(
        self, rows: NDArray[np.int64], slots: NDArray[np.int64], loan: NDArray[np.int64], lender: NDArray[np.int64]
    ) -> None:
        """Note new loans."""
        self.loan[rows, slots], self.lender[rows, slots] = loan, lender
        self.paid[rows, slots], self.guarantor[rows, slots] = 0, NONE


@dataclass(frozen=True)
class Before:
    """How loans stood before a month: arrays [persons, SLOTS] as in `Lives`."""

    instalment: NDArray[np.int64]
    missed: NDArray[np.int8]
    left: NDArray[np.int16]


def first_book(persons: int) -> LoanBook:
    """No loans yet."""
    shape = (persons, SLOTS)
    return LoanBook(
        np.full(shape, NONE, np.int32),
        np.full(shape, NONE, np.int16),
        np.zeros(shape, np.int16),
        np.full(shape, NONE, np.int32),
        np.full(persons, NONE, np.int16),
        np.full(persons, NONE, np.int32),
    )


@dataclass(frozen=True)
class Repayments:
    """A month's instalments by payment [k], for the books, and every line the tape gets."""

    person: NDArray[np.int64]
    lender: NDArray[np.int64]
    amount: NDArray[np.int64]
    second: NDArray[np.int64]
    tape: list[Rows]


def due_second(loan: NDArray[np.int64]) -> NDArray[np.int64]:
    """When in a month the instalments of a loan fall due, seconds since its first day."""
    day = FIRST_DUE_DAY + loan.astype(np.int64) * 7 % DUE_DAYS
    return day * DAY_S + 9 * 3600 + loan.astype(np.int64) * 97 % 28_800


def repay_month(book: LoanBook, flows: Flows, before: Before, early: NDArray[np.float32]) -> Repayments:
    """State what became of this month's instalments, and change the book: what was paid, which debts are left.

    Args:
        book: Changed.
        flows: Of the month.
        before: How the loans stood before the month.
        early: Uniform [persons]: how punctual each is this month.
    """
    tape: list[Rows] = []
    instalment, behind = before.instalment, before.missed
    person, slot = np.nonzero(flows.instalments_paid)
    count = flows.instalments_paid[person, slot].astype(np.int64)
    loan, lender = book.loan[person, slot].astype(np.int64), book.lender[person, slot].astype(np.int64)
    amount = instalment[person, slot]
    days = np.minimum(np.floor(-3 + 5 * early[person] ** 3), 2).astype(np.int64)
    when = due_second(loan) + days * DAY_S
    first = book.paid[person, slot].astype(np.int64)
    for k in range(int(count.max(initial=0))):  # arrears are cured oldest first, at most a few at once
        at = np.flatnonzero(count > k)
        owed_for = np.maximum(behind[person[at], slot[at]].astype(np.int64) - k, 0)  # months this instalment is overdue
        tape.append(
            tape_lines(
                when[at] + 60 * k,
                loan[at],
                person[at],
                lender[at],
                LoanEvent.PAID,
                first[at] + k + 1,
                amount[at],
                owed_for * MONTH_DAYS + days[at],
            )
        )
    book.paid[person, slot] += count.astype(np.int16)
    not_paid = flows.missed & (behind < before.left)  # after the last instalment nothing more falls due
    for flag, event in ((not_paid, LoanEvent.MISSED), (flows.closed, LoanEvent.CLOSED)):
        who, where = np.nonzero(flag)
        number = book.loan[who, where].astype(np.int64)
        ordinal = book.paid[who, where] + (behind[who, where] + 1 if event is LoanEvent.MISSED else 0)
        second = due_second(number) + (DAY_S if event is LoanEvent.MISSED else 3 * DAY_S)
        tape.append(
            tape_lines(
                second,
                number,
                who,
                book.lender[who, where],
                event,
                ordinal,
                instalment[who, where] * (event is LoanEvent.MISSED),
            )
        )
    tape.append(_defaults(book, flows))
    return Repayments(person, lender, amount * count, when, tape)


def _defaults(book: LoanBook, flows: Flows) -> Rows:
    who, where = np.nonzero(flows.defaulted)
    number = book.loan[who, where].astype(np.int64)
    owed = flows.owed_at_default[who, where]
    in_order = np.lexsort((owed, who))  # of several at once the largest is collected: the one noted last
    book.debt_lender[who[in_order]] = book.lender[who, where][in_order]
    book.debt_loan[who[in_order]] = number[in_order]
    # two months after the first instalment missed; ninety days are over early next month
    second = due_second(number) + (PAST_DUE_DAYS - 2 * MONTH_DAYS) * DAY_S
    return tape_lines(second, number, who, book.lender[who, where], LoanEvent.DEFAULTED, book.paid[who, where], owed)


def guarantees_called(
    book: LoanBook, flows: Flows
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Guarantor, lender, borrower and amount asked for of each guaranteed loan that defaulted, int64 [k] each."""
    who, where = np.nonzero(flows.defaulted & (book.guarantor != NONE))
    asked = np.rint(flows.owed_at_default[who, where] * s.GUARANTEE_OF_REST).astype(np.int64)
    return (
        book.guarantor[who, where].astype(np.int64),
        book.lender[who, where].astype(np.int64),
        who.astype(np.int64),
        asked,
    )


def recoveries(book: LoanBook, garnished: NDArray[np.int64]) -> Rows:
    """State what was taken from incomes, late in the month: a default of last month is over by then."""
    who = np.flatnonzero(garnished)
    loan = book.debt_loan[who].astype(np.int64)
    second = RECOVERED_DAY * DAY_S + loan * 97 % RECOVERED_WITHIN_S
    return tape_lines(second, loan, who, book.debt_lender[who], LoanEvent.RECOVERED, 0, garnished[who])


def tape_lines(
    second: Whole,
    loan: Whole,
    borrower: Whole,
    lender: Whole,
    event: LoanEvent,
    instalment: Whole | int,
    amount: Whole,
    days_late: Whole | int = 0,
    account: Whole | int = NONE,
) -> Rows:
    """Lines of the tape, all of one event."""
    columns = {
        "second": second,
        "loan": loan,
        "borrower": borrower,
        "lender": lender,
        "kind": CODE[event],
        "instalment": instalment,
        "amount": amount,
        "days_late": days_late,
        "account": account,
    }
    return {name: np.broadcast_to(np.asarray(values, np.int64), (len(loan),)) for name, values in columns.items()}
