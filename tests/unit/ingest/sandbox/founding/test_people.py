"""Homes, ages, traits and incomes against what registers publish, and what must hold for every single person."""

import numpy as np
import pytest

from ingest.sandbox.founding.residents import DAYS_A_YEAR, FIRST_DAY
from ingest.sandbox.knobs import Knobs
from ingest.sandbox.society import NONE, Plan, Society, Work


def housemates(society: Society) -> tuple[np.ndarray, np.ndarray]:
    """Neighbouring rows of one household."""
    first = np.flatnonzero(society.people.household[1:] == society.people.household[:-1])
    return first, first + 1


def test_made_up_identities_come_last(small: Society) -> None:
    made_up = small.people.plan == Plan.SYNTHETIC

    assert made_up.sum() == round(Knobs.ring_share * 2_000) > 0
    assert made_up[-made_up.sum() :].all()


def test_all_are_adults_of_at_most_eighty_five(town: Society) -> None:
    years = (FIRST_DAY - town.people.birth_day) / DAYS_A_YEAR

    assert years.min() >= 18
    assert years.max() <= 85.1
    assert 0.16 <= (years >= 65).mean() <= 0.25  # Destatis 2022: 22 % of all ages, 27 % of adults; the oldest are left out


def test_most_households_hold_one_or_two_adults(town: Society) -> None:
    adults = np.bincount(np.bincount(town.people.household))[1:]

    one, two, more = adults[0] / adults.sum(), adults[1] / adults.sum(), adults[2:].sum() / adults.sum()

    assert 0.38 <= one <= 0.50
    assert 0.40 <= two <= 0.50
    assert 0.05 <= more <= 0.15


@pytest.mark.parametrize("trait", ["willingness", "ability", "thrift", "craving", "sociability"])
def test_traits_are_standard_normal(town: Society, trait: str) -> None:
    value = getattr(town.people, trait).astype(float)

    assert value.mean() == pytest.approx(0, abs=1e-3)
    assert value.std() == pytest.approx(1, abs=1e-3)
    assert abs((value**3).mean()) < 0.1
    assert (value**4).mean() == pytest.approx(3, abs=0.2)


def test_traits_go_together_a_little(town: Society) -> None:
    people = town.people

    assert np.corrcoef(people.willingness, people.ability)[0, 1] == pytest.approx(0.15, abs=0.05)
    assert np.corrcoef(people.ability, people.thrift)[0, 1] == pytest.approx(0.20, abs=0.05)


def test_housemates_are_more_alike_than_neighbours(town: Society) -> None:
    willingness, neighbourhood = town.people.willingness, town.people.neighbourhood
    one, other = housemates(town)
    shuffled = np.random.default_rng(1).permutation(len(willingness))
    order = shuffled[np.argsort(neighbourhood[shuffled], kind="stable")]
    near = neighbourhood[order[1:]] == neighbourhood[order[:-1]]

    at_home = np.corrcoef(willingness[one], willingness[other])[0, 1]
    next_door = np.corrcoef(willingness[order[1:][near]], willingness[order[:-1][near]])[0, 1]

    assert at_home == pytest.approx(0.35, abs=0.05)
    assert next_door == pytest.approx(0.10, abs=0.05)


def test_shares_of_work(town: Society) -> None:
    share = np.bincount(town.people.work, minlength=len(Work)) / len(town.people)

    assert share[Work.EMPLOYED] == pytest.approx(0.62, abs=0.03)
    assert share[Work.SELF_EMPLOYED] == pytest.approx(0.09, abs=0.02)
    assert share[Work.RETIRED] == pytest.approx(0.21, abs=0.03)
    assert share[Work.WITHOUT] == pytest.approx(0.08, abs=0.02)


def test_wages_are_lognormal_and_follow_ability(town: Society) -> None:
    people = town.people
    employed = people.work == Work.EMPLOYED
    wage = np.log(people.wage_minor[employed] / 100)

    assert np.exp(np.median(wage)) == pytest.approx(2_150, rel=0.05)
    assert wage.std() == pytest.approx(0.40, abs=0.03)
    assert np.polyfit(people.ability[employed], wage, 1)[0] == pytest.approx(0.28, abs=0.03)
    assert (people.wage_minor[people.work == Work.WITHOUT] == 0).all()
    assert np.median(people.wage_minor[people.work == Work.RETIRED]) == pytest.approx(135_000, rel=0.05)


def test_tenants_pay_a_landlord_and_owners_nobody(town: Society) -> None:
    people = town.people

    assert ((people.rent_minor > 0) == (town.homes.landlord[people.home] != NONE)).all()
    assert (people.rent_minor > 0).mean() == pytest.approx(0.70, abs=0.02)


def test_a_household_splits_its_rent_equally(town: Society) -> None:
    one, other = housemates(town)

    assert (town.people.rent_minor[one] == town.people.rent_minor[other]).all()


def test_rent_takes_about_a_quarter_of_income(town: Society) -> None:
    people = town.people
    income = np.bincount(people.household, weights=people.wage_minor)
    rent = np.bincount(people.household, weights=people.rent_minor)
    earning = (rent > 0) & (income > 100_000)

    assert np.median(rent[earning] / income[earning]) == pytest.approx(0.28, abs=0.02)
