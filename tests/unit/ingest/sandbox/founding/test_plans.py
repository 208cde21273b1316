"""Adversaries and those who only look like them: numbers, rings, circles, months, and that all hang on one knob."""

import numpy as np
import pytest

from ingest.sandbox.founding import build_society
from ingest.sandbox.founding.plans import SHARES, SHARES_AT_RINGS
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.society import NONE, Misuse, Plan, Society

RINGS = SHARES_AT_RINGS


@pytest.fixture(scope="module")
def some() -> Society:
    return build_society(Scale(20_000, knobs=Knobs(ring_share=RINGS)))


@pytest.fixture(scope="module")
def many() -> Society:
    return build_society(Scale(20_000, knobs=Knobs(ring_share=3 * RINGS)))


def test_without_rings_nobody_has_a_plan(ringless: Society) -> None:
    people = ringless.people

    assert (people.plan == Plan.HONEST).all()
    assert (people.plan_month == NONE).all()
    assert (people.gang == NONE).all()
    assert (people.misuse == Misuse.NONE).all()


def test_synthetic_identities_are_their_share_of_all_persons(some: Society, many: Society) -> None:
    assert (some.people.plan == Plan.SYNTHETIC).sum() == 120
    assert (many.people.plan == Plan.SYNTHETIC).sum() == 360


@pytest.mark.parametrize("plan", SHARES)
def test_other_plans_go_with_the_share_of_rings(some: Society, many: Society, plan: Plan) -> None:
    assert (some.people.plan == plan).sum() == pytest.approx(SHARES[plan] * 20_000, rel=0.02)
    assert (many.people.plan == plan).sum() == pytest.approx(3 * SHARES[plan] * 20_000, rel=0.03)


def test_rings_have_five_to_fifteen_members(many: Society) -> None:
    rings = np.bincount(many.people.gang[many.people.plan == Plan.SYNTHETIC])

    assert rings.min() >= 5
    assert rings.max() <= 15
    assert len(set(rings.tolist())) > 3


@pytest.mark.parametrize(("identities", "sizes"), [(5, [5]), (15, [15]), (16, [5, 11])])
def test_no_identity_is_left_without_a_ring(identities: int, sizes: list[int]) -> None:
    people = build_society(Scale(1_000, knobs=Knobs(ring_share=identities / 1_000))).people
    rings = np.bincount(people.gang[people.plan == Plan.SYNTHETIC])

    assert rings.sum() == sum(sizes)
    assert rings.min() >= 5
    assert rings.max() <= 15


def test_a_ring_shares_a_home_or_two_and_up_to_three_devices(many: Society) -> None:
    people, devices = many.people, many.devices
    for ring in np.unique(people.gang[people.plan == Plan.SYNTHETIC]):
        members = np.flatnonzero(people.gang == ring)
        used = devices.device[np.isin(devices.person, members)]
        assert len(set(people.home[members].tolist())) <= 2
        assert 1 <= len(set(used.tolist())) <= 3
        assert set(devices.person[np.isin(devices.device, used)].tolist()) == set(members.tolist())


def test_a_ring_busts_out_within_three_months(many: Society) -> None:
    people = many.people
    for ring in np.unique(people.gang[people.plan == Plan.SYNTHETIC]):
        assert np.ptp(people.plan_month[people.gang == ring]) <= 2


def test_plans_act_from_month_eight_to_the_fourth_last(many: Society) -> None:
    up_to_something = many.people.plan != Plan.HONEST

    assert ((many.people.plan_month != NONE) == up_to_something).all()
    assert many.people.plan_month[up_to_something].min() >= 8
    assert many.people.plan_month[up_to_something].max() <= 44


def test_circles_are_three_to_five_who_do_not_know_each_other(many: Society) -> None:
    people, ties = many.people, many.ties
    circlers = people.plan == Plan.CIRCLER
    sizes = np.bincount(people.gang[circlers])
    both = circlers[ties.a] & circlers[ties.b]

    assert people.gang[circlers].min() == people.gang[people.plan == Plan.SYNTHETIC].max() + 1
    assert set(sizes[sizes > 0].tolist()) <= {3, 4, 5}
    assert not (people.gang[ties.a[both]] == people.gang[ties.b[both]]).any()
    for circle in np.unique(people.gang[circlers]):
        assert len(set(people.plan_month[people.gang == circle].tolist())) == 1


def test_only_rings_and_circles_have_gangs(many: Society) -> None:
    together = np.isin(many.people.plan, [Plan.SYNTHETIC, Plan.CIRCLER])

    assert ((many.people.gang != NONE) == together).all()


def test_misuse_is_of_all_kinds_and_of_misusers_alone(many: Society) -> None:
    people = many.people

    assert ((people.misuse != Misuse.NONE) == (people.plan == Plan.MISUSER)).all()
    assert set(people.misuse.tolist()) == set(Misuse)


def test_a_hundred_groups_look_like_rings_and_are_honest(small: Society) -> None:
    people, groups = small.people, small.look_alikes
    kinds = [len(np.unique(groups.group[groups.kind == kind])) for kind in range(3)]

    assert kinds == [34, 33, 33]
    assert (people.plan[groups.person] == Plan.HONEST).all()
    assert len(set(groups.person.tolist())) == len(groups.person)


def test_look_alikes_share_a_home_and_a_device_as_rings_do(small: Society) -> None:
    people, groups, devices = small.people, small.look_alikes, small.devices
    sizes = np.bincount(groups.group)

    assert sizes.min() >= 5
    assert sizes.max() <= 9
    for group in np.unique(groups.group):
        members = groups.person[groups.group == group]
        shared = devices.device[np.isin(devices.person, members)]
        assert len(set(people.home[members].tolist())) == 1
        assert (people.home == people.home[members[0]]).sum() == len(members)
        assert (np.bincount(shared) == len(members)).sum() >= 1


def test_the_unwilling_have_plans_more_often(many: Society) -> None:
    chosen = ~np.isin(many.people.plan, [Plan.HONEST, Plan.SYNTHETIC])

    assert many.people.willingness[chosen].mean() < -0.3
