"""Firms: the sectors the economy leans on, sizes, who works where, who owns and supplies whom."""

import numpy as np
import pytest

from ingest.sandbox.founding import build_society
from ingest.sandbox.founding.firms import REGISTER_BEGINS_DAY
from ingest.sandbox.founding.staffing import HOUSES_WORKERS
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Plan, Scheme, Sector, Society, Work


@pytest.fixture(params=["small", "town"])
def society(request: pytest.FixtureRequest) -> Society:
    found: Society = request.getfixturevalue(request.param)
    return found


def count(society: Society, sector: Sector) -> int:
    return int((society.firms.sector == sector).sum())


def test_every_sector_the_economy_leans_on_is_there(society: Society) -> None:
    assert count(society, Sector.UTILITY) >= 2
    assert count(society, Sector.TELECOM) == 2
    assert count(society, Sector.LANDLORD) >= max(3, len(society.people) // 800)
    assert count(society, Sector.GAMBLING) == 3
    assert count(society, Sector.BROKER) == 2
    assert count(society, Sector.PUBLIC) >= 2
    assert society.firms.sells_online.sum() >= 6


def test_no_firm_is_older_than_the_register_and_no_day_founds_many(society: Society) -> None:
    days = society.firms.founded_day[society.firms.sector != Sector.SHELL]

    assert days.min() >= REGISTER_BEGINS_DAY
    assert days.min() < 5_000, "some are old"
    assert np.unique(days, return_counts=True)[1].max() < 2 + 0.01 * len(days)


@pytest.mark.parametrize("sector", [Sector.FOOD_RETAIL, Sector.LEISURE])
def test_each_neighbourhood_has_a_grocer_and_a_place_to_go(society: Society, sector: Sector) -> None:
    places = society.firms.neighbourhood[society.firms.sector == sector]

    assert set(places.tolist()) == set(range(society.neighbourhoods))


def test_everyone_employed_has_a_job_and_every_job_someone(society: Society) -> None:
    people, firms = society.people, society.firms
    employed = people.employer != NONE

    assert (employed == (people.work == Work.EMPLOYED)).all()
    assert np.bincount(people.employer[employed], minlength=len(firms)).tolist() == firms.staff.tolist()
    assert ((firms.staff == 0) == (firms.sector == Sector.SHELL)).all()


def test_sizes_are_heavy_tailed(town: Society) -> None:
    private = town.firms.staff[~np.isin(town.firms.sector, [Sector.PUBLIC, Sector.SHELL])]
    employees = town.firms.staff.sum()

    assert ((private >= 2) & (private <= 20)).mean() > 0.6
    assert 0.02 <= private.max() / employees <= 0.031
    assert np.sort(private)[::-1][: len(private) // 10].sum() / private.sum() > 0.4


def test_schools_and_offices_employ_their_share(town: Society) -> None:
    assert town.firms.staff[town.firms.sector == Sector.PUBLIC].sum() / town.firms.staff.sum() == pytest.approx(0.18, abs=0.005)


def test_most_work_near_home(town: Society) -> None:
    people = town.people
    employed = people.employer != NONE
    far = np.abs(town.firms.neighbourhood[people.employer[employed]] - people.neighbourhood[employed])

    assert (far <= 1).mean() >= 0.55


def test_an_employers_housing_is_of_one_employer(town: Society) -> None:
    housed = town.look_alikes.kind == 2
    for group in np.unique(town.look_alikes.group[housed]):
        employers = town.people.employer[town.look_alikes.person[town.look_alikes.group == group]]
        assert len(set(employers.tolist())) == 1
        assert town.firms.sector[employers[0]] in HOUSES_WORKERS


def test_owners_are_self_employed_persons_of_flesh_and_blood(society: Society) -> None:
    people, firms = society.people, society.firms
    owned = firms.owner != NONE
    owners = firms.owner[owned & (firms.sector != Sector.SHELL)]

    assert (people.work[owners] == Work.SELF_EMPLOYED).all()
    assert (people.plan[owners] != Plan.SYNTHETIC).all()
    assert len(set(owners.tolist())) == len(owners)
    assert ((firms.owner_share_pct > 50) == owned).all()


def test_shells_belong_to_owners_of_platforms_that_finance_them(society: Society) -> None:
    lenders, firms = society.lenders, society.firms
    owners = lenders.owner[lenders.scheme == Scheme.FINANCES_OWNERS]

    assert len(owners) >= 1
    for owner in owners:
        assert ((firms.sector == Sector.SHELL) & (firms.owner == owner)).sum() == 3
    assert count(society, Sector.SHELL) == 3 * len(owners)


def test_trade_links_are_sorted_unique_and_lead_elsewhere(society: Society) -> None:
    firms = society.firms
    links = list(zip(firms.buyer.tolist(), firms.supplier.tolist(), strict=True))

    assert links == sorted(set(links))
    assert all(buyer != supplier for buyer, supplier in links)
    assert np.bincount(firms.buyer).max() <= 5
    assert (firms.sector[firms.buyer] <= Sector.PUBLIC).all()


def test_a_few_suppliers_serve_many(town: Society) -> None:
    served = np.sort(np.bincount(town.firms.supplier, minlength=len(town.firms)))[::-1]

    assert served[0] > 20 * served[served > 0].mean() / 4
    assert served[: len(served) // 50].sum() / served.sum() > 0.10


@pytest.mark.parametrize("persons", [1_000, 2_000, 20_000])
def test_half_of_the_platforms_are_honest_at_any_size(persons: int) -> None:
    lenders = build_society(Scale(persons)).lenders
    schemes = lenders.scheme[lenders.is_platform]
    fraud = lenders.scheme != Scheme.HONEST

    assert len(lenders) == 21
    assert (schemes == Scheme.HONEST).sum() == 7
    assert set(schemes.tolist()) == set(Scheme)
    assert not fraud[~lenders.is_platform].any()
    assert ((lenders.scheme_month >= 12) & (lenders.scheme_month <= 42) == fraud).all()
    assert ((lenders.owner != NONE) == lenders.is_platform).all()
    assert len(set(lenders.owner[lenders.is_platform].tolist())) == 14
