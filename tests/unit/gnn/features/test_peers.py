"""Peers and their latest applications: what was known before the subject's instant counts, the rest leaves no trace."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gnn.features.peers
from gnn.examples import NO_LOAN, Examples
from gnn.features.peers import PeerApplications, PeerGroup, Way, find_peers, group_paths, way_of
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.features.walk import Walk
from graph.identity import NodeKey
from graph.snapshot import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType
from tests.support.snapshots import (
    ACCOUNT,
    HOLDS,
    KNOWS,
    LOAN,
    PAID,
    PERSON,
    SAME_AS,
    Rows,
    expected_standing,
    fact,
    graphs,
    in_memory,
    key,
)

LIVES_AT = EdgeType(PERSON, RelType.LIVES_AT, NodeLabel.ADDRESS)
HELD_AT = EdgeType(ACCOUNT, RelType.HELD_AT, NodeLabel.LENDER)
APPLIED_FOR = EdgeType(PERSON, RelType.APPLIED_FOR, LOAN)
FRIENDS, HOME = PeerGroup(Way.TIED, Family.SOCIAL), PeerGroup(Way.BELONGING, Family.LIFE)
TIES = [fact(KNOWS, 1, 1, 2, 100), fact(LIVES_AT, 2, 1, 9, 100), fact(LIVES_AT, 3, 3, 9, 100)]  # 1 knows 2, lives with 3
SUBJECT, FRIEND, LODGER = 1, 2, 3


def planned(snapshot: Snapshot) -> FeaturePlan:
    return plan_features(snapshot, PERSON, 10**6, Scope.NEIGHBOURS, currency="EUR")


def scored(snapshot: Snapshot, *asked: tuple[int, int, int]) -> Examples:
    """Examples of (person, second, loan), to be given in order of time; the loan is a number that stands for a row."""
    rows = [snapshot.row_of(PERSON, key(PERSON, person)) for person, _, _ in asked]
    as_of_s, loan = (np.array([one[at] for one in asked], np.int64) for at in (1, 2))
    standing = snapshot.standing(PERSON, np.array(rows, np.int64), as_of_s)
    return Examples(standing, as_of_s, loan, np.zeros(len(rows), np.int8), as_of_s)


def told(found: PeerApplications, subject: int = 0) -> dict[PeerGroup, list[int]]:
    """Positions by group, of groups that have any."""
    places = np.split(found.place, np.cumsum(found.counts.ravel())[:-1])
    mine = places[subject * len(found.groups) : (subject + 1) * len(found.groups)]
    return {group: some.tolist() for group, some in zip(found.groups, mine, strict=True) if len(some)}


def met(rows: Rows, *applied: tuple[int, int, int], asked: tuple[int, int, int] = (SUBJECT, 1000, 50)) -> object:
    """What is found for one subject among applications, each named by its loan."""
    snapshot = in_memory(rows)
    among = scored(snapshot, *applied)
    found = told(find_peers(snapshot, planned(snapshot), scored(snapshot, asked), among))
    return {group: among.loan_rows[places].tolist() for group, places in found.items()}


def test_latest_application_of_each_peer_by_how_it_is_met():
    found = met(TIES, (FRIEND, 300, 1), (LODGER, 400, 2), (FRIEND, 500, 3))
    assert found == {FRIENDS: [3], HOME: [2]}


@pytest.mark.parametrize("later_s", [1000, 1001, 9000])
def test_application_from_the_instant_on_leaves_nothing_but_its_absence(later_s):
    assert met(TIES, (FRIEND, 500, 1), (FRIEND, 999, 2)) == {FRIENDS: [2]}
    assert met(TIES, (FRIEND, 500, 1), (FRIEND, later_s, 2)) == met(TIES, (FRIEND, 500, 1)) == {FRIENDS: [1]}
    assert met(TIES, (FRIEND, later_s, 2)) == {}


def test_tie_known_from_the_instant_on_leads_nowhere():
    late = [*TIES[1:], fact(KNOWS, 1, 1, 2, 1000)]
    assert met(late, (FRIEND, 300, 1), (LODGER, 400, 2)) == {HOME: [2]}
    assert met(late, (FRIEND, 300, 1), asked=(SUBJECT, 1001, 50)) == {FRIENDS: [1]}


def test_the_loan_asked_about_is_passed_over_for_the_peers_one_before():
    shared = ((FRIEND, 300, 1), (FRIEND, 500, 50), (FRIEND, 600, 50))
    assert met(TIES, *shared) == {FRIENDS: [1]}
    assert met(TIES, *shared[1:]) == {}
    assert met(TIES, (FRIEND, 500, NO_LOAN), asked=(SUBJECT, 1000, NO_LOAN)) == {FRIENDS: [NO_LOAN]}


def test_the_subject_is_no_peer_of_its_own_by_any_name():
    own = ((SUBJECT, 300, 1), (4, 400, 2))
    assert met([*TIES, fact(KNOWS, 4, 1, 4, 100)], *own) == {FRIENDS: [2]}
    assert met([*TIES, fact(KNOWS, 4, 1, 4, 100), fact(SAME_AS, 5, 1, 4, 999)], *own) == {}


def test_a_peer_merged_by_then_counts_once_with_its_last_application_by_any_name():
    both = [*TIES, fact(KNOWS, 4, 1, 4, 100)]
    applied = ((4, 300, 1), (FRIEND, 400, 2))
    assert met(both, *applied) == {FRIENDS: [1, 2]}
    assert met([*both, fact(SAME_AS, 5, 2, 4, 1000)], *applied) == {FRIENDS: [1, 2]}
    assert met([*both, fact(SAME_AS, 5, 2, 4, 999)], *applied) == {FRIENDS: [2]}


@pytest.mark.parametrize("unknown", [1000, 2000])
def test_a_name_told_to_be_the_peers_later_is_not_looked_under(unknown):
    applied = ((7, 300, 1),)
    held = fact(LIVES_AT, 6, 7, 8, 100)  # so that the person is there
    assert met([*TIES, held, fact(SAME_AS, 5, 2, 7, 999)], *applied) == {FRIENDS: [1]}
    assert met([*TIES, held, fact(SAME_AS, 5, 2, 7, unknown)], *applied) == {}


def test_a_peer_met_over_several_paths_of_a_group_counts_once():
    assert met([*TIES, fact(KNOWS, 4, 2, 1, 100)], (FRIEND, 300, 1)) == {FRIENDS: [1]}


def test_nobody_is_met_at_a_lender():
    bank = [fact(HOLDS, 1, 1, 5, 100), fact(HOLDS, 2, 2, 6, 100), fact(HELD_AT, 3, 5, 8, 100), fact(HELD_AT, 4, 6, 8, 100)]
    assert met(bank, (FRIEND, 300, 1)) == {}
    assert met([*bank, fact(HOLDS, 5, 2, 5, 100)], (FRIEND, 300, 1)) == {PeerGroup(Way.DEALING, Family.DATA): [1]}


def test_of_a_crowd_the_most_recent_count(monkeypatch):
    monkeypatch.setattr(gnn.features.peers, "MOST_RECENT", 2)
    crowd = [fact(KNOWS, number, 1, number, 100) for number in range(2, 6)]
    assert met(crowd, *((number, 100 * number, number) for number in range(2, 6))) == {FRIENDS: [4, 5]}


def test_ways_follow_from_the_kind_of_path():
    out, account = Step(HOLDS, Direction.OUT), Step(PAID, Direction.OUT)
    at_home = Step(LIVES_AT, Direction.OUT)
    assert way_of((Step(KNOWS, Direction.IN),)) is Way.TIED
    assert way_of((out, account, out.back)) is Way.TIED  # paid straight from account to account
    assert way_of((out, account, account.back, out.back)) is Way.DEALING
    assert way_of((at_home, at_home.back)) is Way.BELONGING


def test_a_plan_of_own_history_has_no_peers():
    snapshot = in_memory(TIES)
    plan = plan_features(snapshot, PERSON, 10**6, Scope.OWN, currency="EUR")
    applied = scored(snapshot, (FRIEND, 300, 1), (SUBJECT, 1000, 2))
    found = find_peers(snapshot, plan, applied, applied)
    assert found.counts.shape == (2, 0)
    assert found.take(np.array([1])).counts.shape == (1, 0)


@settings(max_examples=60, deadline=None)
@given(
    graphs(edges=(KNOWS, HOLDS, PAID, SAME_AS)),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_all_that_is_found_is_what_looking_at_each_application_finds(rows, asked, draws):
    """Whoever else is asked about, in whatever order, and in pieces of two."""
    snapshot = in_memory(rows)
    asked = [one for one in sorted(asked, key=lambda one: one[1]) if snapshot.row_of(PERSON, key(PERSON, one[0])) is not None]
    if not asked:
        return
    plan, applied = planned(snapshot), scored(snapshot, *asked)
    index = np.array(draws.sample(range(len(asked)), draws.randint(1, len(asked))), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gnn.features.peers, "AT_ONCE", 2)
        alone = find_peers(snapshot, plan, applied.take(index), applied)
    taken = find_peers(snapshot, plan, applied, applied).take(index)
    assert taken.counts.tobytes() == alone.counts.tobytes()
    assert taken.place.tobytes() == alone.place.tobytes()
    for number, at in enumerate(index.tolist()):
        assert told(alone, number) == _expected(snapshot, rows, plan, asked, at)


def _expected(
    snapshot: Snapshot, rows: Rows, plan: FeaturePlan, asked: list[tuple[int, int, int]], at: int
) -> dict[PeerGroup, list[int]]:
    person, as_of_s, loan = asked[at]
    standing = expected_standing(rows, PERSON, as_of_s)
    latest: dict[NodeKey, int] = {}
    for place, (other, second, other_loan) in enumerate(asked):
        if second < as_of_s and other_loan != loan:
            latest[standing.get(key(PERSON, other), key(PERSON, other))] = place
    walk = Walk(snapshot, scored(snapshot, (person, as_of_s, loan)).rows, np.array([as_of_s]), PERSON)
    found: dict[PeerGroup, list[int]] = {}
    for group, paths in group_paths(plan).items():
        peers = Counter(snapshot.key_of(PERSON, int(row)) for path in paths for row in walk.nodes(path)[1])
        if places := sorted(latest[peer] for peer in peers if peer in latest):
            found[group] = places
    return found
