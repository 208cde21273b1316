"""The friendship graph: a simple graph by construction, shaped like published ones, and homophily turns likeness."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding import build_society, circles
from ingest.sandbox.founding.livelihood import build_livelihood
from ingest.sandbox.founding.plans import build_plans
from ingest.sandbox.founding.residents import build_residents
from ingest.sandbox.founding.ties import build_ties
from ingest.sandbox.founding.traits import build_traits
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.society import NONE, Plan, Society, TieKind


def degrees(society: Society) -> np.ndarray:
    return np.bincount(np.r_[society.ties.a, society.ties.b], minlength=len(society.people))


def likeness(society: Society, kind: TieKind = TieKind.FRIEND) -> float:
    """Correlation of willingness over ties of a kind, each taken both ways."""
    of_kind = society.ties.kind == kind
    a, b = society.people.willingness[society.ties.a[of_kind]], society.people.willingness[society.ties.b[of_kind]]
    return float(np.corrcoef(np.r_[a, b], np.r_[b, a])[0, 1])


def test_ties_are_sorted_and_unique_and_of_two_people(town: Society) -> None:
    ties = town.ties
    key = ties.a.astype(np.int64) * len(town.people) + ties.b

    assert (ties.a < ties.b).all()
    assert (np.diff(key) > 0).all()
    assert set(np.unique(ties.kind).tolist()) == set(TieKind)
    assert ties.strength.min() > 0
    assert ties.strength.max() <= 1
    assert set(np.unique(ties.helper).tolist()) == {0, 1, 2}


def test_ties_live_within_the_months(town: Society) -> None:
    ties = town.ties

    assert (ties.dead > np.maximum(ties.born, 0)).all()
    assert ties.born.min() == NONE
    assert ties.born.max() < 48
    assert ties.dead.max() == 48
    assert (ties.born > 0).mean() == pytest.approx(0.15, abs=0.02)
    assert (ties.dead < 48).mean() == pytest.approx(0.15, abs=0.02)


def test_degrees_are_like_those_of_social_networks(town: Society) -> None:
    """A mean of nine; skewed as in phone networks (Onnela and others 2007), without the reach of celebrities."""
    degree = degrees(town)

    assert degree.mean() == pytest.approx(9, abs=1)
    assert np.median(degree) < degree.mean()
    assert 60 < degree.max() < 400
    assert np.quantile(degree, 0.99) > 3 * degree.mean()
    assert (degree == 0).mean() < 0.02


def test_friends_of_friends_are_friends(small: Society) -> None:
    """Average clustering between 0.12 and 0.25, as published for phone and acquaintance networks (Newman 2003, table II)."""
    graph = nx.Graph(zip(small.ties.a.tolist(), small.ties.b.tolist(), strict=True))

    assert 0.12 <= nx.average_clustering(graph) <= 0.25


def test_nearly_everyone_hangs_together(small: Society) -> None:
    graph = nx.Graph(zip(small.ties.a.tolist(), small.ties.b.tolist(), strict=True))

    assert max(len(part) for part in nx.connected_components(graph)) > 0.97 * len(small.people)


def test_homophily_turns_the_likeness_of_friends(town: Society) -> None:
    without = build_society(Scale(20_000, knobs=Knobs(homophily=0)))
    double = build_society(Scale(20_000, knobs=Knobs(homophily=2)))

    assert likeness(without) == pytest.approx(0.03, abs=0.04)
    assert likeness(town) == pytest.approx(0.25, abs=0.05)
    assert likeness(double) > likeness(town) + 0.1
    assert likeness(without, TieKind.COLLEAGUE) == pytest.approx(likeness(town, TieKind.COLLEAGUE), abs=0.03)


def test_homophily_leaves_the_number_of_ties(town: Society) -> None:
    without = build_society(Scale(20_000, knobs=Knobs(homophily=0)))

    assert len(without.ties) == pytest.approx(len(town.ties), rel=0.02)


def test_sociable_people_know_more(town: Society) -> None:
    assert np.corrcoef(town.people.sociability, np.log1p(degrees(town)))[0, 1] > 0.3


def test_households_are_kin_unless_they_only_share_a_flat(town: Society) -> None:
    ties, people = town.ties, town.people
    same_home = people.household[ties.a] == people.household[ties.b]
    kin_ties = ((ties.kind == TieKind.KIN) & same_home).sum()
    adults = np.bincount(people.household).astype(int)

    assert (ties.kind[same_home] == TieKind.KIN).all()
    assert kin_ties == (adults * (adults - 1) // 2).sum()


def test_kin_are_closest_and_neighbours_least(town: Society) -> None:
    mean = [town.ties.strength[town.ties.kind == kind].mean() for kind in TieKind]

    assert mean[TieKind.KIN] > mean[TieKind.FRIEND] > mean[TieKind.COLLEAGUE] > mean[TieKind.NEIGHBOUR]


def test_the_older_of_kin_help_the_younger(town: Society) -> None:
    ties, birth = town.ties, town.people.birth_day
    apart = (ties.kind == TieKind.KIN) & (np.abs(birth[ties.a] - birth[ties.b]) > 16 * 365)
    elder_helps = np.where(birth[ties.a] < birth[ties.b], 1, 2)[apart]

    assert set(np.unique(ties.helper[apart])) <= {0, 1, 2}
    assert (ties.helper[apart] == elder_helps).mean() == pytest.approx(0.8, abs=0.03)
    assert not ((ties.helper[apart] != elder_helps) & (ties.helper[apart] != 0)).any()


def test_help_goes_both_ways_in_most_other_ties(town: Society) -> None:
    others = town.ties.kind != TieKind.KIN

    assert (town.ties.helper[others] == 0).mean() == pytest.approx(0.6, abs=0.02)


def test_made_up_identities_know_their_ring_and_hardly_anyone_else(town: Society) -> None:
    ties, people = town.ties, town.people
    made_up = people.plan == Plan.SYNTHETIC
    inside, across = made_up[ties.a] & made_up[ties.b], made_up[ties.a] ^ made_up[ties.b]

    assert (people.gang[ties.a[inside]] == people.gang[ties.b[inside]]).all()
    assert ties.strength[across].max() < 0.1
    assert np.bincount(ties.b[across], minlength=len(people))[made_up].max() <= 3
    assert not (ties.kind[inside | across] == TieKind.KIN).any()


def test_a_tie_keeps_its_luck_when_others_come_or_go(town: Society) -> None:
    other = build_society(Scale(20_000, knobs=Knobs(homophily=2)))
    rows = [
        {(a, b, k): s for a, b, k, s in zip(t.a.tolist(), t.b.tolist(), t.kind.tolist(), t.strength.tolist(), strict=True)}
        for t in (town.ties, other.ties)
    ]
    shared = rows[0].keys() & rows[1].keys()

    assert len(shared) > 0.3 * len(rows[0])
    assert all(rows[0][tie] == rows[1][tie] for tie in shared)


def test_bringing_friends_together_closes_triangles(small: Society, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circles, "_CLOSURES", 0.0)
    without = build_society(Scale(2_000))
    closed, left_open = (
        sum(nx.triangles(nx.Graph(zip(s.ties.a.tolist(), s.ties.b.tolist(), strict=True))).values()) / 3
        for s in (small, without)
    )
    more_ties = len(small.ties) - len(without.ties)

    assert closed - left_open > more_ties > 0


def test_children_who_moved_out_mostly_know_both_parents(town: Society) -> None:
    """Each has two ties of kin into the same other household."""
    ties, people = town.ties, town.people
    elsewhere = (ties.kind == TieKind.KIN) & (people.household[ties.a] != people.household[ties.b])
    older_is_a = people.birth_day[ties.a] < people.birth_day[ties.b]
    apart = elsewhere & (np.abs(people.birth_day[ties.a] - people.birth_day[ties.b]) > 16 * 365)
    elder, child = np.where(older_is_a, ties.a, ties.b)[apart], np.where(older_is_a, ties.b, ties.a)[apart]
    _, parents = np.unique(child.astype(np.int64) * len(people) + people.household[elder], return_counts=True)

    assert (parents == 2).mean() > 0.4
    assert (parents <= 2).mean() > 0.97


def test_two_of_one_circle_of_sham_payments_are_no_friends() -> None:
    scale, draws = Scale(1_000), Draws(7)
    residents = build_residents(scale, draws)
    traits = build_traits(residents, draws)
    livelihood = build_livelihood(residents, traits, draws)
    plans = build_plans(scale, residents, traits, draws)
    employer = np.full(1_000, NONE, np.int32)
    before = build_ties(scale, residents, traits, livelihood, employer, plans, draws)
    a, b = int(before.a[100]), int(before.b[100])
    plan, gang = plans.plan.copy(), plans.gang.copy()
    plan[[a, b]], gang[[a, b]] = Plan.CIRCLER, 99

    after = build_ties(scale, residents, traits, livelihood, employer, replace(plans, plan=plan, gang=gang), draws)

    assert len(after) == len(before) - 1
    assert not ((after.a == a) & (after.b == b)).any()
