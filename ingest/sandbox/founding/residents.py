"""Who lives where and with whom, and how old they are: homes, households, neighbourhoods, rings' addresses.

Persons stand in order of their homes and homes in order of neighbourhoods, so that near numbers live near; rings come
last. Knows nothing of work, traits or ties.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.pairing import position_in_run
from ingest.sandbox.knobs import FIRST_YEAR, Scale
from ingest.sandbox.society import NONE, Ints

PERSONS_A_NEIGHBOURHOOD = 600
FEWEST_NEIGHBOURHOODS = 4
LOOK_ALIKES = (34, 33, 33)  # families, flat shares, employers' housings: a hundred in all
PERSONS_FOR_ALL_LOOK_ALIKES = 1_500
GROUP_SIZES = (5, 6, 7, 8, 9)
_GROUP_SIZE_SHARES = (0.45, 0.25, 0.15, 0.10, 0.05)
RING_SIZES = (5, 15)  # both ends included
_RING_SIZE_MEAN = 10
# Adults in a household. A register counts 41 % of one, 34 % of two, 12 % of three and 13 % of four and more persons
# (Destatis, Mikrozensus 2022); those under 18 are left out, so most of the larger ones hold two adults here.
_ADULTS = (1, 2, 3, 4)
_ADULT_SHARES = (0.43, 0.47, 0.08, 0.02)
DAYS_A_YEAR = 365.25
FIRST_DAY = int((np.datetime64(f"{FIRST_YEAR}-01-01") - np.datetime64("1970-01-01")).astype(int))
YOUNGEST, OLDEST = 18.0, 85.0  # years at the start


class Dwelling(IntEnum):
    """What kind of household or households an address holds."""

    ORDINARY = 0  # one household
    FAMILY = 1  # three generations, a look-alike
    FLAT_SHARE = 2  # a look-alike; each person a household
    WORKERS = 3  # employer's housing, a look-alike; each person a household
    RING = 4  # made-up identities; each a household


@dataclass(frozen=True)
class Residents:
    """One row a person, and one a home in `home_*`."""

    household: Ints
    home: Ints
    neighbourhood: Ints
    role: NDArray[np.int8]  # position within the household, 0 is its head
    dwelling: NDArray[np.int8]
    group: Ints  # look-alike group or NONE
    ring: Ints  # ring or NONE
    birth_day: Ints
    home_neighbourhood: Ints
    home_dwelling: NDArray[np.int8]
    neighbourhoods: int

    def __len__(self) -> int:
        return len(self.household)

    @property
    def age(self) -> NDArray[np.float32]:
        """Years at the start of month 0."""
        return ((FIRST_DAY - self.birth_day) / DAYS_A_YEAR).astype(np.float32)

    @property
    def is_real(self) -> NDArray[np.bool_]:
        """Whether there is a human being behind the row."""
        return np.equal(self.ring, NONE)


def build_residents(scale: Scale, draws: Draws) -> Residents:
    """Settle all persons of an economy.

    Args:
        scale: How many persons, and the share of rings.
        draws: The economy's luck.

    Returns:
        Real persons in order of neighbourhoods, then the rings, in all `scale.persons`.
    """
    rng = draws.generator("founding.homes")
    rings = _ring_sizes(scale, rng)
    neighbourhoods = max(FEWEST_NEIGHBOURHOODS, round(scale.persons / PERSONS_A_NEIGHBOURHOOD))
    size, dwelling, group = _real_homes(scale.persons - int(rings.sum()), rng)
    weights = np.exp(rng.normal(0, 0.25, neighbourhoods))
    ends = np.cumsum(weights) / weights.sum()
    middle = (np.cumsum(size) - size / 2) / size.sum()
    where = np.minimum(np.searchsorted(ends, middle), neighbourhoods - 1).astype(np.int32)

    ring_size, ring_of_home = _ring_homes(rings, rng)
    size = np.r_[size, ring_size]
    home_dwelling = np.r_[dwelling, np.full(len(ring_size), Dwelling.RING, np.int8)].astype(np.int8)
    home_group = np.r_[group, np.full(len(ring_size), NONE, np.int32)]
    home_ring = np.r_[np.full(len(group), NONE, np.int32), ring_of_home]
    where = np.r_[where, rng.integers(0, neighbourhoods, len(ring_size), dtype=np.int32)]

    home = np.repeat(np.arange(len(size), dtype=np.int32), size)
    person_dwelling = home_dwelling[home]
    begins = np.r_[True, home[1:] != home[:-1]] | (person_dwelling >= Dwelling.FLAT_SHARE)
    household = (np.cumsum(begins) - 1).astype(np.int32)
    role = position_in_run(household).astype(np.int8)
    age = _ages(household, role, person_dwelling, draws)
    return Residents(
        household=household,
        home=home,
        neighbourhood=where[home],
        role=role,
        dwelling=person_dwelling,
        group=home_group[home],
        ring=home_ring[home],
        birth_day=(FIRST_DAY - np.ceil(age * DAYS_A_YEAR)).astype(np.int32),
        home_neighbourhood=where,
        home_dwelling=home_dwelling,
        neighbourhoods=neighbourhoods,
    )


def _ring_sizes(scale: Scale, rng: np.random.Generator) -> NDArray[np.int64]:
    """Sizes of the rings; too few identities for one ring make none."""
    identities = round(scale.persons * scale.knobs.ring_share)
    low, high = RING_SIZES
    if identities < low:
        return np.empty(0, np.int64)
    rings = max(1, round(identities / _RING_SIZE_MEAN), -(-identities // high))
    sizes = rng.integers(low, high + 1, rings)
    while (surplus := int(sizes.sum()) - identities) != 0:
        step = -1 if surplus > 0 else 1
        free = np.flatnonzero(sizes > low) if step < 0 else np.flatnonzero(sizes < high)
        sizes[rng.permutation(free)[: abs(surplus)]] += step
    return sizes


def _real_homes(persons: int, rng: np.random.Generator) -> tuple[Ints, NDArray[np.int8], Ints]:
    """Size, dwelling and look-alike group of each home of real persons, in the order they stand in the streets."""
    share = min(1.0, persons / PERSONS_FOR_ALL_LOOK_ALIKES)
    counts = [round(count * share) for count in LOOK_ALIKES] if share < 1 else list(LOOK_ALIKES)
    group_kind = np.repeat(np.arange(Dwelling.FAMILY, Dwelling.WORKERS + 1, dtype=np.int8), counts)
    group_size = rng.choice(GROUP_SIZES, len(group_kind), p=_GROUP_SIZE_SHARES).astype(np.int32)
    ordinary = persons - int(group_size.sum())
    size = rng.choice(_ADULTS, ordinary, p=_ADULT_SHARES).astype(np.int32)
    size = size[: int(np.searchsorted(np.cumsum(size), ordinary)) + 1]
    size[-1] -= size.sum() - ordinary
    dwelling = np.r_[np.full(len(size), Dwelling.ORDINARY, np.int8), group_kind]
    group = np.r_[np.full(len(size), NONE, np.int32), np.arange(len(group_kind), dtype=np.int32)]
    order = rng.permutation(len(dwelling))
    return np.r_[size, group_size][order], dwelling[order], group[order]


def _ring_homes(rings: NDArray[np.int64], rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Persons and ring of each address that rings use: one address a ring, or two."""
    two = rng.random(len(rings)) < 0.4
    second = np.where(two, rings // 3, 0)
    sizes = np.stack([rings - second, second], axis=1).ravel().astype(np.int32)
    numbers = np.repeat(np.arange(len(rings), dtype=np.int32), 2)
    return sizes[sizes > 0], numbers[sizes > 0]


def _ages(household: Ints, role: NDArray[np.int8], dwelling: NDArray[np.int8], draws: Draws) -> NDArray[np.float64]:
    """Years of each person: couples are of an age, third and fourth adults are grown children."""
    rng = draws.generator("founding.ages")
    households = int(household[-1]) + 1
    adults = np.bincount(household, minlength=households)
    luck, kind = rng.random(households), rng.random(households)
    single = np.select([kind < 0.29, kind < 0.60], [20 + 15 * luck, 35 + 25 * luck], 60 + 25 * luck)
    couple = rng.triangular(22, 54, 85, households)
    head = np.select([adults == 1, adults == 2], [single, couple], 43 + 18 * luck)
    wobble = rng.normal(0, 1, len(household))
    own = rng.random(len(household))
    age = head[household] + np.where(role == 1, 3.0 * wobble, 0.0)
    age = np.where(role >= 2, 18 + 9 * own, age)
    elders = (dwelling == Dwelling.FAMILY) & ((role == 2) | (role == 3))
    age = np.where(elders, age[np.maximum(np.arange(len(age)) - 2, 0)] + 22 + 4 * own, age)
    age = np.where(dwelling == Dwelling.FLAT_SHARE, 19 + 13 * own, age)
    age = np.where(dwelling == Dwelling.WORKERS, 20 + 38 * own, age)
    age = np.where(dwelling == Dwelling.RING, 22 + 28 * own, age)
    return np.asarray(np.clip(age, YOUNGEST, OLDEST), np.float64)
