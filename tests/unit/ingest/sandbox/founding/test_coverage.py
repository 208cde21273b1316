"""What is on file: thin files, coverage, consents, the protected group; and communities and devices beside them."""

import numpy as np
import pytest

from graph.vocabulary import Family
from ingest.sandbox.founding import build_society
from ingest.sandbox.founding.coverage import OWN_RECORDS
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.society import NONE, Coverage, Plan, Society, Work


def share(society: Society, bit: Coverage, *, thin: bool) -> float:
    people = society.people
    return float(((people.coverage[people.thin == thin] & bit) > 0).mean())


@pytest.mark.parametrize("wanted", [0.0, 0.4, 0.9])
def test_the_knob_sets_the_share_of_thin_files(wanted: float) -> None:
    people = build_society(Scale(2_000, knobs=Knobs(thin_share=wanted))).people

    assert people.thin.mean() == pytest.approx(wanted, abs=0.001)


def test_a_thin_person_has_at_most_one_record_of_their_own(town: Society) -> None:
    own = sum(((town.people.coverage & bit) > 0).astype(int) for bit in OWN_RECORDS)

    assert own[town.people.thin].max() == 1
    assert own[~town.people.thin].mean() > 2


@pytest.mark.parametrize(("bit", "wanted"), [(Coverage.SHOP, 0.75), (Coverage.BANK, 0.16), (Coverage.PAYROLL, 0.70)])
def test_institutions_know_their_share_of_thick_persons(town: Society, bit: Coverage, wanted: float) -> None:
    assert share(town, bit, thin=False) == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("bit", [Coverage.TELECOM, Coverage.ADDRESS_BOOK, Coverage.COMMUNITY])
def test_social_records_of_thin_persons_are_to_be_had(town: Society, bit: Coverage) -> None:
    assert share(town, bit, thin=True) > 0.2


def test_the_young_and_the_poor_are_thin_more_often(town: Society) -> None:
    people = town.people
    young = people.birth_day > np.quantile(people.birth_day, 0.9)
    poor = people.work == Work.WITHOUT

    assert people.thin[young].mean() > people.thin.mean() + 0.1
    assert people.thin[poor].mean() > people.thin.mean() + 0.1


@pytest.mark.parametrize(
    ("family", "lacking"),
    [(Family.DATA, 0.01), (Family.LIFE, 0.02), (Family.SOCIAL, 0.06), (Family.COMMUNITY, 0.04), (Family.CREDIT, 0.0)],
)
def test_a_few_give_no_basis_for_a_family(town: Society, family: Family, lacking: float) -> None:
    bit = 1 << list(Family).index(family)

    assert ((town.people.consented & bit) == 0).mean() == pytest.approx(lacking, abs=0.006)


def test_the_protected_group_goes_with_circumstance_alone(town: Society) -> None:
    people = town.people
    employed = people.work == Work.EMPLOYED
    by_place = [people.protected_group[people.neighbourhood == n].mean() for n in range(town.neighbourhoods)]

    assert set(people.protected_group.tolist()) == {0, 1}
    assert people.protected_group.mean() == pytest.approx(0.30, abs=0.01)
    assert np.std(by_place) > 0.1
    assert np.corrcoef(people.protected_group[employed], people.wage_minor[employed])[0, 1] < -0.02
    assert np.corrcoef(people.protected_group, people.thin)[0, 1] > 0.03
    for trait in (people.willingness, people.thrift, people.craving):
        assert abs(np.corrcoef(people.protected_group, trait)[0, 1]) < 0.1


def test_people_join_up_to_four_communities(town: Society) -> None:
    groups = town.groups
    joined = np.bincount(groups.person, minlength=len(town.people))
    pairs = groups.person.astype(np.int64) * len(groups.kinds) + groups.community

    assert len(groups.kinds) == 20_000 // 150
    assert joined.max() <= 4
    assert 0.7 <= joined.mean() <= 1.4
    assert (np.diff(pairs) > 0).all()
    assert groups.joined.min() == NONE
    assert groups.joined.max() < 48


def test_the_smallest_economy_has_twelve_communities() -> None:
    assert len(build_society(Scale(1_000)).groups.kinds) == 12


def test_members_of_a_community_live_nearer_than_chance(town: Society) -> None:
    place = town.people.neighbourhood[town.groups.person].astype(float)
    within = [place[town.groups.community == c].std() for c in np.unique(town.groups.community)]

    assert np.median(within) < 0.5 * place.std()


def test_everyone_has_one_to_three_devices_and_some_share_one(town: Society) -> None:
    devices = town.devices
    honest = town.people.plan != Plan.SYNTHETIC
    used = np.bincount(devices.person, minlength=len(town.people))
    users = np.bincount(devices.device)

    assert used.min() >= 1
    assert 1 <= used[honest].mean() <= 2.5
    assert (users > 1).sum() > 0.05 * devices.count
    assert devices.since.min() == NONE
    assert devices.since.max() < 48
