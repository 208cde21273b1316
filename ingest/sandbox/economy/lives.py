"""What changes about people from month to month, and what about them does not matter to anyone else's arrays.

`Lives` serves the economy, one row a person, and the truth, one row for each imagined future of an applicant: every
mechanism works on rows and never asks which of the two it serves.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.society import NONE, People, Work

SLOTS = 3
"""Loans a person can owe at once."""
MISSED_TO_DEFAULT = 3
"""Instalments missed in a row that make 90 days past due."""

Ints = NDArray[np.int32]
Money = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass
class Lives:
    """One row a life. Loan arrays are [rows, SLOTS]; a slot with nothing `left` is free.

    Attributes:
        number: Person.
        firm_health, downturn: Hidden state of the employer and of the neighbourhood, as of this row's future.
        steady: The employer is of the kind that never fails.
        employer: Firm, or NONE out of work.
        idle: Months out of work.
        worry, habit, pressure: Strain, lateness learned, and what others' defaults weigh.
        pending: Bills carried over from last month [rows, 2] (telecom, utility), minor units.
        left, instalment, missed, since: Instalments left, their amount, missed in a row, month of the loan.
        record: Missed instalments remembered by lenders, fading; closed, defaults: loans that ended so.
        pause: Months until the person may want credit again.
        garnish: Months that income is still garnished.
        debt: What is still to be collected after a default, minor units.
    """

    number: Ints
    cash: Money
    employer: Ints
    wage: Money
    idle: NDArray[np.int16]
    ill: Flags
    worry: Floats
    habit: Floats
    pressure: Floats
    firm_health: Floats
    steady: Flags
    downturn: Floats
    pending: Money
    left: NDArray[np.int16]
    instalment: Money
    missed: NDArray[np.int8]
    since: NDArray[np.int16]
    record: Floats
    closed: NDArray[np.int16]
    defaults: NDArray[np.int16]
    pause: NDArray[np.int16]
    garnish: NDArray[np.int16]
    debt: Money

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: NDArray[np.int64]) -> "Lives":
        """A copy of these rows."""
        return Lives(*(getattr(self, f.name)[rows] for f in fields(self)))

    def copy(self) -> "Lives":
        """A copy that may be changed."""
        return Lives(*(getattr(self, f.name).copy() for f in fields(self)))

    def put(self, rows: NDArray[np.int64], other: "Lives") -> None:
        """Replace these rows."""
        for f in fields(self):
            getattr(self, f.name)[rows] = getattr(other, f.name)


def any_slot(flags: Flags) -> Flags:
    """Whether any loan of a row has the flag; several times faster than a reduction along so short an axis."""
    found: Flags = flags[:, 0].copy()
    for slot in range(1, flags.shape[1]):
        found |= flags[:, slot]
    return found


def sum_slots(amounts: NDArray[np.signedinteger[Any]] | Flags) -> Money:
    """Sum over the columns of a row, int64 [rows]; see `any_slot`."""
    total = amounts[:, 0].astype(np.int64)
    for slot in range(1, amounts.shape[1]):
        total += amounts[:, slot]
    return total


@dataclass(frozen=True)
class Traits:
    """What does not change, by row of a `Lives`."""

    willingness: Floats
    ability: Floats
    thrift: Floats
    craving: Floats
    work: NDArray[np.int8]
    usual: Money  # wage, pension or profit of a normal month
    rent: Money
    old: Flags  # above 60 at the start
    plan: NDArray[np.int8]
    plan_month: NDArray[np.int16]
    misuse: NDArray[np.int8]

    def take(self, rows: NDArray[np.int64]) -> "Traits":
        """A copy of these rows."""
        return Traits(*(getattr(self, f.name)[rows] for f in fields(self)))


OLD_FROM_DAYS = 60 * 365
RENT_AT_MOST = 0.45  # of a person's own income


def traits_of(people: People, first_day: int) -> Traits:
    """The unchanging part of everyone; `first_day` is month 0 in days since 1970."""
    return Traits(
        people.willingness,
        people.ability,
        people.thrift,
        people.craving,
        people.work,
        people.wage_minor,
        # those who earn nothing live on someone's rent, and no one pays more than a part of what they earn
        np.minimum(people.rent_minor, np.rint(RENT_AT_MOST * people.wage_minor)).astype(np.int64),
        (first_day - people.birth_day) > OLD_FROM_DAYS,
        people.plan,
        people.plan_month,
        people.misuse,
    )


def first_lives(people: People, cash: Money, rng: np.random.Generator) -> Lives:
    """Everyone at the start of month 0: no loans yet, some worries and habits already."""
    n = len(people)
    none16 = np.zeros(n, np.int16)
    habit = np.clip(rng.normal(0.10, 0.08, n) - 0.05 * people.willingness, 0, 1).astype(np.float32)
    employed = (people.work == Work.EMPLOYED) & (people.employer != NONE)
    return Lives(
        number=np.arange(n, dtype=np.int32),
        cash=cash,
        employer=np.where(employed, people.employer, NONE).astype(np.int32),
        wage=people.wage_minor.copy(),
        idle=none16.copy(),
        ill=rng.random(n) < 0.02,
        worry=np.zeros(n, np.float32),
        habit=habit,
        pressure=np.zeros(n, np.float32),
        firm_health=np.zeros(n, np.float32),
        steady=np.zeros(n, np.bool_),
        downturn=np.zeros(n, np.float32),
        pending=np.zeros((n, 2), np.int64),
        left=np.zeros((n, SLOTS), np.int16),
        instalment=np.zeros((n, SLOTS), np.int64),
        missed=np.zeros((n, SLOTS), np.int8),
        since=np.zeros((n, SLOTS), np.int16),
        record=np.zeros(n, np.float32),
        closed=none16.copy(),
        defaults=none16.copy(),
        pause=rng.integers(0, 4, n).astype(np.int16),
        garnish=none16.copy(),
        debt=np.zeros(n, np.int64),
    )
