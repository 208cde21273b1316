"""Who wants credit, on what terms, and what a lender's own judgement makes of it. Works on rows of `Lives`.

A lender sees income, work and the record of missed and settled loans, and through it all a little of the hidden will
(`Knobs.selection`); it never sees ties.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.accounts import BANKS
from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.lives import Lives, Traits, any_slot, sum_slots
from ingest.sandbox.economy.luck import Luck, sigmoid
from ingest.sandbox.society import NONE, Lenders, Misuse, Plan, Work

Money = NDArray[np.int64]
Flags = NDArray[np.bool_]
ROUND_MINOR = 5_000  # amounts are asked for in steps of 50
ROUNDS = 3
"""How often within one month someone can apply; only those with a plan apply more than once."""
LIVED_ON = 0.10  # of a loan stays on the account; the rest is spent on what it was taken for
PLANNED_WAGES = (2.5, 3.5)  # those who mean to vanish ask for so many wages, from and to
RECORD_WAGES = 0.3  # a made-up identity first borrows so little, and repays it
RECORD_MONTHS = 7  # before its plan


@dataclass(frozen=True)
class Asking:
    """Applications of one round: `rows` of the lives [k], and for each the terms wished for and the lender."""

    rows: NDArray[np.int64]
    amount: Money
    term: NDArray[np.int16]
    purpose: NDArray[np.int8]
    lender: NDArray[np.int64]
    declared: Money


@dataclass(frozen=True)
class Verdict:
    """What the lender answered, [k]: price in hundredths of a percent a year, instalment in minor units."""

    approved: Flags
    rate_bp: NDArray[np.int32]
    instalment: Money


def ask_for_credit(lives: Lives, traits: Traits, lenders: Lenders, month: int, turn: int, luck: Luck) -> Asking:
    """Who applies in this round of the month, and for what.

    Args:
        lives: As they are after the month's life.
        traits: Of the same rows.
        lenders: Where one can apply.
        month: Calendar month.
        turn: Round within the month, 0 to `ROUNDS` - 1.
        luck: Of this month.
    """
    chance, size, term, where, why = luck.uniform(f"credit {turn}", 5).T
    planned = _planned(traits, month, turn)
    record = (traits.plan == Plan.SYNTHETIC) & (traits.plan_month - RECORD_MONTHS == month) & (turn == 0)
    wants = planned | record
    if turn == 0:
        wants = wants | _wants(lives, traits, chance)
    rows = np.flatnonzero(wants & any_slot(lives.left == 0))
    size, term, where, why = (x[rows] for x in (size, term, where, why))
    means = means_of(lives, traits)[rows]
    low, high = PLANNED_WAGES
    wages = np.where(planned[rows], low + (high - low) * size, s.AMOUNT_WAGES_LEAST + s.AMOUNT_WAGES_SPREAD * size**2)
    wages = np.where(record[rows], RECORD_WAGES, wages)
    amount = np.maximum(np.rint(means * wages / ROUND_MINOR), 4).astype(np.int64) * ROUND_MINOR
    return Asking(
        rows=rows,
        amount=amount,
        term=np.asarray(s.TERMS, np.int16)[(term * len(s.TERMS)).astype(np.int64)],
        purpose=(why * 5).astype(np.int8),
        lender=_choose_lender(lenders, (where + 0.37 * turn) % 1),
        declared=_declared(means, traits, rows),
    )


def means_of(lives: Lives, traits: Traits) -> Money:
    """What a row usually has a month, minor units: pay, pension, profit or benefit; a sham identity says so too."""
    staff = traits.work == Work.EMPLOYED
    base = np.where(staff & (lives.employer != NONE), lives.wage, np.where(staff, lives.wage * s.BENEFIT_SHARE, traits.usual))
    sham = traits.plan == Plan.SYNTHETIC
    return np.where(sham, s.SHAM_WAGE_MINOR, np.maximum(base, s.BENEFIT_FLOOR_MINOR)).astype(np.int64)


def judge(lives: Lives, traits: Traits, asking: Asking, lenders: Lenders, selection: float, luck: Luck, turn: int) -> Verdict:
    """The lender's answer to each application.

    Args:
        lives: Of everyone; `asking.rows` are looked at.
        traits: Of the same rows.
        asking: The applications.
        lenders: Their strictness and prices.
        selection: The knob: how much of the hidden will a lender picks up.
        luck: Of this month.
        turn: Round within the month.
    """
    rows = asking.rows
    noise = luck.normal(f"judgement {turn}")[rows]
    base_pct = lenders.rate_pct[asking.lender]
    burden = sum_slots(lives.instalment * (lives.left > 0))[rows] + asking.amount / asking.term
    working = (lives.employer[rows] != NONE) | (traits.work[rows] == Work.RETIRED) | (traits.plan[rows] == Plan.SYNTHETIC)
    score = (
        s.POLICY_BASE
        + s.POLICY_INCOME * (0.35 - np.minimum(burden / asking.declared, 1.5))
        + s.POLICY_WORK * (working - 0.9)
        - s.POLICY_RECORD * np.minimum(lives.record[rows], 3)
        - s.POLICY_DEFAULTS * (lives.defaults[rows] > 0)
        + s.POLICY_CLOSED * np.minimum(lives.closed[rows], 4)
        + selection * s.POLICY_SIGHT * np.clip(traits.willingness[rows], -2.5, 2.5)
        + s.POLICY_NOISE * noise
        - lenders.strictness[asking.lender]
    )
    pct = np.clip(base_pct + s.PRICE_BY_SCORE_PCT * np.clip(0.8 - score, 0, 3), 1.5, 24)
    monthly = pct / 1200
    annuity = asking.amount * monthly / (1 - (1 + monthly) ** -asking.term.astype(np.float64))
    return Verdict(score > 0, np.rint(pct * 100).astype(np.int32), np.ceil(annuity).astype(np.int64))


def take_up(lives: Lives, rows: NDArray[np.int64], term: NDArray[np.int16], instalment: Money, month: int) -> NDArray[np.int64]:
    """Put a loan into the first free slot of each row; rows are distinct.

    Returns:
        The slots, int64 [k].
    """
    slot: NDArray[np.int64] = np.argmax(lives.left[rows] == 0, axis=1)
    lives.left[rows, slot] = term
    lives.instalment[rows, slot] = instalment
    lives.missed[rows, slot] = 0
    lives.since[rows, slot] = month
    lives.pause[rows] = s.PAUSE_AFTER_LOAN
    return slot


def kept_of(amount: Money, misuse: NDArray[np.int8], plan: NDArray[np.int8]) -> Money:
    """What stays on the account of a loan just paid out; misused ones leave nothing, made-up identities keep it all."""
    kept = np.where(misuse != Misuse.NONE, 0, np.rint(amount * LIVED_ON))
    return np.where(plan == Plan.SYNTHETIC, amount, kept).astype(np.int64)


def _wants(lives: Lives, traits: Traits, chance: NDArray[np.float32]) -> Flags:
    need = 1 - np.minimum(np.maximum(lives.cash, 0) / (means_of(lives, traits) + 1), 1)
    odds = s.APPLY_BASE + s.APPLY_BY_CRAVING * traits.craving + s.APPLY_BY_NEED * (need - 0.5)
    odds = odds + s.APPLY_WITH_LOAN * any_slot(lives.left > 0)
    user = (traits.craving > s.CREDIT_USERS) & (traits.plan != Plan.SYNTHETIC)
    wants: Flags = user & (lives.pause == 0) & (chance < sigmoid(odds.astype(np.float32)))
    return wants


def _choose_lender(lenders: Lenders, luck: NDArray[np.float32]) -> NDArray[np.int64]:
    """Banks are asked most, then online lenders, then platforms; lenders of a kind share alike."""
    number = np.arange(len(lenders))
    kind = np.where(lenders.is_platform, 2, (number >= BANKS).astype(np.int64))
    weight = np.asarray(s.ASKED_BY_KIND)[kind] / np.bincount(kind, minlength=3)[kind]
    chosen = np.searchsorted(np.cumsum(weight), luck, side="right").astype(np.int64)
    return np.asarray(np.minimum(chosen, len(lenders) - 1), np.int64)


def _planned(traits: Traits, month: int, turn: int) -> Flags:
    """Those whose plan has come: the greedy borrow all they can in its month, others once."""
    greedy = np.isin(traits.plan, (Plan.SYNTHETIC, Plan.BUST_OUT, Plan.STACKER))
    single = np.isin(traits.plan, (Plan.CIRCLER, Plan.CONTACT_FAKER, Plan.MISUSER)) & (turn == 0)
    return np.asarray((traits.plan_month == month) & (greedy | single))


def _declared(means: Money, traits: Traits, rows: NDArray[np.int64]) -> Money:
    """Income as the applicant states it: those who mean to look rich double it."""
    padded = traits.plan[rows] == Plan.CIRCLER
    return np.where(padded, 2 * means, means).astype(np.int64)
