"""Lending platforms with investors' money in custody: who invests, what is owed, what is paid back, what the ledger says.

Every platform does this work, honest or not; what a fraudulent one does besides is `platform_schemes`' business. Loans
come from outside: this module never lends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books, Money
from ingest.sandbox.economy.investors import find_investors
from ingest.sandbox.economy.lives import Flags
from ingest.sandbox.economy.loanbook import CODE as TAPE
from ingest.sandbox.economy.loanbook import Rows
from ingest.sandbox.economy.working import YEAR
from ingest.sandbox.events import LEDGER_ENTRIES, Event, EventLog, LedgerEntry, LoanEvent, Purpose
from ingest.sandbox.society import NONE, Lenders, Scheme, Sector, Society

KEPT_WAGES, DEPOSIT_CHANCE, DEPOSITED_SHARE = 3.0, 0.4, 0.5  # what is above stays idle or is invested, a month
GREEDY_WAGES, GREEDY_CHANCE, GREEDY_SHARE = 1.5, 0.8, 0.8  # where more is promised
DEPOSIT_LEAST_MINOR = 10_000
IDLE_MOST = 0.25  # custody over what is owed above which a platform takes no further money
INTEREST_PCT, PONZI_PCT = (4.0, 6.0), (12.0, 14.0)  # yearly, to investors
WITHDRAWN = 0.5  # chance that an investor takes all when a year is over; else the year's interest
POOR_WAGES, POOR_CHANCE, NEEDED_WAGES = 1.0, 0.5, 2.0
FEE, MARGIN_OVER, MARGIN_SHARE = 0.01, 1.02, 0.1  # of what is collected; of what exceeds what is owed, a month
VALUE_OF_INSTALMENTS = 0.97  # what running loans are worth over their instalments left: these bear interest
DEPOSIT_DAYS, PAYOUT_DAY, FEE_DAY = (3, 15), 20, 22  # first day and how many; days of the month
PAYOUTS_AFTER_DAYS = 0.1  # money comes back into custody in so much of the payout day, before it is paid out
NEVER_LENT = 2**62
_ENTRY = {entry: code for code, entry in enumerate(LEDGER_ENTRIES)}
_PURPOSE = {
    LedgerEntry.DEPOSIT: Purpose.INVESTMENT,
    LedgerEntry.PAID_OUT: Purpose.INVESTOR_PAYOUT,
    LedgerEntry.FEE: Purpose.PLATFORM,
    LedgerEntry.MOVED: Purpose.PLATFORM,
}
Numbers = NDArray[np.int64]
LoanFlow = Mapping[str, NDArray[np.int64]]
"""Columns second, lender, account (the borrower's), amount; of any lenders, only platforms' rows are looked at."""


@dataclass
class Platforms:
    """Who invests where and what is owed. What is held is the balance of the custody accounts in `Books`.

    Attributes:
        investor, platform, owed: Person, lender number and minor units [investors].
        year_over: Month of the year in which an investor's money matures [investors].
        rate_pct: What investors are paid a year [lenders].
        withheld: What a platform will not lend of its custody this month, minor units [lenders].
        pooled: What a platform holds on its own account of what it took from custody, minor units [lenders].
        advanced: What custody has advanced to a platform's own account until next month, minor units [lenders]; below 0 where
            the platform advanced it to custody.
        straw: Persons money can be sent through [lenders, 2].
        shell, shell_of: Firms that a platform's owner owns, and which platform's [shells].
        ledger: Rows of the month's ledger so far.
    """

    investor: Numbers
    platform: Numbers
    owed: Money
    year_over: NDArray[np.int8]
    rate_pct: NDArray[np.float64]
    withheld: Money
    pooled: Money
    advanced: Money
    straw: Numbers
    shell: Numbers
    shell_of: Numbers
    ledger: list[Rows] = field(default_factory=list)

    def copy(self) -> "Platforms":
        """A copy that may be changed."""
        values = {name: value.copy() for name, value in vars(self).items()}
        return Platforms(**values)

    def available(self, books: Books) -> Money:
        """What each platform can lend, minor units int64 [lenders]; 0 for other lenders. Ask after shells were paid out."""
        first = books.accounts.custody(0)
        return np.asarray(np.maximum(books.balance[first : first + len(self.withheld)] - self.withheld, 0))

    def owed_by(self, lenders: int) -> Money:
        """What each platform owes its investors, minor units int64 [lenders]."""
        total = np.zeros(lenders, np.int64)
        np.add.at(total, self.platform, self.owed)
        return total

    def move(
        self,
        books: Books,
        entry: LedgerEntry,
        platform: Numbers,
        other: Numbers,
        amount: Money,
        second: Numbers,
        *,
        investor: Numbers | int = NONE,
        inward: bool = False,
    ) -> None:
        """Pay from custody to others, or from others into custody, and note it in the ledger; rows with nothing are skipped."""
        rows = np.flatnonzero(amount)
        custody = books.accounts.custody(0) + platform
        payer, payee = (other, custody) if inward else (custody, other)
        books.pay(payer, payee, amount, _PURPOSE[entry], second)
        named = np.broadcast_to(np.asarray(investor, np.int64), amount.shape)
        self.ledger.append(_lines(entry, *(x[rows] for x in (second, platform, named, payer, payee, amount))))


def first_platforms(society: Society, draws: Draws) -> Platforms:
    """Nobody has invested yet; who will, and where, is known."""
    lenders, firms, persons = society.lenders, society.firms, len(society.people)
    rng = draws.generator("platforms.first")
    count = len(lenders)
    low, high = np.where((lenders.scheme == Scheme.PONZI)[:, None], PONZI_PCT, INTEREST_PCT).T
    rate = low + (high - low) * rng.random(count)
    straw = (rng.random((count, 2)) * persons).astype(np.int64)
    found, investor = np.flatnonzero(lenders.is_platform), find_investors(society, draws)
    chance = rng.random((2, persons))[:, investor]
    if not len(found):
        investor, chance = investor[:0], chance[:, :0]
        found = np.zeros(1, np.int64)
    shell = np.flatnonzero((firms.sector == Sector.SHELL) & (firms.owner != NONE))
    owned = (firms.owner[shell][:, None] == lenders.owner) & lenders.is_platform
    mine = owned.any(axis=1)
    return Platforms(
        investor=investor,
        platform=found[(chance[0] * len(found)).astype(np.int64)].astype(np.int64),
        owed=np.zeros(len(investor), np.int64),
        year_over=(chance[1] * YEAR).astype(np.int8),
        rate_pct=rate,
        withheld=np.zeros(count, np.int64),
        pooled=np.zeros(count, np.int64),
        advanced=np.zeros(count, np.int64),
        straw=np.where(straw == lenders.owner[:, None], (straw + 1) % persons, straw),
        shell=shell[mine].astype(np.int64),
        shell_of=np.argmax(owned[mine], axis=1).astype(np.int64),
    )


def flows_of(tape: Sequence[Rows]) -> tuple[LoanFlow, LoanFlow]:
    """What was lent and what was collected by lines of the loan tape; guarantors' payments are not on it."""
    kind = np.concatenate([part["kind"] for part in tape])
    columns = {new: np.concatenate([part[old] for part in tape]) for new, old in _FLOW_COLUMNS.items()}
    lent = np.flatnonzero(kind == TAPE[LoanEvent.DISBURSED])
    collected = np.flatnonzero(np.isin(kind, (TAPE[LoanEvent.PAID], TAPE[LoanEvent.RECOVERED])))
    return {n: v[lent] for n, v in columns.items()}, {n: v[collected] for n, v in columns.items()}


_FLOW_COLUMNS = {"second": "second", "lender": "lender", "account": "borrower", "amount": "amount"}


def acting(lenders: Lenders, month: int) -> Flags:
    """Which platforms' schemes have begun, bool [lenders]."""
    return np.asarray((lenders.scheme != Scheme.HONEST) & (month >= lenders.scheme_month))


def serve_investors(
    platforms: Platforms, society: Society, books: Books, collected: LoanFlow, outstanding: Money, draws: Draws, month: int
) -> None:
    """A month of every platform's ordinary work: interest, deposits, losses passed on, payouts, fees.

    Args:
        platforms: Changed.
        society: Lenders and people's wages.
        books: Changed; borrowers' payments of the month are in it already.
        collected: What borrowers paid this month.
        outstanding: Instalments left of running loans by lender, minor units [lenders].
        draws: Luck, one an investor.
        month: The month.
    """
    lenders, custody = society.lenders, books.accounts.custody(0)
    count = len(lenders)
    fraud = acting(lenders, month)
    ponzi, gone = (fraud & (lenders.scheme == kind) for kind in (Scheme.PONZI, Scheme.ABSCONDS))
    luck = draws.generator("platforms.investing", month).random((5, len(platforms.investor)))
    rate = (
        np.where((lenders.scheme == Scheme.PONZI) & ~fraud, np.mean(INTEREST_PCT), platforms.rate_pct)[platforms.platform] / 100
    )
    platforms.owed += np.rint(platforms.owed * rate / YEAR).astype(np.int64)
    _deposit(platforms, society, books, ponzi, gone & (month > lenders.scheme_month), luck)

    held = books.balance[custody : custody + count]
    assets = held + np.floor(VALUE_OF_INSTALMENTS * outstanding).astype(np.int64)
    owed = platforms.owed_by(count)
    kept = np.where(fraud, 1.0, np.minimum(assets / np.maximum(owed, 1), 1.0))  # who cheats tells nobody of losses
    platforms.owed = np.floor(platforms.owed * kept[platforms.platform]).astype(np.int64)
    _pay_out(platforms, society, books, rate, gone, luck, draws, month)

    fee = np.zeros(count, np.int64)
    np.add.at(fee, collected["lender"], collected["amount"])
    fee = np.where(lenders.is_platform & ~gone, np.floor(FEE * fee), 0)
    held = books.balance[custody : custody + count]
    over = held + VALUE_OF_INSTALMENTS * outstanding - MARGIN_OVER * platforms.owed_by(count)
    fee += np.where(lenders.is_platform & ~fraud, np.floor(MARGIN_SHARE * np.maximum(over, 0)), 0)
    each = np.arange(count)
    charged = np.minimum(fee, np.maximum(held, 0)).astype(np.int64)
    second = np.full(count, (FEE_DAY - 1) * DAY_S + 6 * 3600)
    platforms.move(books, LedgerEntry.FEE, each, books.accounts.lender(0) + each, charged, second)
    _note_collected(platforms, lenders, books, collected)


def close_ledger(
    platforms: Platforms, society: Society, books: Books, log: EventLog | None, month: int, lent: LoanFlow
) -> None:
    """Write the month's ledger, with what was lent after everything else, and begin the next month's."""
    at = np.flatnonzero(society.lenders.is_platform[lent["lender"]])
    second, lender, account, amount = (lent[name][at].astype(np.int64) for name in _FLOW_COLUMNS)
    custody = books.accounts.custody(0) + lender
    parts = [*platforms.ledger, _lines(LedgerEntry.LENT, second, lender, np.full(len(at), NONE), custody, account, amount)]
    platforms.ledger.clear()
    if log is not None:
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        order = np.lexsort((columns["payee"], columns["payer"], columns["second"]))
        log.write(Event.LEDGER, month, {name: values[order] for name, values in columns.items()})


def _deposit(
    platforms: Platforms, society: Society, books: Books, ponzi: Flags, closed: Flags, luck: NDArray[np.float64]
) -> None:
    count, custody = len(society.lenders), books.accounts.custody(0)
    idle = books.balance[custody : custody + count] > IDLE_MOST * platforms.owed_by(count) + DEPOSIT_LEAST_MINOR
    takes = (~idle | ponzi) & ~closed
    greedy = ponzi[platforms.platform]
    wage = society.people.wage_minor[platforms.investor]
    spare = books.balance[platforms.investor] - np.where(greedy, GREEDY_WAGES, KEPT_WAGES) * wage
    willing = luck[0] < np.where(greedy, GREEDY_CHANCE, DEPOSIT_CHANCE)
    step = np.floor(np.where(greedy, GREEDY_SHARE, DEPOSITED_SHARE) * spare / DEPOSIT_LEAST_MINOR)
    amount = np.where(willing & takes[platforms.platform], np.maximum(step, 0) * DEPOSIT_LEAST_MINOR, 0).astype(np.int64)
    first, days = DEPOSIT_DAYS
    second = ((first - 1 + days * luck[1]) * DAY_S).astype(np.int64)
    who = platforms.investor
    platforms.move(books, LedgerEntry.DEPOSIT, platforms.platform, who, amount, second, investor=who, inward=True)
    platforms.owed += amount


def _pay_out(
    platforms: Platforms,
    society: Society,
    books: Books,
    rate: NDArray[np.float64],
    gone: Flags,
    luck: NDArray[np.float64],
    draws: Draws,
    month: int,
) -> None:
    """Pay what is asked back as far as custody goes; who pools takes some back for it first."""
    lenders, custody = society.lenders, books.accounts.custody(0)
    count, owed = len(lenders), platforms.owed
    wage, cash = society.people.wage_minor[platforms.investor], books.balance[platforms.investor]
    year = np.where(luck[2] < WITHDRAWN, owed, owed * rate / (1 + rate))
    poor = (cash < POOR_WAGES * wage) & (luck[3] < POOR_CHANCE)
    need = np.where(poor, np.minimum(owed, NEEDED_WAGES * wage - cash), 0)
    asked = np.where(platforms.year_over == month % YEAR, year, need)
    asked = np.where(gone[platforms.platform], 0, np.floor(asked)).astype(np.int64)
    wanted, each = np.zeros(count, np.int64), np.arange(count)
    np.add.at(wanted, platforms.platform, asked)
    back = np.minimum(np.maximum(wanted - books.balance[custody : custody + count], 0), platforms.pooled)
    second = before_payouts(draws.generator("platforms.pooled", month).random(count))
    platforms.move(books, LedgerEntry.MOVED, each, books.accounts.lender(0) + each, back, second, inward=True)
    platforms.pooled -= back
    share = np.minimum(np.maximum(books.balance[custody : custody + count], 0) / np.maximum(wanted, 1), 1.0)
    paid = np.floor(asked * share[platforms.platform]).astype(np.int64)
    when = ((PAYOUT_DAY - 1 + PAYOUTS_AFTER_DAYS + 1.8 * luck[4]) * DAY_S).astype(np.int64)
    platforms.move(books, LedgerEntry.PAID_OUT, platforms.platform, platforms.investor, paid, when, investor=platforms.investor)
    platforms.owed = owed - paid


def before_payouts(luck: NDArray[np.float64]) -> Numbers:
    """Seconds of the month at which money comes back, all before investors are paid."""
    return ((PAYOUT_DAY - 1 + PAYOUTS_AFTER_DAYS * luck) * DAY_S).astype(np.int64)


def _note_collected(platforms: Platforms, lenders: Lenders, books: Books, collected: LoanFlow) -> None:
    at = np.flatnonzero(lenders.is_platform[collected["lender"]])
    second, lender, account, amount = (collected[name][at].astype(np.int64) for name in _FLOW_COLUMNS)
    custody = books.accounts.custody(0) + lender
    platforms.ledger.append(_lines(LedgerEntry.COLLECTED, second, lender, np.full(len(at), NONE), account, custody, amount))


def _lines(
    entry: LedgerEntry, second: Numbers, platform: Numbers, investor: Numbers, payer: Numbers, payee: Numbers, amount: Money
) -> Rows:
    kind = np.full(len(second), _ENTRY[entry], np.int64)
    names = ("second", "platform", "kind", "investor", "payer", "payee", "amount")
    return dict(zip(names, (second, platform, kind, investor, payer, payee, amount), strict=True))
