"""As of T a version counts if it was known before T, is no deletion, and no later one of its series was known before T."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.features.table import Scope, build_features, plan_features
from graph.neighbourhood import recent
from graph.snapshot import Snapshot, publish_snapshot
from graph.steps import Direction, Step
from tests.support.ledger_store import LedgerStore
from tests.support.snapshots import (
    DESCRIBED,
    FANOUTS,
    HOLDS,
    KNOWS,
    PAID,
    PERSON,
    SAME_AS,
    batches,
    expected_tree,
    fact,
    forest,
    graphs,
    in_memory,
    key,
    published,
    rows_of,
    version,
)

CORRECTED = (HOLDS, HOLDS, PAID, KNOWS, DESCRIBED, SAME_AS)
HISTORY = [
    version(HOLDS, 1, 7, 0, 1, 10),
    version(HOLDS, 2, 7, 0, 2, 20),
    version(HOLDS, 3, 7, 0, 2, 30, withdrawn=True),
]
COUNTING = [(10, []), (11, [1]), (20, [1]), (21, [2]), (30, [2]), (31, []), (99, [])]


def held(snapshot: Snapshot, as_of_s: int, limit: int = 9) -> list[int]:
    """Numbers of the facts that count of what person 0 holds."""
    found = recent(snapshot, Step(HOLDS, Direction.OUT), rows_of(snapshot, PERSON, [0]), np.array([as_of_s]), limit)
    return [int(i[8:], 16) for i in snapshot.fact_ids(HOLDS, found.ref)]


def persons(snapshot: Snapshot) -> list[int]:
    return [n for n in range(6) if snapshot.row_of(PERSON, key(PERSON, n)) is not None]


@pytest.mark.parametrize(("as_of_s", "seen"), COUNTING)
def test_a_version_counts_until_the_next_is_known(as_of_s, seen):
    assert held(in_memory(HISTORY), as_of_s) == seen


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize(("as_of_s", "seen"), COUNTING)
def test_each_version_in_a_segment_of_its_own_counts_as_in_one_base(tmp_path, order, as_of_s, seen):
    assert held(published(tmp_path, *([HISTORY[n]] for n in order)), as_of_s) == seen


def test_a_delta_is_enough_for_a_correction(tmp_path):
    store = LedgerStore(batches(HISTORY[:1]))
    publish_snapshot(store, tmp_path)
    store.commits.append(batches(HISTORY[1:]))
    assert publish_snapshot(store, tmp_path).name.startswith("delta-")
    assert [held(Snapshot.open(tmp_path), t) for t, _ in COUNTING] == [seen for _, seen in COUNTING]


def test_of_versions_known_in_one_second_the_last_by_id_counts():
    rows = [version(HOLDS, n, 7, 0, n, 10) for n in range(1, 4)]
    last = max(rows, key=lambda row: row[1]["id"])[1]["id"]
    assert held(in_memory(rows), 11) == [int(last[8:], 16)]


def test_a_deletion_before_its_original_hides_it_no_longer_than_until_it_is_known_again():
    assert held(in_memory([version(HOLDS, 1, 7, 0, 1, 10, withdrawn=True), version(HOLDS, 2, 7, 0, 1, 20)]), 21) == [2]


def test_a_deletion_of_what_never_came_hides_nothing_else():
    assert held(in_memory([fact(HOLDS, 1, 0, 1, 10), version(HOLDS, 2, 7, 0, 1, 20, withdrawn=True)]), 21) == [1]


def test_replaced_versions_do_not_use_up_the_limit():
    replaced = [version(HOLDS, n, 7, 0, 2, n) for n in range(10, 60)]
    assert held(
        in_memory([fact(HOLDS, 1, 0, 1, 5), *replaced, version(HOLDS, 60, 7, 0, 2, 60, withdrawn=True)]), 99, limit=1
    ) == [1]


def test_a_correction_to_another_end_takes_the_fact_away_from_the_first():
    snapshot = in_memory([version(HOLDS, 1, 7, 0, 1, 10), version(HOLDS, 2, 7, 3, 1, 20)])
    assert (held(snapshot, 20), held(snapshot, 21)) == ([1], [])


def test_edge_types_without_a_correction_are_not_looked_at(tmp_path):
    snapshot = published(tmp_path, [version(HOLDS, 1, 7, 0, 1, 10), fact(KNOWS, 2, 0, 1, 10)])
    assert not snapshot.corrects(HOLDS)
    assert not snapshot.corrects(KNOWS)
    assert held(snapshot, 11) == [1]


def test_a_published_version_that_was_replaced_does_not_stand_in_for_a_requests_fact(tmp_path):
    snapshot = published(tmp_path, HISTORY[:2])
    again = fact(HOLDS, 9, 0, 1, 15, at_us=HISTORY[0][1]["at_us"])
    assert held(snapshot.with_overlay(batches([again]), as_of_s=20), 20) == [1]
    assert held(snapshot.with_overlay(batches([again]), as_of_s=25), 25) == [9, 2]


@given(graphs(40, edges=CORRECTED, corrected=True), st.data())
@settings(max_examples=80, deadline=None)
def test_versions_count_as_a_walk_fact_by_fact_says(rows, data):
    snapshot = in_memory(rows)
    numbers = persons(snapshot)
    times = data.draw(st.lists(st.integers(0, 11), min_size=len(numbers), max_size=len(numbers)))
    expected = [expected_tree(rows, PERSON, key(PERSON, n), t, FANOUTS) for n, t in zip(numbers, times, strict=True)]
    assert forest(snapshot, numbers, times) == expected


@given(*(graphs(14, 100 * n, CORRECTED, corrected=True) for n in range(3)), st.integers(0, 11))
@settings(max_examples=30, deadline=None)
def test_three_segments_answer_like_one(first, second, third, as_of_s):
    whole = in_memory([*first, *second, *third])
    layered = in_memory(first).with_overlay(batches(second)).with_overlay(batches(third))
    numbers = persons(whole)
    assert forest(layered, numbers, [as_of_s] * len(numbers)) == forest(whole, numbers, [as_of_s] * len(numbers))


@given(graphs(edges=CORRECTED, corrected=True), graphs(25, 1000, CORRECTED, corrected=True), st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_later_corrections_change_no_bit_of_what_was_before(rows, others, as_of_s):
    past = [(e, r) for e, r in rows if r["known_at_s"] < as_of_s]
    future = [(e, r | {"known_at_s": r["known_at_s"] + as_of_s}) for e, r in others]
    before, after = in_memory(past), in_memory(past + future)
    numbers = persons(before)
    times = np.full(len(numbers), as_of_s)
    assert forest(before, numbers, times.tolist()) == forest(after, numbers, times.tolist())
    plan = plan_features(before, PERSON, as_of_s, Scope.NEIGHBOURS, currency="CZK")
    assert plan_features(after, PERSON, as_of_s, Scope.NEIGHBOURS, currency="CZK") == plan
    one, other = (build_features(s, plan, rows_of(s, PERSON, numbers), times, frozenset()) for s in (before, after))
    assert one.values.tobytes() == other.values.tobytes()
