"""The last days of a month: who applies where, what is decided, and how a loan's money leaves the lender.

Decisions are in `credit`; this module gives them numbers and hours, finds guarantors, and moves the money.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.company_credit import till
from ingest.sandbox.economy.credit import Asking, Verdict, ask_for_credit, judge, kept_of, take_up
from ingest.sandbox.economy.lives import Lives, Traits
from ingest.sandbox.economy.loanbook import LoanBook, Rows, due_second, tape_lines
from ingest.sandbox.economy.luck import Luck
from ingest.sandbox.economy.schemes import spend_loans
from ingest.sandbox.events import LoanEvent, Purpose
from ingest.sandbox.society import NONE, Lenders, Society, Ties

FIRST_DAY, DAYS = 23, 4  # applications fall on day 23 to 26 of a month, answers within half a day
OPENS_AT_S, OPEN_FOR_S = 7 * 3_600, 15 * 3_600  # one applies between 7 and 22 o'clock
NEXT_LENDER_S = 2_400  # until someone with a plan asks the next lender
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Partners:
    """For each person the tie they would ask for a guarantee, and one that may have brought them; NONE where none."""

    guarantor: NDArray[np.int32]
    referrer: NDArray[np.int32]


@dataclass(frozen=True)
class Borrowed:
    """One round's applications with answers, one entry each; columns as in `Event.APPLICATION` but the loan's number."""

    asking: Asking
    verdict: Verdict
    second: Numbers
    decided: Numbers
    number: Numbers


def find_partners(society: Society, draws: Draws) -> Partners:
    """The strongest tie of everyone, and one of the others by draw."""
    ties, persons = society.ties, len(society.people)
    ends = np.concatenate([ties.a, ties.b])
    edge = np.arange(len(ties), dtype=np.int64)
    found = []
    for weight in (ties.strength.astype(np.float64), draws.uniform("borrowing.referrer", edge)):
        best = np.full(persons, NONE, np.int32)
        order = np.argsort(np.tile(weight, 2), kind="stable")
        best[ends[order]] = np.tile(edge, 2)[order]  # the last one written is the greatest
        found.append(best)
    return Partners(*found)


def other_end(ties: Ties, tie: NDArray[np.int32], person: Numbers, month: int) -> NDArray[np.int64]:
    """Who is at the other end of each person's tie, NONE where there is no tie in that month."""
    at = np.where(tie == NONE, 0, tie)
    alive = (tie != NONE) & (ties.born[at] <= month) & (month < ties.dead[at])
    return np.where(alive, np.where(ties.a[at] == person, ties.b[at], ties.a[at]), NONE).astype(np.int64)


def borrow_round(
    lives: Lives,
    traits: Traits,
    lenders: Lenders,
    selection: float,
    funds: Numbers,
    month: int,
    turn: int,
    first: int,
    draws: Draws,
    luck: Luck,
) -> Borrowed:
    """Applications and answers of one round; nothing is changed yet.

    Args:
        lives: Everyone.
        traits: Unchanging part.
        lenders: Where one applies.
        selection: The knob.
        funds: Minor units each lender can still pay out, int64 [lenders].
        month: Calendar month.
        turn: Round within the month.
        first: Number of the first loan.
        draws: Luck of hours.
        luck: Luck of the month.
    """
    asking = ask_for_credit(lives, traits, lenders, month, turn, luck)
    verdict = judge(lives, traits, asking, lenders, selection, luck, turn)
    person = asking.rows
    day = (DAYS * draws.uniform("borrowing.day", person, month)).astype(np.int64)
    hour = OPENS_AT_S + (OPEN_FOR_S * draws.uniform("borrowing.hour", person, month)).astype(np.int64)
    second = (FIRST_DAY - 1 + day) * DAY_S + hour + turn * NEXT_LENDER_S
    order = np.lexsort((person, second))
    asking = Asking(*(values[order] for values in vars(asking).values()))
    verdict = Verdict(*(values[order] for values in vars(verdict).values()))
    approved = verdict.approved & _within_funds(asking, verdict.approved, funds)
    decided = second[order] + 600 + (40_000 * draws.uniform("borrowing.decided", asking.rows, month, turn)).astype(np.int64)
    number = first + np.arange(len(asking.rows), dtype=np.int64)
    return Borrowed(asking, Verdict(approved, verdict.rate_bp, verdict.instalment), second[order], decided, number)


