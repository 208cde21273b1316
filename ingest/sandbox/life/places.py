"""Where people are seen in a month and which ways they travel, for those whom a mobility service records.

Work is visited while there is work, the haunt as far as money allows, the doctor in illness. Distances travelled have a heavy
tail (Gonzalez, Hidalgo and Barabasi 2008, Nature 453); illness and worry keep people at home (Rohani et al. 2018 link low
mobility and low mood). Records are a small sample of the days: rates are what is recorded a month.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.life.rhythm import GOING_OUT, SHOPPING, TRAVELLING, TREATMENT, WORKING, Rhythm
from ingest.sandbox.society import NONE, Coverage, Sector, Society

WORK_VISITS, GROCER_VISITS, HAUNT_VISITS, OTHER_VISITS = 0.25, 0.16, 0.15, 0.05  # a month and recorded person
HEALTH_VISITS, HEALTH_VISITS_ILL = 0.02, 0.60
OUT_WHEN_ILL = 0.25  # what illness leaves of shopping and going out
MOST_SPENT_SHARE = 2.0
TRIPS = 0.19
TRIPS_BY_WORRY, TRIPS_WHEN_ILL = -0.45, 0.25  # in full worry; what illness leaves
COMMUTES = 0.45  # of the trips of those in work
JUMP_POWER, LONGEST_JUMP = 1.0, 400  # neighbourhoods away: survival falls with this power of the distance
MINUTES_AT = {"work": 420, "grocer": 25, "haunt": 95, "health": 45, "other": 60}
TRIP_MINUTES, TRIP_MINUTES_PER_LOG_STEP = 12, 11
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Recorded:
    """Those whom the service records and how they are this month, one row a person.

    Attributes:
        person: Number of the person.
        home: Neighbourhood where the person lives now.
        employer: Firm where the person has worked all month, or NONE.
        ill: Whether the person is ill.
        strain: Worry, from 0 to 1.
        spent_share: Spending of the month over what is usual.
    """

    person: Ints
    home: Ints
    employer: Ints
    ill: NDArray[np.bool_]
    strain: NDArray[np.float64]
    spent_share: NDArray[np.float64]


def recorded(society: Society, circumstance: pl.DataFrame, jobs: pl.DataFrame, month: int) -> Recorded:
    """Pick the recorded persons out of the month's circumstances; who began a job during the month is not yet seen there."""
    person = np.flatnonzero((society.people.coverage & Coverage.MOBILITY) != 0)
    now = circumstance[person]
    employer = now["employer"].to_numpy().astype(np.int64)
    if month > 0:  # month 0 states all jobs held before it
        employer = np.where(np.isin(person, jobs.filter("started")["person"].to_numpy()), NONE, employer)
    return Recorded(
        person,
        society.homes.neighbourhood[now["home"].to_numpy()].astype(np.int64),
        employer,
        now["ill"].to_numpy(),
        1 - np.exp(-np.maximum(now["worry"].to_numpy().astype(np.float64), 0)),
        np.clip(now["spent_share"].to_numpy().astype(np.float64), 0, MOST_SPENT_SHARE),
    )


