"""A month's money of people: what comes in, what must be paid, what is let pass, what is left for wishes.

One order of payment for everyone: rent and the least food, instalments if willing, bills, help to others, the rest of
food, wishes. So trouble shows in wishes first, then in bills, then in loans. Works on rows of `Lives`, so that the
economy and the imagined futures of the truth live by the same rules.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.lives import MISSED_TO_DEFAULT, SLOTS, Lives, Traits, any_slot, sum_slots
from ingest.sandbox.economy.luck import Luck, sigmoid
from ingest.sandbox.economy.working import YEAR, gone, income
from ingest.sandbox.society import NONE, Plan, Work

Money = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
KINDS = 2
"""Kinds of bills: telecom, utility."""
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Asked:
    """What others bring on a row this month: help received and given, a guarantee called, defaults nearby.

    `help_given` is no more than the row's cash.
    """

    help_got: Money
    help_given: Money
    guarantee: Money
    pressure: Floats


@dataclass(frozen=True)
class Flows:
    """What each row paid and received, int64 minor units [rows], and what became of its loans [rows, SLOTS].

    `bill_paid` and `carried_paid` [rows, KINDS] are this month's bills and those carried over from last month;
    `written_off` are carried bills that were given up; `spent_share` is what went on wishes over what usually does.
    """

    earned: Money
    benefit: Money
    rent: Money
    food: Money
    transport: Money
    health: Money
    bill: Money
    bill_paid: Money
    carried_paid: Money
    written_off: Money
    guarantee: Money
    garnished: Money
    online: Money
    leisure: Money
    small: Money
    spent_share: Floats
    instalments_paid: NDArray[np.int16]
    missed: Flags
    defaulted: Flags
    closed: Flags
    owed_at_default: Money = field(repr=False)


@dataclass
class _Purse:
    """What is left to pay with."""

    cash: Money

    def pay(self, wanted: Money) -> Money:
        """As much of it as there is."""
        paid = np.minimum(wanted, np.maximum(self.cash, 0))
        self.cash = self.cash - paid
        return paid

    def pay_whole(self, wanted: Money) -> Money:
        """All of it or nothing."""
        paid = np.where(self.cash >= wanted, wanted, 0)
        self.cash = self.cash - paid
        return paid


def spend_month(lives: Lives, traits: Traits, asked: Asked, month: int, drift: float, luck: Luck) -> Flows:
    """Live a month's money and change `lives` accordingly.

    Args:
        lives: Changed: cash, bills carried, loans, worry, habit, pressure, record.
        traits: Of the same rows.
        asked: What others bring.
        month: Calendar month, for seasons and plans.
        drift: The knob.
        luck: Of this month.
    """
    earned, benefit = income(lives, traits, month, luck)
    empty = gone(traits, month)
    sham = traits.plan == Plan.SYNTHETIC
    staff = (traits.work == Work.EMPLOYED) & (lives.employer != NONE)
    means = np.where(staff, lives.wage, np.where(traits.work == Work.EMPLOYED, benefit, traits.usual + benefit))
    means = np.where(sham, s.SHAM_PROFIT_MINOR, means)
    purse = _Purse(lives.cash + earned + benefit + asked.help_got - asked.help_given)

    food = np.where(empty, 0, s.FOOD_MINOR + np.rint(s.FOOD_SHARE_OF_WAGE * means)).astype(np.int64)
    rent = purse.pay(np.where(sham, 0, traits.rent))
    least_food = purse.pay(np.rint(s.FOOD_LEAST * food).astype(np.int64))
    share = np.where(lives.garnish > 0, np.rint(s.GARNISHED * earned), 0).astype(np.int64)
    garnished = purse.pay(np.minimum(share, lives.debt))
    lives.debt = lives.debt - garnished

    due_total = sum_slots(lives.instalment * (lives.left > 0))
    loans = _repay(lives, traits, purse, month, drift, luck)
    bill = _bills(lives, empty, month)
    bills = _pay_bills(lives, traits, purse, bill, luck)
    guarantee = purse.pay(asked.guarantee)
    rest_food = purse.pay(food - least_food)
    transport = purse.pay(
        np.where(empty, 0, s.TRANSPORT_MINOR * staff + np.rint(s.TRANSPORT_SHARE_OF_WAGE * means)).astype(np.int64)
    )
    health = purse.pay(np.where(empty, 0, s.HEALTH_MINOR + s.ILLNESS_COST_MINOR * lives.ill).astype(np.int64))

    outgoings = traits.rent + food + sum_slots(bill) + due_total + transport + health
    wishes = s.SPENT_OF_THE_REST * np.maximum(means - outgoings, 0.04 * means) * (1 - s.SPENT_BY_THRIFT * traits.thrift)
    buffer = s.BUFFER_MONTHS * np.exp(s.BUFFER_BY_THRIFT * traits.thrift) * outgoings + 1
    ratio = np.maximum(purse.cash - wishes, 0) / buffer
    mood = 1 - s.CUT_WHEN_SHORT * np.clip(1 - ratio, 0, 1) + 0.15 * np.clip(ratio - 1, 0, 4)
    mood = mood * np.clip(1 - s.CUT_WHEN_WORRIED * lives.worry, 0.2, 1)
    noise = np.exp(s.SPENDING_NOISE * luck.normal("wishes"))
    season = s.SPENDING_SEASON[month % YEAR]
    spent = purse.pay(np.where(empty, 0, np.rint(wishes * mood * noise * season)).astype(np.int64))
    share_online = min(s.ONLINE_SHARE + drift * s.DRIFT_ONLINE * month / YEAR, 0.8)
    online = np.rint(spent * share_online).astype(np.int64)
    leisure = np.rint(spent * s.LEISURE_SHARE * (1 - share_online) / (1 - s.ONLINE_SHARE)).astype(np.int64)

    lives.cash = purse.cash
    strained = (sum_slots(bill) > sum_slots(bills.paid)) | any_slot(loans.missed)
    _settle_mind(lives, traits, asked, strained, outgoings)
    return Flows(
        earned=earned,
        benefit=benefit,
        rent=rent,
        food=least_food + rest_food,
        transport=transport,
        health=health,
        bill=bill,
        bill_paid=bills.paid,
        carried_paid=bills.carried_paid,
        written_off=bills.written_off,
        guarantee=guarantee,
        garnished=garnished,
        online=online,
        leisure=leisure,
        small=spent - online - leisure,
        spent_share=(spent / np.maximum(wishes * season, 1)).astype(np.float32),
        instalments_paid=loans.paid,
        missed=loans.missed,
        defaulted=loans.defaulted,
        closed=loans.closed,
        owed_at_default=loans.owed,
    )


@dataclass(frozen=True)
class _Loans:
    paid: NDArray[np.int16]
    missed: Flags
    defaulted: Flags
    closed: Flags
    owed: Money


def unwilling_log_odds(lives: Lives, traits: Traits, month: int, drift: float) -> Floats:
    """Log-odds that a row lets an instalment pass though the money is there, float32 [rows]."""
    late = any_slot(lives.missed > 0)
    odds = (
        s.MISS_BASE
        - s.MISS_BY_WILL * traits.willingness
        + s.MISS_BY_HABIT * lives.habit
        + s.MISS_BY_WORRY * lives.worry
        + s.MISS_BY_PRESSURE * (1 - np.exp(-s.PRESSURE_SATURATES * lives.pressure))
        + s.MISS_WHEN_LATE * late
        + drift * s.DRIFT_MISS * month / YEAR
    )
    acts = month > traits.plan_month  # the honest have no plan to act on
    vanishes = acts & ((traits.plan == Plan.SYNTHETIC) | (traits.plan == Plan.BUST_OUT))
    sly = acts & ((traits.plan == Plan.CIRCLER) | (traits.plan == Plan.CONTACT_FAKER))
    return np.where(vanishes, 20.0, odds + 1.0 * sly).astype(np.float32)


def _repay(lives: Lives, traits: Traits, purse: _Purse, month: int, drift: float, luck: Luck) -> _Loans:
    rows = len(lives)
    paid = np.zeros((rows, SLOTS), np.int16)
    missed, defaulted, closed = (np.zeros((rows, SLOTS), np.bool_) for _ in range(3))
    owed = np.zeros((rows, SLOTS), np.int64)
    chance = luck.uniform("will", SLOTS)
    unwilling = chance < sigmoid(unwilling_log_odds(lives, traits, month, drift))[:, None]
    for slot in range(SLOTS):
        at = np.flatnonzero(lives.left[:, slot] > 0)
        if not len(at):
            continue
        amount, behind, left = lives.instalment[at, slot], lives.missed[at, slot], lives.left[at, slot]
        due = np.minimum(behind + 1, left)  # after the last instalment only arrears are left
        able = np.minimum(np.maximum(purse.cash[at], 0) // np.maximum(amount, 1), due)
        count = np.where(unwilling[at, slot], 0, able).astype(np.int16)
        purse.cash[at] -= count * amount
        behind = np.where(count == due, 0, behind + 1 - count).astype(np.int8)
        let_pass = count == 0
        gone = let_pass & (behind >= MISSED_TO_DEFAULT)
        over = left - count <= 0
        paid[at, slot], missed[at, slot] = count, let_pass
        defaulted[at, slot], closed[at, slot] = gone, over
        owed[at, slot] = np.where(gone, left * amount, 0)
        lives.left[at, slot] = np.where(gone, 0, left - count)
        lives.missed[at, slot] = np.where(gone | over, 0, behind)
    ended = any_slot(defaulted)
    lives.defaults = (lives.defaults + sum_slots(defaulted)).astype(np.int16)
    # the largest of what is newly owed is collected; older debts are given up
    lives.debt = np.where(ended, owed.max(axis=1), lives.debt)
    lives.closed = (lives.closed + sum_slots(closed)).astype(np.int16)
    lives.garnish = np.where(ended, s.GARNISHED_MONTHS, np.maximum(lives.garnish - 1, 0)).astype(np.int16)
    pause = np.where(ended, s.PAUSE_AFTER_DEFAULT, np.maximum(lives.pause - 1, 0))
    lives.pause = pause.astype(np.int16)
    lives.record = (0.94 * lives.record + sum_slots(missed)).astype(np.float32)
    return _Loans(paid, missed, defaulted, closed, owed)


def _bills(lives: Lives, empty: Flags, month: int) -> Money:
    """This month's bills [rows, KINDS]; households differ by a fixed factor."""
    own = 0.8 + 0.4 * np.modf(lives.number * _GOLDEN)[0]
    telecom = np.rint(s.TELECOM_MINOR * own)
    utility = np.rint(s.UTILITY_MINOR * own * s.UTILITY_SEASON[month % YEAR])
    return np.where(empty[:, None], 0, np.stack([telecom, utility], axis=1)).astype(np.int64)