def pay_out(
    borrowed: Borrowed, lives: Lives, traits: Traits, book: LoanBook, books: Books, society: Society, month: int, draws: Draws
) -> list[Rows]:
    """Pay out the loans approved: changes lives, the loan book and the books.

    Returns:
        Lines of the tape.
    """
    yes = np.flatnonzero(borrowed.verdict.approved)
    rows, amount = borrowed.asking.rows[yes], borrowed.asking.amount[yes]
    lender, number = borrowed.asking.lender[yes], borrowed.number[yes]
    slots = take_up(lives, rows, borrowed.asking.term[yes], borrowed.verdict.instalment[yes], month)
    book.open(rows, slots, number, lender)
    second = borrowed.decided[yes] + 20_000
    books.pay(till(society.lenders, books, lender), rows, amount, Purpose.LOAN_PAYOUT, second)
    kept = kept_of(amount, traits.misuse[rows], traits.plan[rows])
    lives.cash[rows] += kept
    spend_loans(books, society, lives, traits, rows, lender, amount - kept, second, draws, month)
    first_due = due_second(number) + 30 * DAY_S
    return [
        tape_lines(second, number, rows, lender, LoanEvent.DISBURSED, 0, amount, account=rows),
        tape_lines(first_due, number, rows, lender, LoanEvent.DUE, 1, borrowed.verdict.instalment[yes]),
    ]


def find_guarantors(borrowed: Borrowed, book: LoanBook, partners: Partners, ties: Ties, month: int, draws: Draws) -> Rows:
    """Name guarantors of some loans just granted: changes the loan book, returns columns of `Event.GUARANTEE`."""
    yes = np.flatnonzero(borrowed.verdict.approved)
    rows, number = borrowed.asking.rows[yes], borrowed.number[yes]
    partner = other_end(ties, partners.guarantor[rows], rows, month)
    asked = (draws.uniform("borrowing.guarantee", rows, month) < s.GUARANTEED_SHARE) & (partner != NONE)
    at = np.flatnonzero(asked)
    slot = np.argmax(book.loan[rows[at]] == number[at, None], axis=1)
    book.guarantor[rows[at], slot] = partner[at]
    amount = np.rint(borrowed.asking.amount[yes][at] * s.GUARANTEE_OF_REST).astype(np.int64)
    return {
        "second": borrowed.decided[yes][at] - 300,
        "loan": number[at],
        "guarantor": partner[at],
        "amount": amount,
    }


def find_referrals(borrowed: Borrowed, book: LoanBook, partners: Partners, ties: Ties, month: int, draws: Draws) -> Rows:
    """Who brought whom, as columns of `Event.REFERRAL`: someone known who has borrowed from the same lender."""
    rows, lender = borrowed.asking.rows, borrowed.asking.lender
    partner = other_end(ties, partners.referrer[rows], rows, month)
    client = (book.lender[partner] == lender[:, None]).any(axis=1) & (partner != NONE)
    drawn = draws.uniform("borrowing.referral", rows, month) < s.REFERRED_SHARE_OF_CLIENTS
    at = np.flatnonzero(client & drawn)
    return {
        "second": borrowed.second[at] - 1_200,
        "referrer": partner[at],
        "referred": rows[at],
        "lender": lender[at],
    }


def _within_funds(asking: Asking, approved: NDArray[np.bool_], funds: Numbers) -> NDArray[np.bool_]:
    """First come, first served: a lender pays out no more than it has."""
    wanted = np.where(approved, asking.amount, 0)
    order = np.argsort(asking.lender, kind="stable")
    running = np.cumsum(wanted[order])
    starts = np.searchsorted(asking.lender[order], np.arange(len(funds)))
    before = np.concatenate([[0], running])[starts]
    inside = np.empty(len(wanted), np.bool_)
    inside[order] = running - before[asking.lender[order]] <= funds[asking.lender[order]]
    return inside
