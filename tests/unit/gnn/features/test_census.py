"""Counts over everyone at the subject's venues are those found by looking at each fact, as of any instant."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gnn.features.bulk import build_in_bulk
from gnn.features.census import is_census
from gnn.features.masked import FeatureMask
from gnn.features.plan import Column, FeaturePlan, Scope, Statistic
from gnn.features.planning import plan_features
from gnn.features.table import build_features
from gnn.features.venue_timelines import venue_ties, venue_timeline
from gnn.features.walk import HUB_LIMIT
from graph.snapshot import Snapshot
from graph.snapshot.reader import EMPTY
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType
from tests.support.snapshots import (
    CONSENTED,
    ON_CONSENT,
    PERSON,
    SAME_AS,
    Rows,
    batches,
    consent,
    expected_recent,
    expected_standing,
    fact,
    in_memory,
    key,
    published,
    rows_of,
    version,
)

LOAN, COMPANY = NodeLabel.LOAN, NodeLabel.COMPANY
MISSED, REPAID, DEFAULTED = (EdgeType(PERSON, r, LOAN) for r in (RelType.MISSED, RelType.REPAID, RelType.DEFAULTED_ON))
LIVES_AT = EdgeType(PERSON, RelType.LIVES_AT, NodeLabel.PLACE)
WORKS_AT = EdgeType(PERSON, RelType.WORKS_AT, COMPANY)
BOUGHT = EdgeType(PERSON, RelType.BOUGHT_FROM, COMPANY)
EDGES = (LIVES_AT, LIVES_AT, WORKS_AT, WORKS_AT, MISSED, MISSED, REPAID, DEFAULTED, SAME_AS, CONSENTED)
PERSONS, SECONDS = 7, 12
EVERY = 10**6  # more facts than there are
ME, OTHER, THIRD = 1, 2, 3
HOME = 0


def society(seed: int, count: int = 60, first: int = 0) -> Rows:
    """Persons of several sources who move, change jobs and owe, with consents, corrections and claims of their own."""
    draw = np.random.default_rng(seed)
    rows = []
    for n in range(first, first + count):
        edge, second = EDGES[int(draw.integers(len(EDGES)))], int(draw.integers(SECONDS))
        person, other = (int(end) for end in draw.integers(PERSONS, size=2))
        if edge == SAME_AS and n % 2:
            continue
        if edge == CONSENTED:
            family = ("life", "credit")[int(draw.integers(2))]
            rows.append(consent(n, person, second, "granted" if draw.random() < 0.7 else "revoked", family=family))
            continue
        values = {"basis": ON_CONSENT[int(draw.random() < 0.25)]}
        values |= {"attested_by": "subject" if draw.random() < 0.15 else "institution"}
        values |= {"instalment": 1} if edge in (MISSED, REPAID) else {}
        values |= {"days_late": 3} if edge == REPAID else {}
        target = int(draw.integers(3))
        if edge in (WORKS_AT, MISSED) and draw.random() < 0.5:
            withdrawn = True if draw.random() < 0.3 else None
            series = int(draw.integers(4)) + 10 * EDGES.index(edge)
            rows.append(version(edge, n, series, person, target, second, withdrawn=withdrawn, **values))
        else:
            rows.append(fact(edge, n, person, other if edge == SAME_AS else target, second, **values))
    return rows


def planned(snapshot: Snapshot, label: NodeLabel = PERSON, unseen: frozenset[Step] = frozenset()) -> FeaturePlan:
    plan = plan_features(snapshot, label, 10**6, Scope.NEIGHBOURS, currency="CZK", unseen=unseen)
    return plan.only([i for i, c in enumerate(plan.columns) if is_census(c) or (c.over and "census" in c.over[0])])


def expected(rows: Rows, column: Column, person: int, as_of_s: int) -> int:
    """The column of one person, by a walk over every fact."""
    tie, back, outcome = column.path
    me = expected_standing(rows, tie.near, as_of_s).get(key(tie.near, person), key(tie.near, person))
    total = 0
    for venue in {other for _, other in expected_recent(rows, tie, me, as_of_s, EVERY)}:
        for member in {other for _, other in expected_recent(rows, back, venue, as_of_s, EVERY)} - {me}:
            total += len(expected_recent(rows, outcome, member, as_of_s, EVERY))
    return total


def check(rows: Rows, snapshot: Snapshot, asked: list[tuple[int, int]]) -> int:
    """Compare the table in bulk with the walks and with itself row by row; returns the sum of what was counted."""
    plan = planned(snapshot)
    persons = rows_of(snapshot, PERSON, [person for person, _ in asked])
    as_of_s = np.array([second for _, second in asked])
    table = build_in_bulk(snapshot, plan, persons, as_of_s).values
    counts = [i for i, column in enumerate(plan.columns) if is_census(column)]
    walked = [[expected(rows, plan.columns[i], *one) for i in counts] for one in asked]
    assert table[:, counts].tolist() == walked
    alone = [build_features(snapshot, plan, persons[i : i + 1], as_of_s[i : i + 1]).values for i in range(len(asked))]
    assert np.concatenate(alone).tobytes() == table.tobytes()
    return int(table[:, counts].sum())


def everyone(snapshot: Snapshot) -> list[tuple[int, int]]:
    there = [n for n in range(PERSONS) if snapshot.row_of(PERSON, key(PERSON, n)) is not None]
    return [(person, second) for second in (1, 4, 8, 9, SECONDS) for person in there]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_counts_are_those_of_a_walk_over_every_fact(seed):
    rows = society(seed)
    snapshot = in_memory(rows)
    check(rows, snapshot, everyone(snapshot))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.integers(0, 60))
def test_counts_of_a_base_with_deltas_are_those_of_a_walk_over_every_fact(tmp_path_factory, seed, cut):
    rows = society(seed)
    root: Path = tmp_path_factory.mktemp("snapshot")
    snapshot = published(root, rows[:cut], rows[cut:])
    check(rows, snapshot, everyone(snapshot))


def test_random_societies_have_something_to_count():
    counted = [check(society(seed), in_memory(society(seed)), [(n, SECONDS) for n in range(3)]) for seed in range(6)]
    assert min(counted) > 0
    assert sum(counted) > 50


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, SECONDS))
def test_what_is_known_at_or_after_the_instant_changes_no_bit(seed, as_of_s):
    # Consents are left out: taking one back later counts at once, for any instant.
    rows = [row for row in society(seed) if row[0] != CONSENTED and row[1]["basis"] != "consent"]
    later = [row for row in society(seed + 1, first=1_000) if row[0] != CONSENTED and row[1]["basis"] != "consent"]
    before = [row for row in rows if row[1]["known_at_s"] < as_of_s]
    after = [(edge, row | {"known_at_s": row["known_at_s"] + as_of_s}) for edge, row in later]
    then, now = in_memory(before), in_memory([*before, *after])
    plan = planned(in_memory(rows))
    persons = [n for n in range(PERSONS) if then.row_of(PERSON, key(PERSON, n)) is not None]
    values = [
        build_features(s, plan, rows_of(s, PERSON, persons), np.full(len(persons), as_of_s)).values.tobytes()
        for s in (then, now)
    ]
    assert values[0] == values[1]


def missed(number: int, person: int, known_at_s: int = 5, **values: object):
    return fact(MISSED, number, person, number, known_at_s, instalment=1, **values)


def lives(number: int, person: int, known_at_s: int = 2, place: int = HOME):
    return fact(LIVES_AT, number, person, place, known_at_s)


def count(snapshot: Snapshot, as_of_s: int = 10, edge: EdgeType = MISSED, tie: EdgeType = LIVES_AT, me: int = ME) -> float:
    path = (Step(tie, Direction.OUT), Step(tie, Direction.IN), Step(edge, Direction.OUT))
    columns = (Column("it", Family.LIFE, path, Statistic.CENSUS),)
    plan = FeaturePlan(PERSON, Scope.NEIGHBOURS, "CZK", columns)
    return float(build_features(snapshot, plan, rows_of(snapshot, PERSON, [me]), np.array([as_of_s])).values[0, 0])


def test_everyone_at_a_place_is_counted_beyond_what_a_walk_reads():
    members = range(2, 2 + 2 * HUB_LIMIT)
    rows = [lives(1, ME), *(lives(n, n) for n in members), *(missed(1_000 + n, n) for n in members)]
    assert count(in_memory(rows)) == 2 * HUB_LIMIT


def test_default_counts_once_the_move_is_known_and_not_before():
    snapshot = in_memory([lives(1, ME), missed(2, OTHER, 3), lives(3, OTHER, 6)])
    assert [count(snapshot, as_of_s) for as_of_s in (6, 7)] == [0, 1]


def test_who_no_longer_works_there_is_not_counted():
    job = {"tie": WORKS_AT}
    rows = [fact(WORKS_AT, 1, ME, 0, 1), version(WORKS_AT, 2, 9, OTHER, 0, 2), missed(3, OTHER, 3)]
    gone = [*rows, version(WORKS_AT, 4, 9, OTHER, 0, 6, withdrawn=True)]
    moved = [*rows, version(WORKS_AT, 4, 9, OTHER, 5, 6)]
    stayed = [*rows, version(WORKS_AT, 4, 9, OTHER, 0, 6, salary_minor=1, currency="CZK")]
    for changed, after in ((gone, 0), (moved, 0), (stayed, 1)):
        assert [count(in_memory(changed), as_of_s, **job) for as_of_s in (6, 7)] == [1, after]


def test_corrected_fact_counts_once():
    rows = [lives(1, ME), lives(2, OTHER)]
    rows += [version(MISSED, 3, 9, OTHER, 0, 3, instalment=1), version(MISSED, 4, 9, OTHER, 0, 6, instalment=2)]
    assert [count(in_memory(rows), as_of_s) for as_of_s in (4, 6, 7)] == [1, 1, 1]


def test_whoever_is_alone_counts_nothing_under_any_of_its_keys():
    rows = [lives(1, ME), missed(2, ME), missed(3, OTHER), lives(4, THIRD), missed(5, THIRD)]
    rows += [fact(SAME_AS, 6, ME, OTHER, 6), fact(SAME_AS, 7, THIRD, ME, 8)]
    snapshot = in_memory(rows)
    assert [count(snapshot, as_of_s) for as_of_s in (6, 7, 9)] == [1, 1, 0]
    assert count(snapshot, 9, me=OTHER) == 0


def test_default_told_of_by_one_source_counts_where_another_one_says_the_person_lives():
    rows = [lives(1, ME), lives(2, OTHER), missed(3, THIRD, 3), fact(SAME_AS, 4, OTHER, THIRD, 6)]
    assert [count(in_memory(rows), as_of_s) for as_of_s in (6, 7)] == [0, 1]


@pytest.mark.parametrize("edge", [LIVES_AT, MISSED])
def test_what_a_member_alone_asserts_is_not_counted(edge):
    rows = [lives(1, ME), lives(2, OTHER), missed(3, OTHER)]
    of_other = rows[1] if edge == LIVES_AT else rows[2]
    claimed = [(e, row | {"attested_by": "subject"}) if row is of_other[1] else (e, row) for e, row in rows]
    assert (count(in_memory(rows)), count(in_memory(claimed))) == (1, 0)


def test_consent_taken_back_ends_the_count_for_every_instant():
    rows = [lives(1, ME), lives(2, OTHER), missed(3, OTHER, 3, basis="consent"), consent(4, OTHER, 5, family="credit")]
    assert [count(in_memory(rows), as_of_s) for as_of_s in (5, 6)] == [0, 1]
    assert count(in_memory([*rows, consent(5, OTHER, 50, "revoked", family="credit")]), 6) == 0


def test_request_is_answered_from_all_that_is_published_at_the_venues_it_tells_of(tmp_path):
    snapshot = published(tmp_path, [lives(1, OTHER), missed(2, OTHER), missed(3, ME)])
    told = [lives(4, ME, 3), lives(5, THIRD, 3), missed(6, THIRD), missed(7, ME), missed(8, OTHER)]
    wider = snapshot.with_overlay(batches(told), as_of_s=9)
    assert count(snapshot) == 0, "nobody knew where the subject lives"
    assert count(wider) == 1
    assert count(wider.with_overlay(batches([lives(9, THIRD, 4)]), as_of_s=9)) == 1


def test_timelines_are_made_once_for_a_version_and_for_all_requests_on_it(tmp_path, monkeypatch):
    snapshot = published(tmp_path, [lives(1, ME), lives(2, OTHER), missed(3, OTHER)])
    assert count(snapshot) == 1
    monkeypatch.setattr("gnn.features.venue_timelines.lasting", None)
    monkeypatch.setattr("gnn.features.venue_ties.lasting", None)
    assert count(snapshot, 6) == 1
    assert count(snapshot.with_overlay(batches([missed(4, ME)]), as_of_s=9)) == 1


@pytest.mark.parametrize("at_once", [1, 5, 40])
def test_timelines_made_in_parts_are_those_made_at_once(monkeypatch, at_once):
    rows, tie, outcome = society(2, 200), Step(WORKS_AT, Direction.OUT), Step(MISSED, Direction.OUT)
    whole = in_memory(rows)
    ties, timeline = venue_ties(whole, tie), venue_timeline(whole, tie, outcome)
    assert min(len(ties.pair), len(timeline.begins), len(timeline.ends)) > 10
    monkeypatch.setattr("graph.ranges.AT_ONCE", at_once)
    again = in_memory(rows)
    made = venue_ties(again, tie), venue_timeline(again, tie, outcome)
    for before, after in zip((ties, timeline), made, strict=True):
        assert [column.tolist() for column in vars(before).values()] == [column.tolist() for column in vars(after).values()]


def test_merged_venue_is_all_the_rows_it_is_made_of():
    manages, missed_by = EdgeType(PERSON, RelType.MANAGES, COMPANY), EdgeType(COMPANY, RelType.MISSED, LOAN)
    rows = [fact(manages, 1, ME, 1, 1), fact(manages, 2, OTHER, 2, 1), fact(SAME_AS, 3, ME, OTHER, 4)]
    rows += [fact(missed_by, 4, 2, 0, 2, instalment=1), fact(missed_by, 5, 1, 0, 2, instalment=1)]
    snapshot = in_memory(rows)
    plan = planned(snapshot, COMPANY)
    (place,) = (i for i, c in enumerate(plan.columns) if is_census(c) and c.path[0].edge == manages)
    asked = rows_of(snapshot, COMPANY, [1, 1]), np.array([4, 5])
    assert build_features(snapshot, plan, *asked).values[:, place].tolist() == [0, 1]


@pytest.mark.parametrize("left_out", [Family.LIFE, Family.CREDIT, RelType.LIVES_AT, RelType.MISSED])
def test_what_is_left_out_counts_as_if_it_held_no_facts(left_out):
    rows = [row for row in society(4) if row[0] != CONSENTED]
    gone = {Family.LIFE: (LIVES_AT, WORKS_AT), Family.CREDIT: (MISSED, REPAID, DEFAULTED)}
    gone |= {RelType.LIVES_AT: (LIVES_AT,), RelType.MISSED: (MISSED,)}
    snapshot, less = in_memory(rows), in_memory([row for row in rows if row[0] not in gone[left_out]])
    plan, persons = planned(snapshot), [n for n in range(PERSONS) if less.row_of(PERSON, key(PERSON, n)) is not None]
    asked = rows_of(snapshot, PERSON, persons), np.full(len(persons), SECONDS)
    whole, without = build_features(snapshot, plan, *asked), build_features(snapshot, plan, *asked, frozenset({left_out}))
    assert without.values.tobytes() == build_features(less, plan, rows_of(less, PERSON, persons), asked[1]).values.tobytes()
    empty = build_features(EMPTY, plan, np.array([0]), np.array([SECONDS])).values[0]
    masked = FeatureMask(plan).apply_to_table(whole.values, empty, frozenset({left_out}))
    assert masked.tobytes() == without.values.tobytes()
    assert whole.values.tobytes() != without.values.tobytes()


def test_columns_are_those_of_paths_seen_where_people_live_work_and_belong():
    names = planned(in_memory([lives(1, ME), fact(WORKS_AT, 2, ME, 0, 2), missed(3, ME)])).names
    assert names == (
        "LIVES_AT.out.Place/LIVES_AT.in.Person/MISSED.out.Loan:census",
        "WORKS_AT.out.Company/WORKS_AT.in.Person/MISSED.out.Loan:census",
    )
    bought = fact(BOUGHT, 4, ME, 0, 2, amount_minor=5, currency="CZK")
    mailed = fact(EdgeType(PERSON, RelType.HAS_EMAIL, NodeLabel.EMAIL), 5, ME, 0, 2)
    assert planned(in_memory([bought, mailed, missed(3, ME)])).names == ()
    assert planned(in_memory([lives(1, ME, 10**6), missed(3, ME)])).names == (), "not seen in time"


def test_every_adverse_count_is_also_a_share_of_every_other_one():
    rows = [lives(1, ME), lives(2, OTHER), missed(3, OTHER), missed(4, OTHER), fact(DEFAULTED, 5, OTHER, 0, 5)]
    rows += [fact(REPAID, 6 + n, OTHER, n, 5, instalment=1, days_late=0) for n in range(4)]
    snapshot = in_memory(rows)
    plan = planned(snapshot)
    values = build_features(snapshot, plan, rows_of(snapshot, PERSON, [ME]), np.array([10])).values[0]
    shares = {c.name: float(v) for c, v in zip(plan.columns, values, strict=True) if c.over is not None}
    assert len(shares) == 2
    assert {name.split("/")[2].split(".")[0]: share for name, share in shares.items()} == {"MISSED": 0.5, "DEFAULTED_ON": 0.25}


@pytest.mark.parametrize("edge", [LIVES_AT, MISSED])
@pytest.mark.parametrize("direction", list(Direction))
def test_step_that_must_not_be_seen_gives_no_column_from_either_end(edge, direction):
    snapshot = in_memory([lives(1, ME), missed(3, ME)])
    assert planned(snapshot).names
    assert planned(snapshot, unseen=frozenset({Step(edge, direction)})).names == ()