@dataclass(frozen=True)
class _Bills:
    paid: Money
    carried_paid: Money
    written_off: Money


def _pay_bills(lives: Lives, traits: Traits, purse: _Purse, bill: Money, luck: Luck) -> _Bills:
    odds = (
        s.BILL_LATE_BASE
        + s.BILL_LATE_BY_HABIT * lives.habit
        - s.BILL_LATE_BY_WILL * traits.willingness
        + s.BILL_LATE_BY_WORRY * lives.worry
    ).astype(np.float32)
    put_off = luck.uniform("bills", KINDS) < (0.5 * sigmoid(odds))[:, None]
    paid, carried, gone = (np.zeros_like(bill) for _ in range(3))
    for kind in range(KINDS):
        old = lives.pending[:, kind]
        carried[:, kind] = purse.pay_whole(old)
        gone[:, kind] = old - carried[:, kind]
        wanted = np.where(put_off[:, kind], 0, bill[:, kind])
        paid[:, kind] = purse.pay_whole(wanted)
    lives.pending = bill - paid
    return _Bills(paid, carried, gone)


def _settle_mind(lives: Lives, traits: Traits, asked: Asked, strained: Flags, outgoings: Money) -> None:
    """Change worry, habit and pressure by what the month was like; they act in the next one."""
    jobless = (traits.work == Work.EMPLOYED) & (lives.employer == NONE)
    bare = np.clip(1 - np.maximum(lives.cash, 0) / (0.5 * outgoings + 1), 0, 1)
    target = 1.6 * jobless + 1.0 * lives.ill + 0.9 * bare + 0.5 * any_slot(lives.missed > 0)
    lives.worry = (s.WORRY_MEMORY * lives.worry + (1 - s.WORRY_MEMORY) * target).astype(np.float32)
    lives.habit = (s.HABIT_MEMORY * lives.habit + (1 - s.HABIT_MEMORY) * strained).astype(np.float32)
    lives.pressure = (s.PRESSURE_MEMORY * lives.pressure + asked.pressure).astype(np.float32)
