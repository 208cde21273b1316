"""What fraudulent platforms do with custody once their scheme has begun; `platforms` does the work they share with others.

Whatever happens here is money that moves: nothing is marked. Few platforms, so one after the other.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books, Money
from ingest.sandbox.economy.company_credit import (
    DAYS,
    DECIDED_WITHIN_S,
    FIRST_DAY,
    ROUND_MINOR,
    TURNOVER_PAYROLLS,
    Applications,
    CompanyLoans,
    Numbers,
    price,
)
from ingest.sandbox.economy.platform_advances import advance, give_back, moving_second
from ingest.sandbox.economy.platforms import NEVER_LENT, LoanFlow, Platforms, acting, serve_investors
from ingest.sandbox.events import LedgerEntry, Purpose
from ingest.sandbox.sealed import HORIZON_STEPS
from ingest.sandbox.society import Scheme, Society

POOLED_SHARE = (0.10, 0.20)  # of custody, a month
POOLED_TO_OWNER = 0.6  # of that goes on to the owner
SHELL_TERM_MONTHS, SHELL_EVERY_MONTHS, SHELL_SHARE = 24, 3, 0.6  # of custody is lent to the next shell so often
SHELL_RESERVE_MONTHS = 4  # instalments the shells of an owner keep among themselves
SHELLS_PAY_MONTHS = 10  # from the scheme's beginning; then they are emptied
PONZI_KEEPS = 0.5  # of custody is not lent but kept for those who want their money back
TAKEN_FIRST = 0.6  # of custody in an absconder's first month; all of it from the next on
STRAW_PASSES = 0.97


def platform_month(
    platforms: Platforms,
    society: Society,
    loans: CompanyLoans,
    books: Books,
    collected: LoanFlow,
    outstanding: Money,
    draws: Draws,
    month: int,
) -> Applications:
    """A month of all platforms, after borrowers have paid and before anything is lent.

    Args:
        platforms: Changed.
        society: Lenders, their owners and schemes.
        loans: Which shells owe what.
        books: Changed.
        collected: What borrowers, shells included, paid this month.
        outstanding: Instalments left of running loans by lender, shells' included, minor units [lenders].
        draws: Luck.
        month: The month.

    Returns:
        Loans that platforms grant to their owners' shells: to be taken up before anyone else is lent money.
    """
    lenders = society.lenders
    give_back(platforms, books, draws, month)
    serve_investors(platforms, society, books, collected, outstanding, draws, month)
    advance(platforms, books, acting(lenders, month) & (lenders.scheme == Scheme.ABSCONDS), draws, month)
    luck = draws.generator("platforms.schemes", month).random((3, len(lenders)))
    platforms.withheld[:] = 0
    wanted: list[tuple[int, int, int]] = []
    for lender in np.flatnonzero(acting(lenders, month)).tolist():
        scheme, age = Scheme(int(lenders.scheme[lender])), month - int(lenders.scheme_month[lender])
        held = max(int(books.balance[books.accounts.custody(lender)]), 0)
        if scheme is Scheme.POOLS:
            _pool(platforms, society, books, lender, held, float(luck[0, lender]))
        elif scheme is Scheme.PONZI:
            platforms.withheld[lender] = round(PONZI_KEEPS * held)
        elif scheme is Scheme.ABSCONDS:
            _abscond(platforms, society, books, lender, held if age else round(TAKEN_FIRST * held))
            platforms.withheld[lender] = NEVER_LENT
        elif scheme is Scheme.FINANCES_OWNERS:
            shells = platforms.shell[platforms.shell_of == lender]
            _empty_shells(society, loans, books, lender, shells, keep=age < SHELLS_PAY_MONTHS)
            turn, rest = divmod(age, SHELL_EVERY_MONTHS)
            amount = int(SHELL_SHARE * held) // ROUND_MINOR * ROUND_MINOR
            if rest == 0 and turn < len(shells) and amount and age < SHELLS_PAY_MONTHS:
                wanted.append((lender, int(shells[turn]), amount))
    return _shell_applications(society, books, wanted, luck[1:])


def shell_truth(applications: Applications, society: Society, month: int, horizon: int = HORIZON_STEPS) -> NDArray[np.float32]:
    """What becomes of loans to shells is planned: 1 where their default is settled by `horizon` months later, else 0.

    The plan holds as long as the owner can pay what the shells' reserves lack (see `_empty_shells`). Where even the owner's
    purse is empty, shells stop earlier, and a loan said to be safe for the year defaults: this hangs on what the owner
    spends and is not computed.
    """
    third_missed = society.lenders.scheme_month[applications.lender] + SHELLS_PAY_MONTHS + 3
    return np.asarray(third_missed <= month + horizon, np.float32)


def _pool(platforms: Platforms, society: Society, books: Books, lender: int, held: int, luck: float) -> None:
    """Custody to the platform's own account, most of that to the owner."""
    taken = int(held * (POOLED_SHARE[0] + (POOLED_SHARE[1] - POOLED_SHARE[0]) * luck))
    own, second = books.accounts.lender(lender), _moment(luck)
    platforms.move(books, LedgerEntry.MOVED, _one(lender), _one(own), _one(taken), second)
    passed = int(POOLED_TO_OWNER * taken)
    books.pay(own, int(society.lenders.owner[lender]), _one(passed), Purpose.PLATFORM, second + 3_600)
    platforms.pooled[lender] += taken - passed


