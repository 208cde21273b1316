"""What people live on: how they earn, how much, whether they rent and for how much.

Amounts are of month 0; what becomes of them is the economy's business.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.residents import Dwelling, Residents
from ingest.sandbox.founding.traits import Traits
from ingest.sandbox.society import Flags, Work

MEDIAN_WAGE_EUR = 2_150  # net a month; a person in work in Germany in 2022 (Destatis: 2,244 mean of all forms of work)
WAGE_LOG_SD = 0.40
ABILITY_EFFECT = 0.28  # on the logarithm of the wage
MEDIAN_PENSION_EUR = 1_350
MEDIAN_PROFIT_EUR = 2_300
BASIC_BENEFIT_EUR = 950  # what rent is reckoned on where there is no income; the economy pays benefits of its own
RENT_SHARE = 0.28  # of the household's income
OWNER_SHARE = 0.30  # of persons
LOWEST_RENT_EUR = 180
_AGE_LOG_SD = 0.07  # what the age effect adds to the spread of wages


@dataclass(frozen=True)
class Livelihood:
    """One row a person; see `People`."""

    work: NDArray[np.int8]
    wage_minor: NDArray[np.int64]
    rent_minor: NDArray[np.int64]
    rents: Flags


def build_livelihood(residents: Residents, traits: Traits, draws: Draws) -> Livelihood:
    """Decide on work, income and rent of every person."""
    work = _work(residents, traits, draws)
    wage = _wages(residents, traits, work, draws)
    rents, rent = _rents(residents, np.where(work == Work.WITHOUT, BASIC_BENEFIT_EUR, wage), draws)
    return Livelihood(work, np.round(wage * 100).astype(np.int64), np.round(rent).astype(np.int64) * 100, rents)


def _work(residents: Residents, traits: Traits, draws: Draws) -> NDArray[np.int8]:
    rng = draws.generator("founding.work")
    age = residents.age
    pension = np.select([age < 60, age < 64, age < 67], [0.012, 0.20, 0.72], 0.975)
    retired = rng.random(len(age)) < pension
    pull = -2.45 - 0.55 * traits.ability + 1.0 * (age < 23) + 0.25 * (age > 55)
    without = rng.random(len(age)) < 1 / (1 + np.exp(-pull))
    own_account = rng.random(len(age)) < np.clip(0.115 + 0.02 * traits.ability + 0.0015 * (age - 43), 0.02, 0.3)
    work = np.select([retired, without, own_account], [Work.RETIRED, Work.WITHOUT, Work.SELF_EMPLOYED], Work.EMPLOYED)
    work[residents.dwelling == Dwelling.WORKERS] = Work.EMPLOYED
    # a made-up identity claims a business of its own, which no register of employment can deny
    work[residents.dwelling == Dwelling.RING] = Work.SELF_EMPLOYED
    return work.astype(np.int8)


def _wages(residents: Residents, traits: Traits, work: NDArray[np.int8], draws: Draws) -> NDArray[np.float64]:
    rng = draws.generator("founding.wages")
    noise = rng.normal(0, 1, len(work))
    seniority = -0.30 * np.clip((33 - residents.age) / 15, 0, 1) + 0.04
    rest = np.sqrt(WAGE_LOG_SD**2 - ABILITY_EFFECT**2 - _AGE_LOG_SD**2)
    wage = MEDIAN_WAGE_EUR * np.exp(ABILITY_EFFECT * traits.ability + seniority + rest * noise)
    pension = MEDIAN_PENSION_EUR * np.exp(0.16 * traits.ability + 0.28 * noise)
    profit = MEDIAN_PROFIT_EUR * np.exp(0.30 * traits.ability + seniority + 0.45 * noise)
    income = np.select([work == Work.EMPLOYED, work == Work.SELF_EMPLOYED, work == Work.RETIRED], [wage, profit, pension], 0.0)
    return np.asarray(income, np.float64)


def _rents(residents: Residents, income: NDArray[np.float64], draws: Draws) -> tuple[Flags, NDArray[np.float64]]:
    """Whether a person rents, and the person's share in whole EUR: the old and the well-off own."""
    rng = draws.generator("founding.rents")
    household = residents.household
    adults = np.bincount(household)
    total = np.bincount(household, weights=income)
    head_age = np.bincount(household, weights=residents.age) / adults
    shared = np.bincount(household, weights=residents.dwelling >= Dwelling.FLAT_SHARE) > 0
    means = 0.9 * np.log(total / adults) / WAGE_LOG_SD + 0.7 * (head_age - 50) / 15 + rng.logistic(0, 1.2, len(adults))
    means[shared] = -np.inf
    order = np.argsort(-means, kind="stable")
    owners = order[: int(np.searchsorted(np.cumsum(adults[order]), OWNER_SHARE * len(household)))]
    rents = np.ones(len(adults), np.bool_)
    rents[owners] = False
    rent = np.maximum(RENT_SHARE * total * np.exp(rng.normal(0, 0.22, len(adults))), LOWEST_RENT_EUR) / adults
    rent[~rents] = 0
    return rents[household], rent[household]
