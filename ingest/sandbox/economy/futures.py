"""The truth: an applicant's probability of default within twelve months, over many imagined futures of their life.

Each future lives the months by the very functions the economy uses, from the applicant's whole state at the end of the
month of application (hidden traits, cash, employer's health, plans, outlook) with the loan taken up; later luck is its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.business import health_noise, layoff_chance, next_downturn, next_health
from ingest.sandbox.economy.credit import ask_for_credit, judge, kept_of, take_up
from ingest.sandbox.economy.economy import in_need
from ingest.sandbox.economy.lives import Lives, Traits
from ingest.sandbox.economy.luck import StreamLuck
from ingest.sandbox.economy.outlook import AHEAD, NEED_LASTS, Outlook
from ingest.sandbox.economy.spending import Asked, spend_month
from ingest.sandbox.economy.working import STEADY_TURNOVER, health_month, new_pay, turnover_in, work_month
from ingest.sandbox.knobs import Knobs
from ingest.sandbox.society import NONE, Lenders

Floats = NDArray[np.float32]
MONTHS_LIVED = 11
"""A default needs ninety days past due, so within twelve months it is settled by the eleventh one after application."""
ROWS_AT_ONCE = 40_000  # futures lived side by side; more do not fit the processor's cache
CLEARED_AFTER = (4, 7, 10)  # months lived
STEADY_SHARE = 0.25  # of new jobs are with employers that never fail
HEALTH_SPREAD = 0.85  # of firms that hire


@dataclass(frozen=True)
class Applicants:
    """The state of those who applied in a month, one row an application, the loan already in `slot`.

    `unpaid` float32 is the share of its invoices that each one's employer must expect to lose.
    """

    month: int
    lives: Lives
    traits: Traits
    outlook: Outlook
    slot: NDArray[np.int64]
    unpaid: Floats

    def __len__(self) -> int:
        return len(self.slot)

    def part(self, first: int, last: int) -> "Applicants":
        """Rows first..last; there may be fewer."""
        return self.repeat(first, min(last, len(self)), 1)

    def repeat(self, first: int, last: int, paths: int) -> "Applicants":
        """Rows first..last, each `paths` times in a row."""
        return self.take(np.repeat(np.arange(first, last, dtype=np.int64), paths))

    def take(self, rows: NDArray[np.int64]) -> "Applicants":
        """A copy of these rows."""
        return Applicants(
            self.month,
            self.lives.take(rows),
            self.traits.take(rows),
            self.outlook.take(rows),
            self.slot[rows],
            self.unpaid[rows],
        )


def probability_of_default(
    applicants: Applicants, lenders: Lenders, knobs: Knobs, paths: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Share of futures in which the loan defaults within twelve months.

    Args:
        applicants: Their state.
        lenders: Where they may borrow again.
        knobs: Of the economy.
        paths: Futures for each application.
        generator: Luck of all futures.

    Returns:
        float64 [applications].
    """
    at_once = max(ROWS_AT_ONCE // paths, 1)
    found = []
    for first in range(0, len(applicants), at_once):
        part = applicants.repeat(first, min(first + at_once, len(applicants)), paths)
        defaulted = _live_on(part, lenders, knobs, StreamLuck(generator, len(part)))
        found.append(defaulted.reshape(-1, paths).mean(axis=1))
    return np.concatenate(found) if found else np.empty(0)


def _live_on(part: Applicants, lenders: Lenders, knobs: Knobs, luck: StreamLuck) -> NDArray[np.bool_]:
    """Which rows default; rows whose loan is over are lived no further, from time to time."""
    bad = np.zeros(len(part), np.bool_)
    row = np.arange(len(part), dtype=np.int64)  # of those still lived
    over = np.zeros(len(part), np.bool_)
    for step in range(1, MONTHS_LIVED + 1):
        month, lives, traits, here = part.month + step, part.lives, part.traits, np.arange(len(part))
        _weather(lives, traits, part.unpaid, month, knobs, luck)
        health_month(lives, traits, luck)
        flows = spend_month(lives, traits, _asked(lives, traits, part.outlook, step, luck), month, knobs.drift, luck)
        defaulted = flows.defaulted[here, part.slot] & ~over
        bad[row[defaulted]] = True
        over |= defaulted | flows.closed[here, part.slot]
        if step < MONTHS_LIVED - 1:
            _borrow_again(lives, traits, lenders, knobs, month, luck)
        if step in CLEARED_AFTER:
            left = np.flatnonzero(~over)
            part, row, over = part.take(left), row[left], over[left]
            luck = StreamLuck(luck.generator, len(part))
    return bad


def _weather(lives: Lives, traits: Traits, unpaid: Floats, month: int, knobs: Knobs, luck: StreamLuck) -> None:
    """The month's downturn, the employer's health, and work: changes `lives`."""
    country = (s.COUNTRY_NOISE * luck.normal("country")).astype(np.float32)
    lives.downturn = next_downturn(lives.downturn, luck.normal("place"), country)
    noise = health_noise(luck.normal("firm"), luck.normal("sector"), unpaid)
    lives.firm_health = np.where(lives.steady, 0, next_health(lives.firm_health, lives.downturn, noise)).astype(np.float32)
    turnover = turnover_in(month, knobs.drift)
    rate, _ = layoff_chance(lives.firm_health, luck.uniform("cut"), luck.uniform("close"), turnover)
    rate = np.where(lives.steady, STEADY_TURNOVER * turnover, rate).astype(np.float32)
    change = work_month(lives, traits, rate, luck)
    found = np.flatnonzero(change.found)
    fresh = luck.generator
    lives.employer[found] = 0
    lives.steady[found] = fresh.random(len(found)) < STEADY_SHARE
    lives.firm_health[found] = HEALTH_SPREAD * fresh.standard_normal(len(found)) * ~lives.steady[found]
    lives.wage[found] = new_pay(traits.usual[found], fresh.standard_normal(len(found)))
    lives.steady &= lives.employer != NONE


def _asked(lives: Lives, traits: Traits, outlook: Outlook, step: int, luck: StreamLuck) -> Asked:
    """What others bring in this month of the future, by the outlook."""
    ahead = min(step - 2, AHEAD - 1)
    pressure, called = outlook.word, outlook.called
    if step > 1:
        hears = luck.uniform("word") < outlook.heard_chance[:, ahead]
        pressure = np.where(hears, outlook.heard[:, ahead], 0)
        call = luck.uniform("guarantee") < outlook.guarantee_chance[:, ahead]
        called = np.where(call, outlook.guaranteed, 0)
    fade = NEED_LASTS ** (step - 1)
    given = np.rint(outlook.given * fade + outlook.given_base * (1 - fade)).astype(np.int64)
    need = in_need(lives, traits)
    got = np.where(need, np.rint(outlook.offered), 0).astype(np.int64)
    return Asked(got, np.where(need, 0, np.minimum(given, np.maximum(lives.cash, 0) // 2)), called, pressure)


def _borrow_again(lives: Lives, traits: Traits, lenders: Lenders, knobs: Knobs, month: int, luck: StreamLuck) -> None:
    asking = ask_for_credit(lives, traits, lenders, month, 0, luck)
    verdict = judge(lives, traits, asking, lenders, knobs.selection, luck, 0)
    yes = np.flatnonzero(verdict.approved)
    rows = asking.rows[yes]
    take_up(lives, rows, asking.term[yes], verdict.instalment[yes], month)
    lives.cash[rows] += kept_of(asking.amount[yes], traits.misuse[rows], traits.plan[rows])
