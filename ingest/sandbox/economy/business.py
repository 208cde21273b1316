"""How firms fare from month to month: downturns, sectors' moods, health, and who cuts staff or closes.

The functions on rows (`layoff_chance`, `next_health`, `health_noise`) serve the economy, one row a firm, and the truth,
one row an imagined future; they never ask which. Knows no account, no person and no loan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy import strengths
from ingest.sandbox.economy.lives import Flags, Floats
from ingest.sandbox.society import Firms, Sector, Society

LASTING = (Sector.PUBLIC, Sector.UTILITY, Sector.TELECOM, Sector.LANDLORD, Sector.GAMBLING, Sector.BROKER, Sector.SHELL)
"""Sectors whose firms keep their health and never close."""

_DOWNTURN_REST = 1 / np.sqrt(1 - strengths.DOWNTURN_MEMORY**2)  # spread of an AR(1) at rest over that of its noise


@dataclass
class Business:
    """The hidden state of all firms and places. Positive health is good, positive downturns and country moods are bad.

    Attributes:
        health: Float32 [firms]; 0 is normal, -2 is trouble. That of a closed firm stays as it was when it closed.
        open: Bool [firms]; what is closed never opens again.
        sector_mood: Float32 [sectors], this month's push on the health of all firms of the sector.
        downturn: Float32 [neighbourhoods].
        country: The part of every neighbourhood's downturn that all share.
    """

    health: Floats
    open: Flags
    sector_mood: Floats
    downturn: Floats
    country: float

    def copy(self) -> "Business":
        """A copy that may be changed."""
        return Business(self.health.copy(), self.open.copy(), self.sector_mood.copy(), self.downturn.copy(), self.country)


def lasting(firms: Firms) -> Flags:
    """Which firms keep their health and never close, bool [firms]."""
    return np.isin(firms.sector, LASTING)


def first_business(society: Society, draws: Draws) -> Business:
    """All firms open at the start of month 0, places in the middle of some downturn or upturn of their own."""
    rng = draws.generator("business.first")
    local = rng.standard_normal(society.neighbourhoods) * strengths.DOWNTURN_NOISE * _DOWNTURN_REST
    country = float(rng.standard_normal() * strengths.COUNTRY_NOISE * _DOWNTURN_REST)
    return Business(
        health=np.where(lasting(society.firms), 0, society.firms.health).astype(np.float32),
        open=np.ones(len(society.firms), np.bool_),
        sector_mood=np.zeros(len(Sector), np.float32),
        downturn=(local + country).astype(np.float32),
        country=country,
    )


def drift_business(business: Business, society: Society, unpaid_share: Floats, draws: Draws, month: int) -> None:
    """One month of downturns, sectors' moods and firms' health.

    Args:
        business: Changed in place.
        society: Whose firms.
        unpaid_share: Float32 [firms], the share of what a firm invoiced that will never be paid.
        draws: Luck.
        month: The month that passes.
    """
    places = draws.generator("business.places", month)
    country = places.standard_normal() * strengths.COUNTRY_NOISE
    local = places.standard_normal(society.neighbourhoods, dtype=np.float32)
    business.country = float(strengths.DOWNTURN_MEMORY * business.country + country)
    business.downturn = next_downturn(business.downturn, local, country)
    sector = draws.generator("business.sectors", month).standard_normal(len(Sector), dtype=np.float32)
    business.sector_mood = sector * np.float32(strengths.SECTOR_NOISE)
    firms = society.firms
    own = draws.generator("business.firms", month).standard_normal(len(firms), dtype=np.float32)
    noise = health_noise(own, sector[firms.sector], unpaid_share)
    health = next_health(business.health, business.downturn[firms.neighbourhood], noise)
    moves = business.open & ~lasting(firms)
    business.health = np.where(moves, health, business.health)


def next_downturn(downturn: Floats, local: Floats, country: float | Floats) -> Floats:
    """The downturn a month later.

    Args:
        downturn: Float32 [rows].
        local: Standard normal [rows], the places' own.
        country: What the whole country adds this month, already scaled by `COUNTRY_NOISE`.
    """
    moved = strengths.DOWNTURN_MEMORY * downturn + strengths.DOWNTURN_NOISE * local + country
    return np.asarray(moved, np.float32)


def health_noise(own: Floats, sector: Floats, unpaid_share: Floats | float) -> Floats:
    """What pushes health this month besides the place: own and sector's luck (standard normal), and unpaid invoices."""
    pushed = strengths.HEALTH_NOISE * own + strengths.SECTOR_NOISE * sector - strengths.HEALTH_BY_UNPAID * unpaid_share
    return np.asarray(pushed, np.float32)


def next_health(health: Floats, downturn: Floats, noise: Floats) -> Floats:
    """Health a month later, float32 [rows]; `noise` is what `health_noise` gives."""
    moved = strengths.HEALTH_MEMORY * health - strengths.HEALTH_BY_DOWNTURN * downturn + noise
    return np.asarray(moved, np.float32)


def layoff_chance(
    health: Floats, cut_luck: NDArray[np.floating], close_luck: NDArray[np.floating], turnover: float | Floats
) -> tuple[Floats, Flags]:
    """Who cuts staff, who closes, and what that means for one who works there.

    Args:
        health: Float32 [rows].
        cut_luck: Uniform [rows], one a firm and month.
        close_luck: Uniform [rows], one a firm and month.
        turnover: Chance to lose the job where nothing is wrong.

    Returns:
        The chance float32 [rows] to lose the job this month (1 where the firm closes), and whether it closes.
    """
    chance = 1 / (1 + np.exp(strengths.TROUBLE_SLOPE * (health - strengths.TROUBLE_AT)))
    rate = turnover + strengths.MASS_LAYOFF_SHARE * (cut_luck < chance)
    closes = (health < strengths.FAILING_AT) & (close_luck < strengths.FAILING_CHANCE)
    return np.where(closes, 1, rate).astype(np.float32), closes
