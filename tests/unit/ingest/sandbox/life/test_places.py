"""Visits and trips follow circumstances."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.events import Event, EventLog, month_start
from ingest.sandbox.life import write_life
from ingest.sandbox.life.places import TRIPS_WHEN_ILL
from ingest.sandbox.society import NONE, Coverage, Sector, Society
from tests.support.small_logs import make_circumstance
from tests.support.small_society import make_scale, make_society, with_coverage

PERSONS = 8_000
LONG_MIN = 240  # nobody stays anywhere but at work for longer


@pytest.fixture(scope="module")
def society() -> Society:
    return make_society(PERSONS)


def live(society: Society, folder: Path, month: int = 1, jobs: dict[str, object] | None = None, **changes: object) -> EventLog:
    log = EventLog(folder)
    log.write(Event.CIRCUMSTANCE, month, make_circumstance(society, **changes))
    if jobs:
        log.write(Event.JOB, month, jobs)
    write_life(society, log, month, Draws(7), make_scale(PERSONS))
    return log


def at_work(society: Society, visits: pl.DataFrame) -> pl.DataFrame:
    employer = pl.Series(society.people.employer)
    return visits.filter((pl.col("venue") != NONE) & (pl.col("venue") == employer.gather(visits["person"])))


def test_visits_to_the_workplace_stop_with_the_job(society: Society, tmp_path: Path) -> None:
    """Whoever has lost the job by the end of the month is not seen there; everyone else is seen as before."""
    lost = np.arange(PERSONS) % 2 == 0
    employer = np.where(lost, NONE, society.people.employer)
    before = live(society, tmp_path / "a").read(Event.VISIT, 1).filter(pl.col("minutes") > LONG_MIN)
    after = live(society, tmp_path / "b", employer=employer).read(Event.VISIT, 1).filter(pl.col("minutes") > LONG_MIN)
    losers = pl.col("person") % 2 == 0

    assert at_work(society, before).equals(before)
    assert before.filter(losers).height > 200
    assert after.filter(losers).height == 0
    assert after.filter(~losers).equals(before.filter(~losers))


def test_who_began_a_job_this_month_is_not_yet_seen_there(society: Society, tmp_path: Path) -> None:
    new = np.arange(0, PERSONS, 2)
    jobs = {"second": new * 0, "person": new, "firm": society.people.employer[new], "started": new >= 0, "wage": new}
    visits = at_work(society, live(society, tmp_path, jobs=jobs).read(Event.VISIT, 1)).filter(pl.col("minutes") > LONG_MIN)

    assert visits.height > 300
    assert (visits["person"] % 2 == 1).all()


def test_illness_leads_to_the_doctor_and_keeps_people_at_home(society: Society, tmp_path: Path) -> None:
    well, ill = live(society, tmp_path / "a"), live(society, tmp_path / "b", ill=np.ones(PERSONS, np.bool_))
    health = np.flatnonzero(society.firms.sector == Sector.HEALTH).tolist()

    def doctors(log: EventLog) -> int:
        return log.read(Event.VISIT, 1).filter(pl.col("venue").is_in(health)).height

    assert doctors(ill) > 10 * doctors(well)
    assert ill.read(Event.TRIP, 1).height < 1.3 * TRIPS_WHEN_ILL * well.read(Event.TRIP, 1).height


def test_less_money_means_fewer_evenings_out_and_worry_fewer_trips(society: Society, tmp_path: Path) -> None:
    usual = live(society, tmp_path / "a")
    short = live(society, tmp_path / "b", spent_share=np.full(PERSONS, 0.3, np.float32), worry=np.full(PERSONS, 3, np.float32))
    leisure = np.flatnonzero(society.firms.sector == Sector.LEISURE).tolist()

    def out(log: EventLog) -> int:
        return log.read(Event.VISIT, 1).filter(pl.col("venue").is_in(leisure)).height

    assert out(short) < 0.5 * out(usual)
    assert short.read(Event.TRIP, 1).height < 0.75 * usual.read(Event.TRIP, 1).height


def test_only_the_covered_are_seen(society: Society, tmp_path: Path) -> None:
    some = with_coverage(society, np.where(np.arange(PERSONS) < 500, Coverage.MOBILITY, 0))
    log = live(some, tmp_path)

    for kind in (Event.VISIT, Event.TRIP):
        assert log.read(kind, 1).height > 20
        assert log.read(kind, 1)["person"].max() < 500


def test_everyday_events_lie_on_the_first_22_days_and_work_on_weekdays(society: Society, tmp_path: Path) -> None:
    log = live(society, tmp_path, month=4)
    for kind in (Event.CALL, Event.VISIT, Event.TRIP, Event.LOGIN):
        second = log.read(kind, 4)["second"]
        assert second.is_sorted()
        assert second.min() >= 0
        assert second.max() < 22 * 86_400
    stays = at_work(society, log.read(Event.VISIT, 4)).filter(pl.col("minutes") > LONG_MIN)
    weekday = (month_start(4).weekday() + stays["second"] // 86_400) % 7
    assert weekday.max() < 5


def test_the_same_economy_lives_the_same_life(society: Society, tmp_path: Path) -> None:
    first, second = live(society, tmp_path / "a"), live(society, tmp_path / "b")

    for kind in (Event.CALL, Event.VISIT, Event.TRIP, Event.LOGIN):
        assert first.read(kind, 1).height > 0
        assert first.read(kind, 1).equals(second.read(kind, 1))


def test_a_month_without_circumstances_is_refused(society: Society, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 circumstances for 8000 persons"):
        write_life(society, EventLog(tmp_path), 0, Draws(7), make_scale(PERSONS))
