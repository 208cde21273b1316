"""Who works where, and who owns what: most staff live near, some fit by ability, housed workers share an employer.

Every job of `Businesses.staff` is filled and every employed person has one.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.firms import SHELLS_A_PLATFORM, Businesses
from ingest.sandbox.founding.livelihood import Livelihood
from ingest.sandbox.founding.pairing import pair_within
from ingest.sandbox.founding.residents import Dwelling, Residents
from ingest.sandbox.founding.traits import Traits
from ingest.sandbox.society import NONE, Ints, Lenders, Scheme, Sector, Work

_LOCAL_SHARE = 0.76  # of a firm's jobs that are offered near first; large firms find fewer than they offer
_ABILITY_NOISE = 1.5  # against an ability of standard deviation 1
_LARGEST_OWNED_STAFF = 40
_OWNED_BY_ONE = 0.75  # of small firms; nobody holds most of the others
HOUSES_WORKERS = (Sector.INDUSTRY, Sector.CONSTRUCTION, Sector.TRANSPORT, Sector.HEALTH, Sector.SERVICES, Sector.TRADE)
_HOUSING_FIRMS = 60  # employers' housings belong to the largest firms of those sectors


def assign_employers(
    residents: Residents, traits: Traits, livelihood: Livelihood, businesses: Businesses, draws: Draws
) -> Ints:
    """Employer of each person, NONE for those who are not employed."""
    rng = draws.generator("founding.staffing")
    employer = np.full(len(residents), NONE, np.int32)
    left = _house_workers(residents, livelihood, businesses, employer, rng)
    slots = np.repeat(np.arange(len(left), dtype=np.int32), left)
    is_local = rng.random(len(slots)) < _LOCAL_SHARE
    seekers = np.flatnonzero((livelihood.work == Work.EMPLOYED) & (employer == NONE)).astype(np.int32)
    quality = rng.normal(size=len(left))
    place_of = businesses.neighbourhood
    # the own neighbourhood first, then pairs of adjacent ones, cut in both ways
    for width, shift in ((1, 0), (2, 0), (2, 1)):
        local, others = slots[is_local], slots[~is_local]
        there = (place_of[local] + shift) // width
        here = (residents.neighbourhood[seekers] + shift) // width
        got, given = pair_within(here, _luck(len(seekers), rng), there, _luck(len(local), rng))
        employer[seekers[got]] = local[given]
        seekers = np.delete(seekers, got)
        slots = np.r_[np.delete(local, given), others]
        is_local = np.arange(len(slots)) < len(slots) - len(others)
    wanting = np.argsort(traits.ability[seekers] + _ABILITY_NOISE * rng.normal(size=len(seekers)), kind="stable")
    offering = np.argsort(quality[slots] + _ABILITY_NOISE * rng.normal(size=len(slots)), kind="stable")
    employer[seekers[wanting]] = slots[offering]
    return employer


def assign_owners(
    residents: Residents, livelihood: Livelihood, businesses: Businesses, lenders: Lenders, draws: Draws
) -> tuple[Ints, NDArray[np.int8]]:
    """Owner and owned share of each firm: the self-employed own small firms near them, platforms' owners own shells."""
    rng = draws.generator("founding.owners")
    owner = np.full(len(businesses.sector), NONE, np.int32)
    public = (Sector.PUBLIC, Sector.UTILITY, Sector.TELECOM, Sector.GAMBLING, Sector.BROKER, Sector.SHELL)
    open_to_all = ~np.isin(businesses.sector, public) & (businesses.staff <= _LARGEST_OWNED_STAFF)
    open_to_all &= rng.random(len(owner)) < _OWNED_BY_ONE
    firms = np.flatnonzero(open_to_all).astype(np.int32)
    heads = np.flatnonzero((livelihood.work == Work.SELF_EMPLOYED) & residents.is_real).astype(np.int32)
    got, given = pair_within(
        residents.neighbourhood[heads], _luck(len(heads), rng), businesses.neighbourhood[firms], _luck(len(firms), rng)
    )
    owner[firms[given]] = heads[got]
    share = np.where(rng.random(len(owner)) < 0.6, 100, rng.integers(51, 100, len(owner)))
    owner[businesses.sector == Sector.SHELL] = np.repeat(
        lenders.owner[lenders.scheme == Scheme.FINANCES_OWNERS], SHELLS_A_PLATFORM
    )
    return owner, np.where(owner == NONE, 0, share).astype(np.int8)


def _house_workers(
    residents: Residents, livelihood: Livelihood, businesses: Businesses, employer: Ints, rng: np.random.Generator
) -> Ints:
    """Give the people of each employer's housing one employer, filling `employer`; returns the jobs that are left."""
    left = businesses.staff.copy()
    housed = np.flatnonzero(residents.dwelling == Dwelling.WORKERS)
    firms = np.flatnonzero(np.isin(businesses.sector, HOUSES_WORKERS))
    firms = firms[np.argsort(-left[firms], kind="stable")][:_HOUSING_FIRMS]
    for group in np.unique(residents.group[housed]):
        members = housed[residents.group[housed] == group]
        fits = firms[left[firms] >= len(members)]
        firm = rng.choice(fits) if len(fits) else firms[np.argmax(left[firms])]
        members = members[: left[firm]]
        employer[members] = firm
        left[firm] -= len(members)
    return left


def _luck(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.random(count, np.float32)
