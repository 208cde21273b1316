"""Who invests in platforms, and what they have saved for it before the first month."""

import numpy as np

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import Money
from ingest.sandbox.economy.company_credit import Numbers
from ingest.sandbox.society import NONE, Plan, Society

INVESTORS_SHARE = 0.03  # of persons
INVESTOR_BY_ABILITY, INVESTOR_NOISE = 0.4, 0.5  # beside thrift
SAVED_WAGES, SAVED_SPREAD = 10.0, 0.6  # an investor's savings before month 0 in monthly wages, spread of its logarithm


def find_investors(society: Society, draws: Draws) -> Numbers:
    """Who ever invests: the thriftiest who earn something, in order of their number."""
    people = society.people
    noise = draws.generator("platforms.investors").standard_normal(len(people))
    score = people.thrift + INVESTOR_BY_ABILITY * people.ability + INVESTOR_NOISE * noise
    barred = (people.wage_minor <= 0) | (people.plan == Plan.SYNTHETIC)
    barred[society.lenders.owner[society.lenders.owner != NONE]] = True
    count = min(max(1, round(INVESTORS_SHARE * len(people))), int((~barred).sum()))
    score[barred] = -np.inf
    return np.sort(np.argpartition(-score, count - 1)[:count]).astype(np.int64)


def investors_savings(society: Society, draws: Draws) -> Money:
    """What investors have saved besides before month 0, minor units int64 [persons]; nothing for everyone else."""
    investor = find_investors(society, draws)
    swing = draws.generator("platforms.savings").standard_normal(len(society.people))
    saved = np.zeros(len(society.people), np.int64)
    wages = SAVED_WAGES * np.exp(SAVED_SPREAD * swing[investor] - SAVED_SPREAD**2 / 2)
    saved[investor] = np.rint(society.people.wage_minor[investor] * wages).astype(np.int64)
    return saved
