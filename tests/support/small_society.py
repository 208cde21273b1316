"""A made-up society of any size for tests of what is written about one: everyone recorded everywhere unless said otherwise."""

from dataclasses import replace

import numpy as np

from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import (
    NONE,
    Coverage,
    Devices,
    Firms,
    Groups,
    Homes,
    Lenders,
    LookAlikes,
    People,
    Plan,
    Sector,
    Society,
    TieKind,
    Ties,
    Work,
)

EVERYWHERE = sum(Coverage)
PERSONS_A_HOME, HOMES_A_NEIGHBOURHOOD = 2, 50


def make_scale(persons: int = 1_000, months: int = 6, seed: int = 7) -> Scale:
    """The smallest economy allowed, unless told."""
    return Scale(persons, months, seed)


def make_society(persons: int = 1_000, seed: int = 7) -> Society:
    """A society with firms of every sector, random ties, a ring of five at the end and two contact fakers at the start."""
    rng = np.random.default_rng(seed)
    homes = persons // PERSONS_A_HOME
    neighbourhoods = max(homes // HOMES_A_NEIGHBOURHOOD, 2)
    firms = max(len(Sector) * 3, persons // 18)
    sector = (np.arange(firms) % len(Sector)).astype(np.int8)
    firm_at = rng.integers(0, neighbourhoods, firms).astype(np.int32)
    home = (np.arange(persons) // PERSONS_A_HOME).astype(np.int32)

    def pick(kind: Sector) -> np.ndarray:
        return rng.choice(np.flatnonzero(sector == kind), persons).astype(np.int32)

    work = rng.choice([Work.EMPLOYED, Work.RETIRED], persons, p=[0.7, 0.3]).astype(np.int8)
    plan = np.zeros(persons, np.int8)
    plan[-5:], plan[:2] = Plan.SYNTHETIC, Plan.CONTACT_FAKER
    traits = rng.normal(size=(5, persons)).astype(np.float32)
    people = People(
        household=home,
        home=home,
        neighbourhood=(home // HOMES_A_NEIGHBOURHOOD % neighbourhoods).astype(np.int32),
        birth_day=rng.integers(-15_000, 11_000, persons).astype(np.int32),
        work=work,
        employer=np.where(work == Work.EMPLOYED, rng.integers(0, firms, persons), NONE).astype(np.int32),
        wage_minor=np.exp(rng.normal(12.3, 0.4, persons)).astype(np.int64),
        rent_minor=np.full(persons, 60_000, np.int64),
        willingness=traits[0],
        ability=traits[1],
        thrift=traits[2],
        craving=traits[3],
        sociability=traits[4],
        protected_group=np.zeros(persons, np.int8),
        plan=plan,
        plan_month=np.where(plan == Plan.HONEST, NONE, 2).astype(np.int16),
        misuse=np.zeros(persons, np.int8),
        gang=np.where(plan == Plan.SYNTHETIC, 0, NONE).astype(np.int32),
        thin=np.zeros(persons, np.bool_),
        coverage=np.full(persons, EVERYWHERE, np.uint16),
        consented=np.full(persons, 255, np.uint8),
        bank=rng.integers(0, 3, persons).astype(np.int8),
        shop=pick(Sector.FASHION),
        grocer=pick(Sector.FOOD_RETAIL),
        haunt=pick(Sector.LEISURE),
    )
    lenders = 4
    return Society(
        people=people,
        homes=Homes(
            (np.arange(homes) // HOMES_A_NEIGHBOURHOOD % neighbourhoods).astype(np.int32), np.full(homes, NONE, np.int32)
        ),
        firms=Firms(
            sector=sector,
            neighbourhood=firm_at,
            health=np.zeros(firms, np.float32),
            staff=np.full(firms, 10, np.int32),
            owner=np.full(firms, NONE, np.int32),
            owner_share_pct=np.zeros(firms, np.int8),
            founded_day=np.full(firms, 10_000, np.int32),
            sells_online=(sector == Sector.FASHION) | (sector == Sector.ELECTRONICS),
            buyer=np.zeros(0, np.int32),
            supplier=np.zeros(0, np.int32),
        ),
        ties=_ties(rng, persons),
        groups=Groups(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int16), np.zeros(0, np.int8)),
        devices=Devices(
            np.concatenate([np.arange(persons), np.arange(persons - 4, persons)]).astype(np.int32),
            np.concatenate([np.arange(persons), np.full(4, persons - 5)]).astype(np.int32),
            np.full(persons + 4, NONE, np.int16),
            persons,
        ),
        lenders=Lenders(
            np.zeros(lenders, np.float32),
            np.full(lenders, 8, np.float32),
            np.zeros(lenders, np.bool_),
            np.zeros(lenders, np.int8),
            np.full(lenders, NONE, np.int16),
            np.full(lenders, NONE, np.int32),
        ),
        look_alikes=LookAlikes(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int8)),
        neighbourhoods=neighbourhoods,
    )


def with_coverage(society: Society, coverage: np.ndarray) -> Society:
    """The same society, recorded otherwise."""
    return replace(society, people=replace(society.people, coverage=coverage.astype(np.uint16)))


def _ties(rng: np.random.Generator, persons: int) -> Ties:
    """About nine ties a person, most of them weak, a few born and ended on the way."""
    ends = np.sort(rng.integers(0, persons, (persons * 5, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)[: persons * 9 // 2]
    count = len(ends)
    return Ties(
        a=ends[:, 0].astype(np.int32),
        b=ends[:, 1].astype(np.int32),
        kind=rng.integers(0, len(TieKind), count).astype(np.int8),
        strength=rng.beta(1.2, 2.0, count).clip(0.01, 1).astype(np.float32),
        helper=rng.integers(0, 3, count).astype(np.int8),
        born=np.where(rng.random(count) < 0.15, rng.integers(1, 5, count), NONE).astype(np.int16),
        dead=np.where(rng.random(count) < 0.15, rng.integers(2, 6, count), 48).astype(np.int16),
    )