def _abscond(platforms: Platforms, society: Society, books: Books, lender: int, taken: int) -> None:
    """Custody to two straw men, and from them to the owner."""
    straw = platforms.straw[lender]
    parts = np.array([taken // 2, taken - taken // 2], np.int64)
    second = np.repeat(_moment(0.2), 2)
    platforms.move(books, LedgerEntry.MOVED, np.repeat(lender, 2), straw, parts, second)
    passed = np.floor(STRAW_PASSES * parts).astype(np.int64)
    books.pay(straw, int(society.lenders.owner[lender]), passed, Purpose.PLATFORM, second + 7_200)


def _empty_shells(society: Society, loans: CompanyLoans, books: Books, lender: int, shells: Numbers, *, keep: bool) -> None:
    """Share money among an owner's shells for the next instalments and pass the rest to the owner; in the end, all of it.

    Where it does not suffice for the very next instalments the owner adds what lacks, while there is any.
    """
    account = books.accounts.firm(0) + shells
    balance = np.maximum(books.balance[account], 0)
    needed = SHELL_RESERVE_MONTHS * np.where(loans.left[shells] > 0, loans.instalment[shells], 0) * keep
    share = min(1.0, float(balance.sum()) / max(float(needed.sum()), 1.0))
    surplus = balance - np.floor(needed * share).astype(np.int64)
    second = _moment(0.5)
    owner = int(society.lenders.owner[lender])
    # later loans may be too small to fill the reserves; the owner would be found out, so the next instalment is paid
    lacking = np.maximum(np.where(needed > 0, loans.instalment[shells], 0) - np.floor(needed * share).astype(np.int64), 0)
    helped = np.minimum(lacking, np.maximum(books.balance[owner] - (np.cumsum(lacking) - lacking), 0))
    for poor in np.flatnonzero(surplus < 0).tolist():
        for rich in np.flatnonzero(surplus > 0).tolist():
            step = int(min(surplus[rich], -surplus[poor]))
            books.pay(int(account[rich]), int(account[poor]), _one(step), Purpose.PLATFORM, second)
            surplus[rich] -= step
            surplus[poor] += step
    books.pay(owner, account, helped, Purpose.PLATFORM, np.repeat(second + 1_800, len(account)))
    books.pay(account, owner, np.maximum(surplus, 0), Purpose.PLATFORM, np.repeat(second + 3_600, len(account)))


def _shell_applications(
    society: Society, books: Books, wanted: list[tuple[int, int, int]], luck: NDArray[np.float64]
) -> Applications:
    """Granted, whoever asks; the turnover stated fits the amount."""
    lender, firm, amount = np.array(wanted, np.int64).reshape(-1, 3).T
    term = np.full(len(wanted), SHELL_TERM_MONTHS, np.int16)
    rate_bp, instalment = price(society.lenders.rate_pct[lender], amount, term)
    second = ((FIRST_DAY - 1 + DAYS * luck[0, lender]) * DAY_S).astype(np.int64)
    return Applications(
        firm=firm,
        applicant=books.accounts.firm(0) + firm,
        lender=lender,
        second=second,
        decided=second + 600 + (DECIDED_WITHIN_S * luck[1, lender]).astype(np.int64),
        amount=amount,
        term=term,
        declared=np.rint(amount / TURNOVER_PAYROLLS).astype(np.int64),
        approved=np.ones(len(wanted), np.bool_),
        rate_bp=rate_bp,
        instalment=instalment,
    )


def _one(value: int) -> Numbers:
    return np.array([value], np.int64)


def _moment(luck: float) -> Numbers:
    return moving_second(np.array([luck]))
