"""Which firms there are: sector, place, size, age, health, and who buys from whom.

Sizes are heavy-tailed; every sector the economy leans on is there at any scale. Who works where is `staffing`'s business.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.residents import DAYS_A_YEAR, FIRST_DAY
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import Flags, Floats, Ints, Lenders, Scheme, Sector

PERSONS_A_FIRM = 18
SHELLS_A_PLATFORM = 3
PUBLIC_STAFF_SHARE = 0.18
LARGEST_STAFF_SHARE = 0.03  # of all employees, in the largest private firm
_PARETO_EXPONENT = 1.1  # Axtell (2001) finds 1.06 for firms of the United States
_SUPPLIERS = (1, 5)  # of one buyer, both ends included
_SUPPLIER_SIZE_EXPONENT = 0.7
_YOUNGEST_YEARS, _MEAN_AGE_YEARS = 0.5, 14
REGISTER_BEGINS_DAY = 1  # since 1970-01-01: no firm is older than the register
# sectors of firms that nothing else asks for, and their shares; schools and offices are few and large
_ORDINARY = {
    Sector.INDUSTRY: 0.13,
    Sector.CONSTRUCTION: 0.14,
    Sector.TRADE: 0.12,
    Sector.FOOD_RETAIL: 0.06,
    Sector.FASHION: 0.04,
    Sector.ELECTRONICS: 0.03,
    Sector.LEISURE: 0.09,
    Sector.TRANSPORT: 0.08,
    Sector.HEALTH: 0.09,
    Sector.SERVICES: 0.18,
    Sector.PUBLIC: 0.04,
}
_SUPPLIES = {Sector.TRADE: 3.0, Sector.INDUSTRY: 1.5, Sector.TRANSPORT: 1.0, Sector.SERVICES: 1.0, Sector.CONSTRUCTION: 0.3}
_SMALL = (Sector.LANDLORD, Sector.GAMBLING, Sector.BROKER)
_ALWAYS_ONLINE = 3  # online merchants of each of two sectors at the smallest scale
_ONLINE_SHARE = 0.3  # of further merchants of these sectors


@dataclass(frozen=True)
class Businesses:
    """One row a firm; `buyer` and `supplier` are links. See `Firms`."""

    sector: NDArray[np.int8]
    neighbourhood: Ints
    health: Floats
    staff: Ints
    founded_day: Ints
    sells_online: Flags
    buyer: Ints
    supplier: Ints


def build_businesses(scale: Scale, neighbourhoods: int, employees: int, lenders: Lenders, draws: Draws) -> Businesses:
    """Found the firms.

    Args:
        scale: Persons decide how many firms there are.
        neighbourhoods: Each gets a food shop and a place to go out.
        employees: Jobs to spread over the firms.
        lenders: Platforms that finance their owners get shells, the last firms, in order of the platforms.
        draws: The economy's luck.
    """
    rng = draws.generator("founding.firms")
    sector, neighbourhood, online = _sectors(scale, neighbourhoods, lenders, rng)
    staff = _staff(sector, employees, rng)
    buyer, supplier = _links(sector, staff, rng)
    by_sector, by_place = rng.normal(size=len(Sector)), rng.normal(size=neighbourhoods)
    health = 0.3 * by_sector[sector] + 0.3 * by_place[neighbourhood] + 0.9 * rng.normal(size=len(sector))
    span = (FIRST_DAY - REGISTER_BEGINS_DAY) / DAYS_A_YEAR - _YOUNGEST_YEARS
    # the remainder of an exponential is an exponential cut off at the span: no day is founded on more than others
    years = _YOUNGEST_YEARS + rng.exponential(_MEAN_AGE_YEARS, len(sector)) % span
    years[sector == Sector.SHELL] = rng.uniform(0.1, 2.0, int((sector == Sector.SHELL).sum()))
    return Businesses(
        sector=sector,
        neighbourhood=neighbourhood,
        health=health.astype(np.float32),
        staff=staff,
        founded_day=(FIRST_DAY - np.ceil(years * DAYS_A_YEAR)).astype(np.int32),
        sells_online=online,
        buyer=buyer,
        supplier=supplier,
    )


def _sectors(
    scale: Scale, neighbourhoods: int, lenders: Lenders, rng: np.random.Generator
) -> tuple[NDArray[np.int8], Ints, Flags]:
    """Sector, place and whether it sells online, of each firm."""
    merchants = max(_ALWAYS_ONLINE, scale.persons // 10_000)
    needed = {
        Sector.UTILITY: 2 + scale.persons // 100_000,
        Sector.TELECOM: 2,
        Sector.LANDLORD: max(3, scale.persons // 800),
        Sector.GAMBLING: 3,
        Sector.BROKER: 2,
        Sector.FOOD_RETAIL: neighbourhoods,
        Sector.LEISURE: neighbourhoods,
        Sector.FASHION: merchants,
        Sector.ELECTRONICS: merchants,
    }
    first = np.repeat(np.array(list(needed), np.int8), list(needed.values()))
    others = max(0, round(scale.persons / PERSONS_A_FIRM) - len(first))
    shares = np.array(list(_ORDINARY.values()))
    more = rng.choice(np.array(list(_ORDINARY), np.int8), others, p=shares / shares.sum())
    public = np.full(max(0, 2 - int((more == Sector.PUBLIC).sum())), Sector.PUBLIC, np.int8)
    shells = SHELLS_A_PLATFORM * int((lenders.scheme == Scheme.FINANCES_OWNERS).sum())
    sector = np.r_[first, more, public, np.full(shells, Sector.SHELL, np.int8)].astype(np.int8)
    place = rng.integers(0, neighbourhoods, len(sector), dtype=np.int32)
    for kind in (Sector.FOOD_RETAIL, Sector.LEISURE):
        place[np.flatnonzero(first == kind)] = np.arange(neighbourhoods)
    sells = (sector == Sector.FASHION) | (sector == Sector.ELECTRONICS)
    always = sells & (np.arange(len(sector)) < len(first))
    return sector, place, always | (sells & (rng.random(len(sector)) < _ONLINE_SHARE))


def _staff(sector: NDArray[np.int8], employees: int, rng: np.random.Generator) -> Ints:
    """Jobs a firm, together as many as there are employees; shells have none, all others one at least."""
    luck = rng.random(len(sector))
    weight = (1 - luck) ** (-1 / _PARETO_EXPONENT)
    weight[np.isin(sector, _SMALL)] = 1 + 2 * luck[np.isin(sector, _SMALL)]
    staff = np.zeros(len(sector), np.int64)
    public = sector == Sector.PUBLIC
    weight[public] = np.exp(0.8 * rng.normal(size=int(public.sum())))
    staff[public] = _spread(weight[public], round(PUBLIC_STAFF_SHARE * employees), employees)
    private = ~public & (sector != Sector.SHELL)
    cap = max(2, round(LARGEST_STAFF_SHARE * employees))
    staff[private] = _spread(weight[private], employees - int(staff.sum()), cap)
    return staff.astype(np.int32)


def _spread(weight: NDArray[np.float64], total: int, cap: int) -> NDArray[np.int64]:
    """Whole numbers from 1 to `cap` in proportion to weights that add up to `total`."""
    low, high = 0.0, float(total)
    for _ in range(60):
        factor = (low + high) / 2
        if np.clip(weight * factor, 1, cap).sum() < total:
            low = factor
        else:
            high = factor
    exact = np.clip(weight * low, 1, cap)
    whole = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    order = np.argsort(whole - exact, kind="stable")
    order = order[whole[order] < cap]
    whole[order[:missing]] += 1
    return whole


def _links(sector: NDArray[np.int8], staff: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Buyer and supplier of each trade link, sorted and without repetition."""
    buyers = np.flatnonzero(sector <= Sector.PUBLIC).astype(np.int32)
    wanted = rng.integers(_SUPPLIERS[0], _SUPPLIERS[1] + 1, len(buyers))
    leaning = np.array([_SUPPLIES.get(kind, 0.0) for kind in Sector])
    weight = leaning[sector] * np.power(staff, _SUPPLIER_SIZE_EXPONENT)
    ends = np.cumsum(weight) / weight.sum()
    buyer = np.repeat(buyers, wanted)
    supplier = np.searchsorted(ends, rng.random(len(buyer)), side="right")
    keys = np.unique(buyer.astype(np.int64) * len(sector) + supplier)
    buyer, supplier = keys // len(sector), keys % len(sector)
    other = buyer != supplier
    return buyer[other].astype(np.int32), supplier[other].astype(np.int32)
