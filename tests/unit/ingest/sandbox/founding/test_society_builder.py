"""The whole society: every number points at a row, the same scale gives the same bits, extremes can be built."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from ingest.sandbox.founding import build_society
from ingest.sandbox.founding.residents import FEWEST_NEIGHBOURHOODS, PERSONS_A_NEIGHBOURHOOD
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.society import NONE, Sector, Society

PARTS = ("people", "homes", "firms", "ties", "groups", "devices", "lenders", "look_alikes")
EXTREMES = {
    "smallest": Scale(1_000, months=6),
    "most rings": Scale(1_000, knobs=Knobs(ring_share=0.05, thin_share=0.9, homophily=3)),
    "nothing": Scale(1_000, knobs=Knobs(homophily=0, ring_share=0, thin_share=0)),
    "too few for a ring": Scale(1_000, knobs=Knobs(ring_share=0.001)),
    "odd number": Scale(1_777, months=17, seed=0),
}


def arrays(society: Society) -> dict[str, Any]:
    return {
        f"{part}.{field.name}": getattr(getattr(society, part), field.name)
        for part in PARTS
        for field in fields(getattr(society, part))
    }


def check(society: Society, persons: int) -> None:
    """Every array has its rows and every number stands for something."""
    people, firms, homes = society.people, society.firms, society.homes
    for part in ("people", "firms", "ties", "lenders", "homes", "look_alikes"):
        rows = {len(value) for name, value in arrays(society).items() if name.startswith(part) and "firms.buyer" != name}
        assert len(rows - {len(firms.supplier)}) == 1, part
    assert len(people) == persons

    def within(numbers: Any, count: int, lowest: int = 0) -> None:
        assert numbers.size == 0 or (numbers.min() >= lowest and numbers.max() < count)

    within(people.home, len(homes.neighbourhood))
    within(people.neighbourhood, society.neighbourhoods)
    within(people.employer, len(firms), NONE)
    within(firms.owner, persons, NONE)
    within(firms.neighbourhood, society.neighbourhoods)
    within(homes.landlord, len(firms), NONE)
    within(firms.buyer, len(firms))
    within(firms.supplier, len(firms))
    within(society.ties.b, persons)
    within(society.groups.person, persons)
    within(society.groups.community, len(society.groups.kinds))
    within(society.devices.person, persons)
    within(society.lenders.owner, persons, NONE)
    within(society.look_alikes.person, persons)
    assert set(society.devices.device.tolist()) == set(range(society.devices.count))
    assert (homes.neighbourhood[people.home] == people.neighbourhood).all()
    assert (firms.sector[homes.landlord[homes.landlord != NONE]] == Sector.LANDLORD).all()
    assert (firms.sector[people.grocer] == Sector.FOOD_RETAIL).all()
    assert (firms.neighbourhood[people.grocer] == people.neighbourhood).all()
    assert (firms.sector[people.haunt] == Sector.LEISURE).all()
    assert firms.sells_online[people.shop].all()


@pytest.mark.parametrize("name", EXTREMES)
def test_every_number_points_at_a_row_at_the_extremes(name: str) -> None:
    check(build_society(EXTREMES[name]), EXTREMES[name].persons)


def test_every_number_points_at_a_row_in_a_town(town: Society) -> None:
    check(town, 20_000)


def test_neighbourhoods_hold_about_six_hundred_persons(town: Society, small: Society) -> None:
    assert town.neighbourhoods == round(20_000 / PERSONS_A_NEIGHBOURHOOD)
    assert small.neighbourhoods == FEWEST_NEIGHBOURHOODS
    assert np.bincount(town.people.neighbourhood, minlength=town.neighbourhoods).min() > PERSONS_A_NEIGHBOURHOOD / 4


def test_the_same_scale_gives_the_same_bits(small: Society) -> None:
    again = arrays(build_society(Scale(2_000)))

    for name, value in arrays(small).items():
        assert np.array_equal(value, again[name]), name
        assert np.asarray(value).dtype == np.asarray(again[name]).dtype, name


def test_another_seed_gives_another_society(small: Society) -> None:
    other = arrays(build_society(Scale(2_000, seed=8)))

    same = {name for name, value in arrays(small).items() if np.array_equal(value, other[name])}

    # what follows from the sizes alone
    assert same <= {"groups.kinds", "lenders.is_platform", "look_alikes.kind"}


def test_homophily_moves_friendships_and_nothing_else(small: Society) -> None:
    other = arrays(build_society(Scale(2_000, knobs=Knobs(homophily=0))))

    moved = {name for name, value in arrays(small).items() if not np.array_equal(value, other[name])}

    assert {name.split(".")[0] for name in moved} == {"ties"}


def test_no_array_is_wider_than_it_need_be(town: Society) -> None:
    money = {"people.wage_minor", "people.rent_minor"}
    wide = {name for name, value in arrays(town).items() if isinstance(value, np.ndarray) and value.itemsize > 4}

    assert wide == money
