"""How likely a firm's loan is to end in default within twelve months, by imagined futures from the economy's full state.

Futures use the same functions on rows as the economy: downturns, health, closing, instalments. What buyers will leave
unpaid comes from `trade_outlook`.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy import strengths
from ingest.sandbox.economy.business import Business, health_noise, layoff_chance, next_downturn, next_health
from ingest.sandbox.economy.company_credit import Applications
from ingest.sandbox.economy.company_repayment import misses, repay_step
from ingest.sandbox.economy.lives import Floats
from ingest.sandbox.economy.trade_outlook import Buyers, trade_outlook
from ingest.sandbox.society import Society

FUTURE_MONTHS = 11
"""A default is stated early in the month after the third missed instalment, applications fall on its last days."""


def company_truth(
    applications: Applications, society: Society, business: Business, unpaid: Floats, draws: Draws, month: int, paths: int
) -> NDArray[np.float32]:
    """P(default within twelve months | everything as it stands), whether or not the loan is granted.

    Args:
        applications: Of ordinary firms, in the month's end.
        society: Firms and their links.
        business: As it stands.
        unpaid: Share of this month's invoices of each firm that was not paid, float32 [firms].
        draws: Luck of the futures.
        month: The month of the applications.
        paths: Futures imagined for each.

    Returns:
        float32 [k], in steps of 1 / `paths`.
    """
    firm = np.repeat(applications.firm, paths)
    rows = len(firm)
    rng = draws.generator("company.truth", month)
    health = business.health[firm]
    downturn = business.downturn[society.firms.neighbourhood[firm]]
    buyers = Buyers(firm, trade_outlook(society, business), society, business, rng)
    lost = unpaid[firm]
    left, missed = np.repeat(applications.term, paths), np.zeros(rows, np.int8)
    defaulted = np.zeros(rows, np.bool_)
    for _ in range(FUTURE_MONTHS):
        luck = rng.standard_normal((4, rows), dtype=np.float32)
        chance = rng.random((3, rows), dtype=np.float32)
        country = np.asarray(strengths.COUNTRY_NOISE * luck[1], np.float32)
        downturn = next_downturn(downturn, luck[0], country)
        health = next_health(health, downturn, health_noise(luck[2], luck[3], lost))
        lost = buyers.live_month(country)
        _, closes = layoff_chance(health, chance[0], chance[1], strengths.TURNOVER)
        runs = (left > 0) & ~defaulted
        wanted = np.where(closes | misses(health, chance[2]), 0, missed + 1)
        step = repay_step(left, missed, wanted, closes)
        defaulted |= runs & step.defaulted
        left, missed = np.where(runs, step.left, left), np.where(runs, step.missed, missed)
    return np.asarray(defaulted.reshape(-1, paths).mean(axis=1), np.float32)