def build_visits(society: Society, who: Recorded, month: int, draws: Draws, out: float) -> dict[str, Ints]:
    """The month's recorded visits by time.

    Args:
        society: Firms and favourites.
        who: The recorded persons.
        month: Month of the economy.
        draws: The economy's luck.
        out: How much people go out, 1 as declared.

    Returns:
        Columns of `Event.VISIT`, sorted by (second, person).
    """
    people, where = society.people, society.firms.neighbourhood
    able = np.where(who.ill, OUT_WHEN_ILL, 1.0) * out
    works = (who.employer != NONE) & ~who.ill
    grocer, haunt = (favourite[who.person].astype(np.int64) for favourite in (people.grocer, people.haunt))
    doctor = _nearest(society, Sector.HEALTH, who.home)
    nowhere = np.full(len(who.person), NONE, np.int64)
    plans: tuple[tuple[str, NDArray[np.float64], Ints, Rhythm], ...] = (
        ("work", WORK_VISITS * works, who.employer, WORKING),
        ("grocer", GROCER_VISITS * able * (grocer != NONE), grocer, SHOPPING),
        ("haunt", HAUNT_VISITS * able * who.spent_share * (haunt != NONE), haunt, GOING_OUT),
        ("health", np.where(who.ill, HEALTH_VISITS_ILL, HEALTH_VISITS), doctor, TREATMENT),
        ("other", OTHER_VISITS * able, nowhere, GOING_OUT),
    )
    parts = []
    for name, rate, venue, rhythm in plans:
        gone = np.flatnonzero(draws.uniform(f"days.visit.{name}", who.person, month) < rate)
        person, at = who.person[gone], venue[gone]
        luck = draws.uniform(f"days.stay.{name}", person, month)
        around = _jump(who.home[gone], luck, society.neighbourhoods)
        parts.append(
            pl.DataFrame(
                {
                    "second": rhythm.seconds(draws.uniform(f"days.visited_at.{name}", person, month), month),
                    "person": person,
                    "venue": at,
                    "neighbourhood": np.where(at == NONE, around, where[at]).astype(np.int64),
                    "minutes": np.clip(MINUTES_AT[name] * (0.4 + 1.2 * luck), 3, 720).astype(np.int64),
                }
            )
        )
    frame = pl.concat(parts).sort("second", "person", "venue")
    return {name: column.to_numpy() for name, column in frame.to_dict().items()}


def build_trips(society: Society, who: Recorded, month: int, draws: Draws, out: float) -> dict[str, Ints]:
    """The month's recorded trips by time: to work or anywhere else; columns of `Event.TRIP`, sorted by (second, person)."""
    rate = TRIPS * out * (1 + TRIPS_BY_WORRY * who.strain) * np.where(who.ill, TRIPS_WHEN_ILL, 1.0)
    gone = np.flatnonzero(draws.uniform("days.trip", who.person, month) < rate)
    person, home, employer = who.person[gone], who.home[gone], who.employer[gone]
    far = _jump(home, draws.uniform("days.trip_to", person, month), society.neighbourhoods)
    commutes = (employer != NONE) & (draws.uniform("days.commute", person, month) < COMMUTES)
    goal = np.where(commutes, society.firms.neighbourhood[employer], far)
    back = draws.uniform("days.trip_back", person, month)
    start, end = np.where(back < 0.5, home, goal), np.where(back < 0.5, goal, home)
    steps = TRIP_MINUTES_PER_LOG_STEP * np.log1p(np.abs(goal - home))
    frame = pl.DataFrame(
        {
            "second": TRAVELLING.seconds(draws.uniform("days.travelled_at", person, month), month),
            "person": person,
            "from_neighbourhood": start.astype(np.int64),
            "to_neighbourhood": end.astype(np.int64),
            "minutes": ((TRIP_MINUTES + steps) * (0.7 + 0.6 * draws.uniform("days.pace", person, month))).astype(np.int64),
        }
    ).sort("second", "person")
    return {name: column.to_numpy() for name, column in frame.to_dict().items()}


def _jump(home: Ints, luck: NDArray[np.float64], neighbourhoods: int) -> Ints:
    """Another neighbourhood, mostly near: Pareto distance, either side, in a circle of neighbourhoods."""
    side = np.where(luck < 0.5, -1, 1)
    rest = np.where(luck < 0.5, luck, luck - 0.5) * 2
    distance = np.minimum((1 - rest) ** (-1 / JUMP_POWER), LONGEST_JUMP).astype(np.int64)
    return np.asarray((home + side * distance) % neighbourhoods, np.int64)


def _nearest(society: Society, sector: Sector, home: Ints) -> Ints:
    """A firm of the sector in or next after each neighbourhood; NONE where there is none at all."""
    firms = np.flatnonzero(society.firms.sector == sector)
    if not len(firms):
        return np.full(len(home), NONE, np.int64)
    firms = firms[np.argsort(society.firms.neighbourhood[firms], kind="stable")]
    return firms[np.searchsorted(society.firms.neighbourhood[firms], home) % len(firms)]
