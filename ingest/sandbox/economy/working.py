"""A month of work and health: who loses a job, who finds one, who falls ill. Works on rows of `Lives`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.lives import Lives, Traits
from ingest.sandbox.economy.luck import Luck
from ingest.sandbox.society import NONE, Plan, Work

YEAR = 12
STEADY_TURNOVER = 0.5  # of the usual turnover, with employers that never fail
NEW_PAY_SPREAD, NEW_PAY_SHIFT = 0.08, -0.03  # logarithm of the pay of a new job over what the person usually earns
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class WorkChange:
    """Rows that lost their job, and rows that found one and await a firm."""

    lost: Flags
    found: Flags


def work_month(lives: Lives, traits: Traits, layoff: NDArray[np.float32], luck: Luck) -> WorkChange:
    """Change `lives` by a month's job losses and mark who is hired; the caller names the firm and its health.

    Args:
        lives: Changed: `employer`, `idle`.
        traits: Of the same rows.
        layoff: Chance that a job of this row's firm ends this month, float32 [rows].
        luck: Of this month.
    """
    chance = luck.uniform("job")
    staff = traits.work == Work.EMPLOYED
    employed = lives.employer != NONE
    lost = staff & employed & (chance < layoff)
    hiring = s.HIRING * np.exp(s.HIRING_BY_ABILITY * traits.ability - s.HIRING_BY_DOWNTURN * lives.downturn)
    found = staff & ~employed & (chance < hiring)
    lives.employer = np.where(lost, NONE, lives.employer).astype(np.int32)
    lives.idle = np.where(staff & ~employed & ~found, lives.idle + 1, 0).astype(np.int16)
    return WorkChange(lost, found)


def turnover_in(month: int, drift: float) -> float:
    """Chance that a job at a healthy firm ends in a month, given the knob."""
    return s.TURNOVER * (1 + drift * s.DRIFT_LAYOFF * month / YEAR)


def new_pay(usual: NDArray[np.int64], luck: NDArray[np.float64]) -> NDArray[np.int64]:
    """What a new job pays a month, minor units; luck is standard normal."""
    swing = np.exp(NEW_PAY_SPREAD * np.clip(luck, -3, 3) + NEW_PAY_SHIFT)
    return np.asarray(np.rint(usual * swing), np.int64)


def health_month(lives: Lives, traits: Traits, luck: Luck) -> None:
    """Change `lives.ill`: some fall ill, some recover."""
    chance = luck.uniform("illness")
    onset = np.where(traits.old, s.ILLNESS_OLD, s.ILLNESS)
    lives.ill = np.where(lives.ill, chance >= s.WELL_AGAIN, chance < onset)


def gone(traits: Traits, month: int) -> Flags:
    """Made-up identities whose plan is over: no one lives there any more, bool [rows]."""
    return np.asarray((traits.plan == Plan.SYNTHETIC) & (month > traits.plan_month))


def income(lives: Lives, traits: Traits, month: int, luck: Luck) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What comes in this month: pay, pension or profit; and what the state gives those without.

    Returns:
        int64 [rows] each, minor units.
    """
    noise = luck.normal("income")
    employed = lives.employer != NONE
    staff = traits.work == Work.EMPLOYED
    own = traits.work == Work.SELF_EMPLOYED
    swing = np.exp(s.PROFIT_NOISE * noise - 0.5 * s.PROFIT_NOISE**2 - 0.1 * lives.downturn)
    factor = np.where(staff, employed * (1 + s.INCOME_NOISE * np.clip(noise, -3, 3) * 0.5), 1.0)
    factor = np.where(own, swing, factor) * np.where(lives.ill & (staff | own), s.SICK_PAY_SHARE, 1.0)
    sham = traits.plan == Plan.SYNTHETIC
    base = np.where(staff, lives.wage, np.where(sham, s.SHAM_PROFIT_MINOR, traits.usual))
    earned = np.where(gone(traits, month), 0, np.rint(base * factor)).astype(np.int64)
    share = np.where(lives.idle <= s.BENEFIT_MONTHS, s.BENEFIT_SHARE, 0.0)
    benefit = np.maximum(np.rint(lives.wage * share), s.BENEFIT_FLOOR_MINOR)
    needy = (staff & ~employed) | (traits.work == Work.WITHOUT)
    return earned, np.where(needy & ~sham, benefit, 0).astype(np.int64)
